import { create } from 'zustand';
import type { TableTopics } from '../../shared/contract/topics.ts';

/** Tables that React draws; bars go to their own replica (bars-replica.ts). */
type ScreenTable =
  | 'markets'
  | 'links'
  | 'signals'
  | 'orders'
  | 'deals'
  | 'fills'
  | 'markers'
  | 'backfills'
  | 'agents'
  | 'announcements'
  | 'calendar'
  | 'news'
  | 'quotes';

export type TablesState = { readonly [T in ScreenTable]: readonly TableTopics[T][] };

const NONE: TablesState = {
  markets: [],
  links: [],
  signals: [],
  orders: [],
  deals: [],
  fills: [],
  markers: [],
  backfills: [],
  agents: [],
  announcements: [],
  calendar: [],
  news: [],
  quotes: [],
};

/** The table topics, rows in the order in which they first came. */
export const useTables = create<TablesState>(() => NONE);

export function isScreenTable(topic: string): topic is ScreenTable {
  return topic in NONE;
}

/** Takes a snapshot or delta of a table in. */
export function takeTable(
  topic: ScreenTable,
  snapshot: boolean,
  upsert: readonly { readonly id: string }[],
  remove: readonly string[],
): void {
  useTables.setState((state) => ({ [topic]: mergeRows(snapshot ? [] : state[topic], upsert, remove) }));
}

export function clearTables(): void {
  useTables.setState(NONE);
}

/** Rows with those of `upsert` replaced or added and those of `remove` gone; the order of what stays is kept. */
export function mergeRows<R extends { readonly id: string }>(
  rows: readonly R[],
  upsert: readonly R[],
  remove: readonly string[],
): R[] {
  const merged = new Map(rows.map((row) => [row.id, row]));
  for (const id of remove) merged.delete(id);
  for (const row of upsert) merged.set(row.id, row);
  return [...merged.values()];
}
