import { type ColumnDefinitionBuilder, type RawBuilder, sql } from 'kysely';
import type { Column } from './tables/table-rows.ts';

/** A condition with the values of its question marks. */
export interface SqlPart {
  readonly text: string;
  readonly values: readonly Column[];
}

/** Where the two databases differ in how tables are made and asked. Everything else is the same for both. */
export interface SqlDialect {
  readonly name: 'sqlite' | 'postgres';
  /** Type of whole numbers of 64 bits. */
  readonly whole: 'integer' | 'bigint';
  /** Type of floating-point numbers of 64 bits. */
  readonly decimal: 'real' | 'double precision';
  /** Makes a whole-number column the key, which the database numbers. */
  readonly numbered: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
  /** What stands behind the columns of a table. */
  readonly tableEnd: RawBuilder<unknown>;
  /** The same for a table whose rows lie in the order of its key, where that can be had. */
  readonly keyOrderedEnd: RawBuilder<unknown>;
  /** Definition of a column that shows a column of µs as a time: a text of UTC in SQLite, which its date functions take. */
  readonly shownTime: (name: string, us: string) => string;
  /** The time now, as shown times are compared with it. */
  readonly now: string;
  /** A text as it is ordered by its bytes. */
  readonly byBytes: (column: string) => string;
  /** Holds for market rows of a span of venue time, by the column that finds them; the end is exclusive. */
  readonly venueTimeIn: (fromUs: number, toUs: number) => SqlPart;
}

export const SQLITE: SqlDialect = {
  name: 'sqlite',
  whole: 'integer',
  decimal: 'real',
  numbered: (column) => column.primaryKey(),
  tableEnd: sql`strict`,
  keyOrderedEnd: sql`strict, without rowid`,
  shownTime: (name, us) =>
    `${name} text generated always as (strftime('%Y-%m-%d %H:%M:%S', (${us}) / 1000000, 'unixepoch') || printf('.%06d', (${us}) % 1000000)) virtual`,
  now: "strftime('%Y-%m-%d %H:%M:%f', 'now')",
  byBytes: (column) => column,
  venueTimeIn: (fromUs, toUs) => ({
    text: 'provider_event_ns >= ? and provider_event_ns < ?',
    values: [nanosOf(fromUs), nanosOf(toUs)],
  }),
};

export const POSTGRES: SqlDialect = {
  name: 'postgres',
  whole: 'bigint',
  decimal: 'double precision',
  numbered: (column) => column.primaryKey().generatedByDefaultAsIdentity(),
  tableEnd: sql``,
  keyOrderedEnd: sql``,
  // A double holds the microseconds of this century exactly once they are rounded, which to_timestamp does.
  shownTime: (name, us) => `${name} timestamptz generated always as (to_timestamp((${us}) / 1000000.0::float8)) stored`,
  now: 'now()',
  byBytes: (column) => `${column} collate "C"`,
  venueTimeIn: (fromUs, toUs) => ({
    text: 'provider_event_ts >= ?::timestamptz and provider_event_ts < ?::timestamptz',
    values: [isoTime(fromUs), isoTime(toUs)],
  }),
};

/** Nanoseconds of whole microseconds. */
export function nanosOf(us: number): bigint {
  return BigInt(us) * 1000n;
}

/** A time as a text with microseconds, UTC: `2026-11-18 13:00:00.000000+00`. */
export function isoTime(us: number): string {
  const seconds = Math.floor(us / 1_000_000);
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `${whole}.${String(us - seconds * 1_000_000).padStart(6, '0')}+00`;
}
