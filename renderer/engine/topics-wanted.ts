import type { Selection } from '../stores/selection.ts';
import type { TablesState } from '../stores/tables-store.ts';

const ALWAYS = [
  'terminal',
  'health',
  'ticket',
  'account',
  'replay',
  // Links before markets: a market of theirs is never taken for one that is only watched.
  'links',
  'markets',
  'signals',
  'orders',
  'deals',
  'fills',
  'markers',
  'backfills',
  'agents',
  'announcements',
  'calendar',
  'news',
  'quotes',
];

/**
 * Topics that the screen needs now: everything slow, all fast topics of the watched market, and depth of every market
 * whose price the screen computes a result with.
 */
export function wantedTopics(selection: Selection, tables: TablesState): ReadonlySet<string> {
  const topics = new Set(ALWAYS);
  const { link } = selection;
  const signal = link?.signalMarket ?? selection.signal?.index;
  if (signal !== undefined) {
    for (const kind of ['depth', 'columns', 'trades', 'features', 'ladder', 'bars']) topics.add(`${kind}:${signal}`);
  }
  if (link) {
    topics.add(`depth:${link.executionMarket}`);
    topics.add(`bars:${link.barsMarket}`);
  }
  for (const deal of tables.deals) {
    if (deal.state === 'closed') continue;
    topics.add(`depth:${deal.market}`);
    for (const market of tables.markets) {
      if (
        market.root === 'USDJPY' &&
        tables.markets.some((m) => m.index === deal.market && m.quoteCurrency === 'JPY')
      ) {
        topics.add(`depth:${market.index}`);
      }
    }
  }
  return topics;
}
