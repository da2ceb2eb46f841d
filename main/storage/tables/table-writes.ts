import type { StoreBatch } from '../store-batch.ts';
import { newsRow } from './calendar-rows.ts';
import type { RowContext } from './row-context.ts';
import {
  barRow,
  dealRow,
  fillRow,
  gateRow,
  mappingRow,
  noteRow,
  orderRow,
  proposalRow,
  sessionRow,
  settingRow,
  signalRow,
  type TableName,
  type TableRow,
  verdictRow,
} from './table-rows.ts';

/** Rows on their way into a table. */
export type TableWrite = readonly [table: TableName, rows: readonly TableRow[]];

/** What a batch puts of rows that can be made again, apart from those in masses. */
export function marketWrites({ bars, signals, proposals }: StoreBatch, context: RowContext): readonly TableWrite[] {
  return [
    ['bars', bars.map((row) => barRow(row, context))],
    ['signals', signals.map((row) => signalRow(row, context))],
    ['proposals', proposals.map((row) => proposalRow(row, context))],
  ];
}

/** Takes away gates of calendar events that begin in a span, before those are put that were told of it. */
export const REMOVE_GATES = 'delete from news_gates where event_id is not null and from_us >= ? and from_us < ?';

/** What a batch puts of rows that cannot be made again, apart from the calendar and from settings that are taken away. */
export function durableWrites(batch: StoreBatch, context: RowContext): readonly TableWrite[] {
  return [
    ['orders', batch.orders.map((row) => orderRow(row, context))],
    ['fills', batch.fills.map((row) => fillRow(row, context))],
    ['deals', batch.deals.map((row) => dealRow(row, context))],
    ['iss_news', batch.news.map(newsRow)],
    ['news_gates', batch.gates.flatMap(({ rows }) => rows).map(gateRow)],
    ['symbol_mappings', batch.mappings.map((row) => mappingRow(row, context))],
    ['agent_verdicts', batch.verdicts.map((row) => verdictRow(row, context))],
    ['journal_notes', batch.notes.map((row) => noteRow(row, context))],
    ['sessions', batch.sessions.map((row) => sessionRow(row, context))],
    ['settings', batch.settings.filter(({ value }) => value !== null).map(settingRow)],
  ];
}
