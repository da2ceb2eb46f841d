import type { MarketRow } from '../../shared/contract/topics.ts';
import type { AccountState, DealRow, OrderRow } from '../../shared/trading.ts';
import { NANO } from '../../shared/units.ts';
import { terminal } from '../engine/page-terminal.ts';
import { resultClass, resultText } from '../format/money-text.ts';
import { pipsText, priceText, signedText } from '../format/price-text.ts';
import { runAction } from '../keys/actions.ts';
import { chordText } from '../keys/keymap.ts';
import { useKeymap } from '../keys/keymap-store.ts';
import { useRecords } from '../stores/records-store.ts';
import { marketAt, useSelection } from '../stores/selection.ts';
import { useTables } from '../stores/tables-store.ts';
import { flattenWords } from './flatten-words.ts';
import { PriceText } from './live-price.tsx';
import { LiveText } from './live-text.tsx';
import { openMinor, openTicks } from './open-result.ts';
import { PaneFrame } from './pane-frame.tsx';

/** A deal that was opened this lately flashes once when its row appears. */
const FRESH_US = 1_000_000;

/** Open deals with their result at the prices of now, working orders, the account, and the way out. */
export function PositionsPane() {
  const account = useRecords((state) => state.account);
  const deals = useTables((state) => state.deals);
  const orders = useTables((state) => state.orders);
  const markets = useTables((state) => state.markets);
  const { execution, signal, watchOnly } = useSelection();
  const open = deals.filter((deal) => deal.state !== 'closed');
  const working = orders.filter((order) =>
    ['intended', 'sent', 'working', 'partially-filled', 'cancel-sent', 'unknown'].includes(order.state),
  );
  return (
    <PaneFrame name="Positions" market={watchOnly ? null : execution} waitsFor="the account" keeps>
      <div className="stack">
        {account && <AccountLine account={account} open={open} markets={markets} />}
        <div className="fill scroll positions-box">
          {open.length + working.length === 0 ? (
            <p className="empty">Flat. No deal is open and no order is working.</p>
          ) : (
            <table className="rows positions">
              <thead>
                <tr>
                  <th>Deal</th>
                  <th className="num open-price">Open</th>
                  <th className="num">Pips</th>
                  <th className="num">R</th>
                  <th className="num">{account?.currency}</th>
                  <th />
                </tr>
              </thead>
              <tbody>
                {open.map((deal) => (
                  <Deal key={deal.id} deal={deal} market={marketAt(markets, deal.market)} account={account} />
                ))}
                {working.map((order) => (
                  <Order key={order.id} order={order} market={marketAt(markets, order.market)} />
                ))}
              </tbody>
            </table>
          )}
        </div>
        <FlattenRow
          open={open}
          execution={execution}
          label={(watchOnly ? signal : execution)?.label ?? ''}
          entries={working.filter((order) => order.purpose === 'open' && order.market === execution?.index).length}
        />
      </div>
    </PaneFrame>
  );
}

/** Result of a deal in the account currency at the prices of now. */
function liveMinor(deal: DealRow, market: MarketRow, account: AccountState, markets: readonly MarketRow[]): number {
  return openMinor(deal, market, terminal.replica.market(market.index), account.currency, (root) => {
    const row = markets.find((m) => m.root === root);
    return row && { mid: (terminal.replica.market(row.index).mid * row.tickNano) / NANO };
  });
}

function AccountLine({
  account,
  open,
  markets,
}: {
  readonly account: AccountState;
  readonly open: readonly DealRow[];
  readonly markets: readonly MarketRow[];
}) {
  const openNow = (): number => {
    let sum = 0;
    for (const deal of open) {
      const market = marketAt(markets, deal.market);
      if (market) sum += liveMinor(deal, market, account, markets);
    }
    return sum;
  };
  return (
    <dl className="figures account">
      <div>
        <dt>Balance {account.currency}</dt>
        <dd>{resultText(account.balanceMinor, account.currency).replace('+', '')}</dd>
      </div>
      <div>
        <dt>Open</dt>
        <dd>
          <LiveText read={() => resultText(openNow(), account.currency)} classOf={() => resultClass(openNow())} />
        </dd>
      </div>
      <div>
        <dt>Today</dt>
        <dd className={resultClass(account.realisedTodayMinor)}>
          {resultText(account.realisedTodayMinor, account.currency)}
        </dd>
      </div>
      <div>
        <dt>R today</dt>
        <dd className={resultClass(account.rToday * 100)}>{signedText(account.rToday, 1)}</dd>
      </div>
    </dl>
  );
}

function Deal({
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
      <td className="num">
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

function Order({ order, market }: { readonly order: OrderRow; readonly market: MarketRow | undefined }) {
  if (!market) return null;
  const side = order.side === 'buy' ? 'Buy' : 'Sell';
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
      <td className={order.state === 'unknown' ? 'fault' : 'quiet'} colSpan={4}>
        {order.state}
        {order.filledLots > 0 && ` · ${order.filledLots} filled`}
      </td>
    </tr>
  );
}

function FlattenRow({
  open,
  execution,
  label,
  entries,
}: {
  readonly open: readonly DealRow[];
  readonly execution: MarketRow | undefined;
  /** Name of what the panes show. */
  readonly label: string;
  readonly entries: number;
}) {
  const key = useKeymap(({ keymap }) => chordText(keymap.flatten));
  const allKey = useKeymap(({ keymap }) => chordText(keymap.flattenAll));
  const here = open.filter((deal) => deal.market === execution?.index);
  const elsewhere = open.length - here.length;
  return (
    <div className="flatten-row">
      <button type="button" className="flatten" onClick={() => runAction('flatten', null)}>
        {flattenWords(label, here, entries)} <kbd>{key}</kbd>
      </button>
      {elsewhere > 0 && (
        <button type="button" className="flatten-all" onClick={() => runAction('flattenAll', null)}>
          Flatten all {open.length} <kbd>{allKey}</kbd>
        </button>
      )}
    </div>
  );
}
