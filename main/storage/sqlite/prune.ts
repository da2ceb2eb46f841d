import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { soon } from '../../core/clock/wall-timer.ts';
import type { KeepDays, MarketTable } from '../../core/store-port.ts';
import { MARKET_TABLE_NAMES } from '../tables/market-tables.ts';
import { keptFromUs, marketKeptFrom, type PruneReport, type Removal } from '../tables/retention.ts';
import { dayPath, storedDays } from './day-files.ts';
import { connect } from './sqlite-connection.ts';

/** Bars in one transaction: a writer beside this one waits no longer than for so many. */
const BARS_AT_ONCE = 20_000;

/**
 * Removes market rows of expired trading days, the files of days that have nothing left, and expired bars. A file that
 * lost rows is made smaller. Between the steps others have their turn; a kill leaves whole files, and the rest for the next
 * time. Nobody may have the files of expired days open: close `DayFiles` before. Throws what SQLite throws.
 * @param main the database that holds everything else
 * @param folder where the files of the days are
 * @param nowUs the time now; the trading day that holds it is never touched
 * @param dryRun only counts
 */
export async function pruneSqlite(
  main: Database.Database,
  folder: string,
  keep: KeepDays,
  nowUs: number,
  dryRun = false,
): Promise<PruneReport> {
  const removed = new Map<string, { rows: number; parts: string[] }>();
  const note = (table: string, rows: number, part?: string) => {
    const known = removed.get(table) ?? { rows: 0, parts: [] };
    removed.set(table, known);
    known.rows += rows;
    if (part !== undefined) known.parts.push(part);
  };
  const files: string[] = [];
  const keptFrom = marketKeptFrom(keep, nowUs);
  for (const { date, toUs } of storedDays(folder)) {
    const expired = MARKET_TABLE_NAMES.filter((table) => toUs <= (keptFrom.get(table) ?? 0));
    if (expired.length === 0) continue;
    await turn();
    const { rows, empty } = pruneDay(dayPath(folder, date), expired, dryRun);
    for (const [table, count] of rows) note(table, count, date);
    if (empty) files.push(date);
  }
  const bars = await pruneBars(main, keptFromUs(keep.bars, nowUs), dryRun);
  if (bars > 0) note('bars', bars);
  const removals: Removal[] = Array.from(removed, ([table, removal]) => ({ table, ...removal }));
  return { removals, files };
}

interface PrunedDay {
  readonly rows: ReadonlyMap<MarketTable, number>;
  /** The file went, since nothing is left in it. */
  readonly empty: boolean;
}

function pruneDay(path: string, expired: readonly MarketTable[], dryRun: boolean): PrunedDay {
  const connection = dryRun ? new Database(path, { readonly: true }) : connect({ path, maxBytes: undefined }, 'full');
  const rows = new Map<MarketTable, number>();
  let empty: boolean;
  try {
    const count = (table: MarketTable) =>
      connection.prepare<unknown[], { n: number }>(`select count(*) as n from ${table}`).get()!.n;
    for (const table of expired) {
      const n = count(table);
      if (n > 0) rows.set(table, n);
    }
    const others = MARKET_TABLE_NAMES.filter((table) => !expired.includes(table));
    empty = others.every((table) => connection.prepare(`select 1 from ${table} limit 1`).get() === undefined);
    if (!dryRun && !empty && rows.size > 0) {
      connection.transaction(() => {
        for (const table of rows.keys()) connection.exec(`delete from ${table}`);
      })();
      // The day is over: nobody waits to write into this file.
      connection.exec('vacuum');
      connection.exec('analyze');
    }
  } finally {
    connection.close();
  }
  if (empty && !dryRun) removeDatabase(path);
  return { rows, empty };
}

/** The log first: left alone, it would be taken for that of a new file of this name. */
function removeDatabase(path: string): void {
  for (const suffix of ['-wal', '-shm', '']) rmSync(path + suffix, { force: true });
}

async function pruneBars(main: Database.Database, keptUs: number | undefined, dryRun: boolean): Promise<number> {
  if (keptUs === undefined) return 0;
  if (dryRun) {
    return main.prepare<unknown[], { n: number }>('select count(*) as n from bars where ts_event_us < ?').get(keptUs)!
      .n;
  }
  const some = main.prepare(
    `delete from bars where (instrument_id, interval_us, ts_event_us) in
       (select instrument_id, interval_us, ts_event_us from bars where ts_event_us < ? limit ${BARS_AT_ONCE})`,
  );
  let bars = 0;
  for (let last = BARS_AT_ONCE; last === BARS_AT_ONCE; bars += last) {
    await turn();
    last = some.run(keptUs).changes;
  }
  if (bars > 0) main.pragma('optimize');
  return bars;
}

/** Lets others have their turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => soon(resolve));
}
