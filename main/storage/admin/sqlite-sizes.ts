import { existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { HOUR_US } from '../../../shared/units.ts';
import type { MarketTable } from '../../core/store-port.ts';
import { dayPath, storedDays } from '../sqlite/day-files.ts';
import { readDay } from '../sqlite/read-day.ts';
import { MARKET_TABLE_NAMES } from '../tables/market-tables.ts';
import type { TableSize } from './store-admin.ts';

/** Rows up to which a table of a file is counted. */
const COUNTED = 1_000_000;
/** Bytes of files whose pages are told apart by tables; what is older is reckoned from what these hold. */
const MEASURED_BYTES = 512 * 1024 * 1024;
const GROWTH_US = 24 * HOUR_US;

interface Tally {
  rows: number;
  exact: boolean;
  bytes: number;
  bytesExact: boolean;
  /** Rows and bytes of files that were measured. */
  measuredRows: number;
}

/** Sizes of all tables of the embedded database. @param path of the file that is not a day's */
export function sqliteSizes(path: string, folder: string): readonly TableSize[] {
  const sizes: TableSize[] = [];
  const main = new Database(path, { readonly: true });
  try {
    const bytes = bytesByTable(main);
    const tables = main
      .prepare<unknown[], { name: string }>(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name not like 'kysely%' order by name",
      )
      .all();
    for (const { name } of tables) {
      const { n } = main.prepare<unknown[], { n: number }>(`select count(*) as n from ${name}`).get()!;
      const rowsPerHour = name === 'bars' ? barsPerHour(main) : undefined;
      const size = { table: name, rows: n, rowsExact: true, bytes: bytes.get(name) ?? 0, bytesExact: true };
      sizes.push({ ...size, compressed: undefined, rowsPerHour });
    }
  } finally {
    main.close();
  }
  const market = marketSizes(folder);
  return [...market, ...sizes];
}

function marketSizes(folder: string): readonly TableSize[] {
  const tallies = new Map<MarketTable, Tally>();
  for (const table of MARKET_TABLE_NAMES) {
    tallies.set(table, { rows: 0, exact: true, bytes: 0, bytesExact: true, measuredRows: 0 });
  }
  const dates = storedDays(folder)
    .map(({ date }) => date)
    .reverse();
  let left = MEASURED_BYTES;
  for (const date of dates) {
    const fileBytes = fileSize(dayPath(folder, date));
    // The newest file is measured however large it is: the others are reckoned by it.
    const measured = fileBytes <= left || left === MEASURED_BYTES;
    left -= fileBytes;
    readDay(folder, date, (day) => {
      const bytes = measured ? bytesByTable(day) : undefined;
      for (const table of MARKET_TABLE_NAMES) addDay(tallies.get(table)!, day, table, bytes?.get(table));
    });
  }
  return MARKET_TABLE_NAMES.map((table) => {
    const { rows, exact, bytes, bytesExact } = tallies.get(table)!;
    const size = { table, rows, rowsExact: exact, bytes: Math.round(bytes), bytesExact };
    return { ...size, compressed: undefined, rowsPerHour: marketRowsPerHour(folder, dates, table) };
  });
}

function addDay(tally: Tally, day: Database.Database, table: MarketTable, bytes: number | undefined): void {
  // Rows are numbered as they come, and none are deleted but all of them.
  const { n } = day.prepare<unknown[], { n: number }>(`select coalesce(max(rowid), 0) as n from ${table}`).get()!;
  const counted = n <= COUNTED;
  const rows = counted ? day.prepare<unknown[], { n: number }>(`select count(*) as n from ${table}`).get()!.n : n;
  if (bytes === undefined) {
    if (rows > 0) tally.bytesExact = false;
    tally.bytes += tally.measuredRows === 0 ? 0 : (rows * tally.bytes) / tally.rows;
  } else {
    tally.bytes += bytes;
    tally.measuredRows += rows;
  }
  tally.rows += rows;
  tally.exact &&= counted;
}

/** Bytes of every table with its indexes. */
function bytesByTable(connection: Database.Database): ReadonlyMap<string, number> {
  const rows = connection
    .prepare<unknown[], { name: string; bytes: number }>(
      `select tbl_name as name, sum(pgsize) as bytes from dbstat join sqlite_master on sqlite_master.name = dbstat.name
       where aggregate = true group by tbl_name`,
    )
    .all();
  return new Map(rows.map(({ name, bytes }) => [name, bytes]));
}

function barsPerHour(main: Database.Database): number | undefined {
  const { last } = main.prepare<unknown[], { last: number | null }>('select max(ts_event_us) as last from bars').get()!;
  if (last === null) return undefined;
  const { n, first } = main
    .prepare<unknown[], { n: number; first: number }>(
      'select count(*) as n, min(ts_event_us) as first from bars where ts_event_us > ?',
    )
    .get(last - GROWTH_US)!;
  return perHour(n, last - first);
}

/** @param dates of the days, newest first */
function marketRowsPerHour(folder: string, dates: readonly string[], table: MarketTable): number | undefined {
  let lastUs: number | undefined;
  let firstUs = 0;
  let rows = 0;
  for (const date of dates) {
    // The newest day is taken whole: it ends with the last row, and is a day.
    const fromNs = lastUs === undefined ? 0n : BigInt(lastUs - GROWTH_US) * 1000n;
    const span = readDay(folder, date, (day) =>
      day
        .prepare<unknown[], { n: number; first: number | null; last: number | null }>(
          `select count(*) as n, min(provider_event_ns) / 1000 as first, max(provider_event_ns) / 1000 as last
           from ${table} where provider_event_ns > ?`,
        )
        .get(fromNs),
    )!;
    if (span.first === null || span.last === null) {
      if (lastUs !== undefined) break;
      continue;
    }
    lastUs ??= span.last;
    firstUs = span.first;
    rows += span.n;
  }
  return lastUs === undefined ? undefined : perHour(rows, lastUs - firstUs);
}

/** Growth over a span of data: at least an hour is taken for it, so that a minute of data promises nothing. */
export function perHour(rows: number, spanUs: number): number {
  return rows / Math.max(1, spanUs / HOUR_US);
}

function fileSize(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}
