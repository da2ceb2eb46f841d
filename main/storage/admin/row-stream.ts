/** What the values of a column are. A `time` is a text `2026-11-18T13:00:00.123457Z`. */
export type CellKind = 'whole' | 'real' | 'text' | 'time';

export interface StreamColumn {
  readonly name: string;
  readonly kind: CellKind;
}

/** A value: bigint for whole numbers, so that nanoseconds are exact. */
export type Cell = bigint | number | string | null;
export type CellRow = readonly Cell[];

/** Rows as they come from a database, never all of them at once. */
export interface RowStream {
  readonly columns: readonly StreamColumn[];
  /** About how many rows there are; 0 where that is not known. */
  readonly expected: number;
  /** To be run through once, to its end or to a `return`, which lets go of the database. */
  readonly batches: AsyncGenerator<readonly CellRow[], void, undefined>;
}

export type RowsQuestion =
  | {
      readonly ask: 'table';
      readonly table: string;
      /** Span of time by the table's own time column, µs; the end is exclusive. */
      readonly fromUs: number | undefined;
      readonly toUs: number | undefined;
    }
  | {
      readonly ask: 'sql';
      readonly text: string;
      /** Days of the embedded database that it is about; left out = the latest that can be read as one. */
      readonly fromUs: number | undefined;
      readonly toUs: number | undefined;
      /** Told where not all stored days are read. */
      readonly onNotice: (words: string) => void;
    };

/** Rows that are fetched and handed on together. */
export const ROWS_AT_ONCE = 2_000;

/** Columns of µs by which tables without venue time are found, the first that a table has. */
const TIME_COLUMNS = [
  ...['ts_event_us', 'at_us', 'start_us', 'created_us', 'opened_us', 'from_us', 'started_us', 'since_us'],
  ...['updated_us', 'first_seen_us'],
];

/** The time by which a table's rows are chosen: venue time in nanoseconds where it has that, else a column of µs. */
export function timeColumnOf(columns: readonly string[]): { name: string; unit: 'ns' | 'us' } | undefined {
  if (columns.includes('provider_event_ns')) return { name: 'provider_event_ns', unit: 'ns' };
  const name = TIME_COLUMNS.find((column) => columns.includes(column));
  return name === undefined ? undefined : { name, unit: 'us' };
}

const SHOWN = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?(?:\+00(?::?00)?|Z)?$/;

/** A time as databases write it in UTC, as ISO with microseconds; another text stays as it is. */
export function isoInstant(text: string): string {
  // The commonest form, which needs no parsing: a time of the embedded database.
  if (text.length === 26 && text[23] !== '+') return `${text.slice(0, 10)}T${text.slice(11)}Z`;
  const [, date, time, fraction = ''] = SHOWN.exec(text) ?? [];
  return date === undefined ? text : `${date}T${time}.${fraction.padEnd(6, '0')}Z`;
}

let day = '';
let dayUs = 0n;

/** µs since the epoch of what `isoInstant` gives. */
export function usOfIso(iso: string): bigint {
  const date = iso.slice(0, 10);
  if (date !== day) {
    // Days repeat: their part of the sum is made once for each.
    day = date;
    dayUs = BigInt(Date.parse(`${date}T00:00:00Z`)) * 1000n;
  }
  const digits = (from: number, to: number) => Number(iso.slice(from, to));
  const seconds = digits(11, 13) * 3600 + digits(14, 16) * 60 + digits(17, 19);
  return dayUs + BigInt(seconds * 1_000_000 + digits(20, 26));
}
