import type { MarketRow } from '../../shared/contract/topics.ts';
import type { AccountState, DealRow, OrderRow } from '../../shared/trading.ts';
import { NANO } from '../../shared/units.ts';
import { terminal } from '../engine/page-terminal.ts';
import { resultClass, resultText } from '../format/money-text.ts';
import { pipsText, priceText, signedText } from '../format/price-text.ts';
import { useTables } from '../stores/tables-store.ts';
import { PriceText } from './live-price.tsx';
import { LiveText } from './live-text.tsx';
import { openMinor, openTicks } from './open-result.ts';
import { StateIcon } from './state-icon.tsx';

/** A deal that was opened this lately flashes once when its row appears. */
const FRESH_US = 1_000_000;

/** Result of a deal in the account currency at the prices of now. */
export function liveMinor(
  deal: DealRow,
  market: MarketRow,
  account: AccountState,
  markets: readonly MarketRow[],
): number {
  return openMinor(deal, market, terminal.replica.market(market.index), account.currency, (root) => {
    const row = markets.find((m) => m.root === root);
    return row && { mid: (terminal.replica.market(row.index).mid * row.tickNano) / NANO };
  });
}

/** An open deal: what it is never gives way to what it brings. */
export function Deal({
  deal,
  market,
  account,
}: {
  readonly deal: DealRow;
  readonly market: MarketRow | undefined;
  readonly account: AccountState | null;
}) {
  if (!market || !account) return null;
  const replica = terminal.replica.market(market.index);
  const fresh = terminal.replica.clock.nowUs(performance.now()) - deal.openedUs < FRESH_US;
  const minor = (): number => liveMinor(deal, market, account, useTables.getState().markets);
  const side = deal.side === 'buy' ? 'Long' : 'Short';
  const protection = `opened at ${priceText(deal.openTicks, market)}, stop ${deal.stopTicks === null ? 'none' : pipsText((deal.stopTicks - deal.openTicks) * (deal.side === 'buy' ? 1 : -1), market)}, target ${deal.targetTicks === null ? 'none' : pipsText((deal.targetTicks - deal.openTicks) * (deal.side === 'buy' ? 1 : -1), market)} pips`;
  return (
    <tr title={`${deal.id}: ${protection}`} data-fresh={fresh}>
      <td>
        <span className={deal.side === 'buy' ? 'bid' : 'ask'}>
          {side} {deal.lots}
        </span>{' '}
        {market.label}
        {deal.stopTicks === null && <span className="caution"> no stop</span>}
      </td>
      <td className="num open-price">
        <PriceText ticks={deal.openTicks} style={market} />
      </td>
      <td className="num">
        <LiveText
          read={() => pipsText(openTicks(deal, replica), market)}
          classOf={() => resultClass(openTicks(deal, replica))}
        />
      </td>
      <td className="num result-r">
        <LiveText read={() => signedText(minor() / deal.riskMinor, 1)} classOf={() => resultClass(minor())} />
      </td>
      <td className="num strong">
        <LiveText read={() => resultText(minor(), account.currency)} classOf={() => resultClass(minor())} />
      </td>
      <td className="act">
        <button
          type="button"
          disabled={deal.state === 'closing'}
          aria-label={`Close ${deal.id}: ${deal.side === 'buy' ? 'sells' : 'buys'} ${deal.lots} ${market.label} at market`}
          onClick={() => void terminal.command('closeDeal', { dealId: deal.id })}
        >
          {deal.state === 'closing' ? 'closing' : 'Close'}
        </button>
      </td>
    </tr>
  );
}

/** States of an order in the trader's words. */
const STATES: Readonly<Record<OrderRow['state'], string>> = {
  intended: 'not sent yet',
  sent: 'sent, not taken yet',
  working: 'working',
  'partially-filled': 'working',
  filled: 'filled',
  'cancel-sent': 'being cancelled',
  cancelled: 'cancelled',
  rejected: 'rejected',
  unknown: 'unknown at the broker',
};

/** An order that works, or the last one of its market when the broker refused it. */
export function Order({ order, market }: { readonly order: OrderRow; readonly market: MarketRow | undefined }) {
  if (!market) return null;
  const side = order.side === 'buy' ? 'Buy' : 'Sell';
  const filled = order.filledLots > 0 ? `${order.filledLots} of ${order.lots} filled, ` : '';
  const wrong = order.state === 'unknown' || order.state === 'rejected';
  const words = `${filled}${STATES[order.state]}${order.reason === '' ? '' : `: ${order.reason}`}`;
  return (
    <tr className="order-row">
      <td>
        <span className={order.side === 'buy' ? 'bid' : 'ask'}>
          {side} {order.lots}
        </span>{' '}
        {market.label} <span className="quiet">{order.type}</span>
      </td>
      <td className="num open-price">
        {order.limitTicks !== null && <PriceText ticks={order.limitTicks} style={market} />}
      </td>
      <td className={`order-state ${wrong ? 'fault' : 'quiet'}`} colSpan={4} title={words}>
        {wrong && <StateIcon tone="fault" />} {words}
      </td>
    </tr>
  );
}
