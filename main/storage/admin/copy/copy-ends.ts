import type { MarketTable } from '../../../core/store-port.ts';
import type { RowBlock } from '../../tables/row-block.ts';
import type { TableName, TableRow } from '../../tables/table-rows.ts';

/** Tables with a key, in an order in which what they refer to is there already. */
export const KEYED_TABLES = [
  ...([
    'contracts',
    'symbol_mappings',
    'bars',
    'signals',
    'proposals',
    'orders',
    'fills',
    'deals',
    'settings',
  ] as const),
  ...(['iss_econ_calendar', 'iss_news', 'news_gates', 'agent_verdicts', 'journal_notes', 'sessions'] as const),
] as const satisfies readonly Exclude<TableName, 'instruments'>[];
export type KeyedTable = (typeof KEYED_TABLES)[number];

/** Columns that hold the number of an instrument, which is another one in another database. */
export const INSTRUMENT_COLUMN = /^(?:signal_|execution_)?instrument_id$/;

/** An instrument of the source. */
export interface CopiedInstrument {
  /** Its number in the source. */
  readonly id: number;
  /** Its columns but for the number. */
  readonly row: TableRow;
}

/**
 * Market rows that are copied in one transaction with the note that they are. Where a market index stands in a block, these
 * have the number of the instrument in the source.
 */
export interface Stretch {
  readonly table: MarketTable;
  /** Under which name they are noted. */
  readonly writer: string;
  /** How far the source is copied with them; grows from stretch to stretch of a writer. */
  readonly last: number;
  readonly blocks: readonly RowBlock[];
  readonly rows: number;
}

/** How far the source is copied, by writer. */
export type CopyNotes = ReadonlyMap<string, number>;

/** Rows and sums of numbers by which two databases are compared. */
export interface Totals {
  readonly rows: bigint;
  readonly sums: readonly bigint[];
}

/** By the number of the instrument; of a table without instruments under 0. */
export type TableTotals = ReadonlyMap<number, Totals>;

/** A database that is copied from. */
export interface CopySource {
  readonly place: string;
  /** A name that is the database's own and stays with it. */
  readonly identity: string;
  instruments(): Promise<readonly CopiedInstrument[]>;
  /** Names and numbers of batches that writers have noted; those of copies are left out. */
  batches(): Promise<readonly TableRow[]>;
  keyed(table: KeyedTable, columns: readonly string[]): AsyncIterable<readonly TableRow[]>;
  /** Market rows that are not copied yet, about. */
  remaining(notes: CopyNotes): Promise<number>;
  stretches(table: MarketTable, notes: CopyNotes): AsyncGenerator<Stretch, void, undefined>;
  marketTotals(table: MarketTable): Promise<TableTotals>;
  keyedTotals(table: KeyedTable, columns: readonly TotalledColumn[]): Promise<TableTotals>;
  /** An error in words. */
  inWords(error: unknown): Error;
  close(): Promise<void>;
}

/** A database that is copied into. Its tables are up to date. */
export interface CopyTarget {
  readonly place: string;
  /** Whether there are market rows already, of whomever. */
  holdsMarketRows(): Promise<boolean>;
  /** What copies of a source have noted. @param prefix of the writers */
  notes(prefix: string): Promise<CopyNotes>;
  /** Stores instruments; gives their numbers by those in the source. */
  putInstruments(instruments: readonly CopiedInstrument[]): Promise<ReadonlyMap<number, number>>;
  /** Columns of a table that are stored as they are given. */
  columns(table: KeyedTable): Promise<readonly TotalledColumn[]>;
  put(table: KeyedTable, rows: readonly TableRow[]): Promise<void>;
  putBatches(rows: readonly TableRow[]): Promise<void>;
  /** Stores a stretch with its note, unless it is noted already. */
  putStretch(stretch: Stretch): Promise<void>;
  /** Makes what was copied outlive a power cut, and tells the planner about it. */
  finish(): Promise<void>;
  marketTotals(table: MarketTable): Promise<TableTotals>;
  keyedTotals(table: KeyedTable, columns: readonly TotalledColumn[]): Promise<TableTotals>;
  inWords(error: unknown): Error;
  close(): Promise<void>;
}

/** A column as totals are made of it. */
export interface TotalledColumn {
  readonly name: string;
  readonly kind: 'whole' | 'real' | 'text' | 'letter';
}

/** Name under which a copy notes how far it is. @param part of the table that is noted by itself, or empty */
export function copyWriter(identity: string, table: MarketTable, part: string): string {
  return `copy ${identity} ${table}${part === '' ? '' : ` ${part}`}`;
}
