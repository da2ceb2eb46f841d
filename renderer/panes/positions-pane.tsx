import { useRef } from 'react';
import type { MarketRow } from '../../shared/contract/topics.ts';
import type { AccountState, DealRow, OrderRow } from '../../shared/trading.ts';
import { terminal } from '../engine/page-terminal.ts';
import { resultClass, resultText } from '../format/money-text.ts';
import { signedText } from '../format/price-text.ts';
import { runAction } from '../keys/actions.ts';
import { chordText } from '../keys/keymap.ts';
import { useKeymap } from '../keys/keymap-store.ts';
import { useRecords } from '../stores/records-store.ts';
import { marketAt, useSelection } from '../stores/selection.ts';
import { useTables } from '../stores/tables-store.ts';
import { Deal, liveMinor, Order } from './deal-rows.tsx';
import { flattenWords } from './flatten-words.ts';
import { LiveText } from './live-text.tsx';
import { PaneFrame } from './pane-frame.tsx';
import { useTightness } from './tightness.ts';

/** A rejected order is shown until the next one of its market, but no longer than this. */
const REJECTED_US = 600_000_000;
const WORKING: ReadonlySet<OrderRow['state']> = new Set([
  'intended',
  'sent',
  'working',
  'partially-filled',
  'cancel-sent',
  'unknown',
]);

/** Open deals with their result at the prices of now, working orders, the account, and the way out. */
export function PositionsPane() {
  const account = useRecords((state) => state.account);
  const deals = useTables((state) => state.deals);
  const orders = useTables((state) => state.orders);
  const markets = useTables((state) => state.markets);
  const { execution, signal, watchOnly } = useSelection();
  const open = deals.filter((deal) => deal.state !== 'closed');
  const working = orders.filter(({ state }) => WORKING.has(state));
  const shown = [...working, ...rejectedLast(orders)];
  const table = useRef<HTMLTableElement>(null);
  const tight = useTightness(table, open.length + shown.length);
  return (
    <PaneFrame name="Positions" market={watchOnly ? null : execution} waitsFor="the account" keeps>
      <div className="stack">
        {account && <AccountLine account={account} open={open} markets={markets} />}
        <div className="fill scroll positions-box">
          {open.length + shown.length === 0 ? (
            <p className="empty">Flat. No deal is open and no order is working.</p>
          ) : (
            <table className="rows positions" ref={table} data-tight={tight}>
              <thead>
                <tr>
                  <th>Deal</th>
                  <th className="num open-price">Open</th>
                  <th className="num">Pips</th>
                  <th className="num result-r">R</th>
                  <th className="num">{account?.currency}</th>
                  <th />
                </tr>
              </thead>
              <tbody>
                {open.map((deal) => (
                  <Deal key={deal.id} deal={deal} market={marketAt(markets, deal.market)} account={account} />
                ))}
                {shown.map((order) => (
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

/** Orders that the broker refused and that nothing followed in their market: the trader must not take them for sent. */
function rejectedLast(orders: readonly OrderRow[]): readonly OrderRow[] {
  const nowUs = terminal.replica.clock.nowUs(performance.now());
  return orders.filter(
    ({ state, market, createdUs, updatedUs }) =>
      state === 'rejected' &&
      nowUs - updatedUs < REJECTED_US &&
      !orders.some((later) => later.market === market && later.createdUs > createdUs),
  );
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
        <span>{flattenWords(label, here, entries)}</span> <kbd>{key}</kbd>
      </button>
      {elsewhere > 0 && (
        <button type="button" className="flatten-all" onClick={() => runAction('flattenAll', null)}>
          Flatten all {open.length} <kbd>{allKey}</kbd>
        </button>
      )}
    </div>
  );
}
