import Database from 'better-sqlite3';
import type { KeepDays, MarketTable } from '../../core/store-port.ts';
import { DayFileError } from '../store-fault.ts';
import { MARKET_TABLE_NAMES } from '../tables/market-tables.ts';
import { keptFromUs, marketKeptFrom, type PruneReport, type Removal } from '../tables/retention.ts';
import { dayPath, dayWords, storedDays } from './day-files.ts';
import { makeSmaller, removeDatabase } from './smaller-day.ts';
import { turn } from './turn.ts';

/** Bars in one transaction: a writer beside this one waits no longer than for so many. */
const BARS_AT_ONCE = 5_000;
/** Rows that are counted in one go. */
const COUNTED_AT_ONCE = 100_000;

export interface PruneOptions {
  /** Only counts. */
  readonly dryRun?: boolean;
  /** Lets go of what the caller has open of a day's file, which is to go or to be replaced. */
  readonly release?: (date: string) => void;
}

/**
 * Removes market rows of expired trading days, the files of days that have nothing left, and expired bars. A file that
 * lost rows is replaced by a smaller one. All in small steps between which others have their turn; a kill leaves whole
 * files, and the rest for the next time, and so do days in which somebody writes. Throws what SQLite
 * throws, DayFileError after everything else went.
 * @param main the database that holds everything else
 * @param folder where the files of the days are
 * @param nowUs the time now; the trading day that holds it is never touched
 */
export async function pruneSqlite(
  main: Database.Database,
  folder: string,
  keep: KeepDays,
  nowUs: number,
  { dryRun = false, release = () => undefined }: PruneOptions = {},
): Promise<PruneReport> {
  const removed = new Map<string, { rows: number; parts: string[] }>();
  const note = (table: string, rows: number, part?: string) => {
    const known = removed.get(table) ?? { rows: 0, parts: [] };
    removed.set(table, known);
    known.rows += rows;
    if (part !== undefined) known.parts.push(part);
  };
  const files: string[] = [];
  let failed: DayFileError | undefined;
  const keptFrom = marketKeptFrom(keep, nowUs);
  for (const { date, toUs } of storedDays(folder)) {
    const expired = MARKET_TABLE_NAMES.filter((table) => toUs <= (keptFrom.get(table) ?? 0));
    if (expired.length === 0) continue;
    const path = dayPath(folder, date);
    try {
      const { rows, empty } = await lookInto(path, expired);
      if (rows.size === 0 && !empty) continue;
      const gone = dryRun || (await remove(path, expired, empty, () => release(date)));
      if (!gone) continue;
      for (const [table, count] of rows) note(table, count, date);
      if (empty) files.push(date);
    } catch (error) {
      failed ??= new DayFileError(dayWords(date), error);
    }
  }
  const bars = await pruneBars(main, keptFromUs(keep.bars, nowUs), dryRun);
  if (bars > 0) note('bars', bars);
  // A day that cannot be read keeps nothing else from going.
  if (failed !== undefined) throw failed;
  const removals: Removal[] = Array.from(removed, ([table, removal]) => ({ table, ...removal }));
  return { removals, files };
}

interface ExpiredRows {
  readonly rows: ReadonlyMap<MarketTable, number>;
  /** Nothing else is in the file. */
  readonly empty: boolean;
}

async function lookInto(path: string, expired: readonly MarketTable[]): Promise<ExpiredRows> {
  const connection = new Database(path, { readonly: true });
  try {
    const rows = new Map<MarketTable, number>();
    for (const table of expired) {
      const n = await countOf(connection, table);
      if (n > 0) rows.set(table, n);
    }
    return { rows, empty: isEmptyBut(connection, expired) };
  } finally {
    connection.close();
  }
}

async function countOf(connection: Database.Database, table: MarketTable): Promise<number> {
  const some = connection.prepare<unknown[], { n: number; last: number }>(
    `select count(*) as n, max(rowid) as last from (select rowid from ${table} where rowid > ? order by rowid limit ${COUNTED_AT_ONCE})`,
  );
  let count = 0;
  for (let n = COUNTED_AT_ONCE, last = 0; n === COUNTED_AT_ONCE; count += n) {
    await turn();
    ({ n, last } = some.get(last)!);
  }
  return count;
}

function isEmptyBut(connection: Database.Database, tables: readonly MarketTable[]): boolean {
  const others = MARKET_TABLE_NAMES.filter((table) => !tables.includes(table));
  return others.every((table) => connection.prepare(`select 1 from ${table} limit 1`).get() === undefined);
}

/** @param empty nothing but expired rows was seen in the file */
async function remove(
  path: string,
  expired: readonly MarketTable[],
  empty: boolean,
  release: () => void,
): Promise<boolean> {
  if (!empty) return makeSmaller(path, expired, release);
  release();
  removeDatabase(path);
  return true;
}

async function pruneBars(main: Database.Database, keptUs: number | undefined, dryRun: boolean): Promise<number> {
  if (keptUs === undefined) return 0;
  if (dryRun) {
    return main.prepare<unknown[], { n: number }>('select count(*) as n from bars where ts_event_us < ?').get(keptUs)!
      .n;
  }
  // Series by series, whose bars lie in the order of time: nothing that is kept is read.
  const nextSeries = main.prepare<unknown[], { id: number; us: number }>(
    `select instrument_id as id, interval_us as us from bars where (instrument_id, interval_us) > (?, ?)
     order by instrument_id, interval_us limit 1`,
  );
  const some = main.prepare(
    `delete from bars where instrument_id = ? and interval_us = ? and ts_event_us in
       (select ts_event_us from bars where instrument_id = ? and interval_us = ? and ts_event_us < ?
        order by ts_event_us limit ${BARS_AT_ONCE})`,
  );
  let bars = 0;
  for (let series = nextSeries.get(-1, -1); series !== undefined; series = nextSeries.get(series.id, series.us)) {
    const { id, us } = series;
    for (let last = BARS_AT_ONCE; last === BARS_AT_ONCE; bars += last) {
      await turn();
      last = some.run(id, us, id, us, keptUs).changes;
    }
  }
  if (bars > 0) main.pragma('optimize');
  return bars;
}
