import type { Selection } from '../stores/selection.ts';
import type { TablesState } from '../stores/tables-store.ts';

const ALWAYS = [
  'terminal',
  'health',
  'ticket',
  'account',
  'replay',
  'markets',
  'links',
  'signals',
  'orders',
  'deals',
  'fills',
  'markers',
  'agents',
  'announcements',
];

/**
 * Topics that the screen needs now: everything slow, all fast topics of the signal market, and depth of every market
 * whose price the screen computes a result with.
 */
export function wantedTopics(selection: Selection, tables: TablesState): ReadonlySet<string> {
  const topics = new Set(ALWAYS);
  if (selection.link) {
    const signal = selection.link.signalMarket;
    for (const kind of ['depth', 'columns', 'trades', 'features', 'ladder', 'bars']) topics.add(`${kind}:${signal}`);
    topics.add(`depth:${selection.link.executionMarket}`);
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
