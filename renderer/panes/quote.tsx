import type { ReactNode } from 'react';
import type { MarketRow } from '../../shared/contract/topics.ts';
import { terminal } from '../engine/page-terminal.ts';
import { spreadText } from '../format/price-text.ts';
import { useConnection } from '../stores/connection-store.ts';
import { LivePrice } from './live-price.tsx';
import { LiveText } from './live-text.tsx';

/** Best bid and ask of a market, large, with their spread: in pips where the market has them, else in price. */
export function Quote({ market, children }: { readonly market: MarketRow; readonly children?: ReactNode }) {
  const prices = terminal.replica.market(market.index);
  const connected = useConnection((state) => state.phase === 'connected');
  const live = connected && (market.state === 'live' || market.state === 'warming');
  const spread = () => prices.ask - prices.bid;
  return (
    <div className="spot-quote" data-live={live}>
      <div className="spot-name">
        <span>{market.label}</span>
        <span className="quiet">spread</span>
        {market.hasPips ? (
          <LiveText className="figure" read={() => spreadText(spread(), market)} />
        ) : (
          <LivePrice className="figure" style={market} read={spread} />
        )}
        {!live && <span className="spot-state">{connected ? market.state.toUpperCase() : 'AWAY'}</span>}
      </div>
      <div className="spot-prices">
        <div className="spot-side bid">
          <span className="quiet">Bid</span>
          <LivePrice className="display" style={market} read={() => prices.bid} />
        </div>
        <div className="spot-side ask">
          <span className="quiet">Ask</span>
          <LivePrice className="display" style={market} read={() => prices.ask} />
        </div>
      </div>
      {children}
    </div>
  );
}
