import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { MarketTable } from '../main/core/store-port.ts';
import { dayMigrations } from '../main/storage/migrations.ts';
import { writtenColumn } from '../main/storage/sqlite/block-insert.ts';
import { migrateSqlite } from '../main/storage/sqlite/sqlite-migrate.ts';
import { SqliteStore } from '../main/storage/sqlite/sqlite-store.ts';
import { MARKET_TABLES } from '../main/storage/tables/market-tables.ts';
import type { Figures } from './measure.ts';
import { blockOf, LOAD_ROWS, LOADS, loadStore } from './store-load.ts';

const ROUNDS = 3;

/**
 * Rows per second into the embedded store, from the call until everything is on disk, beside what bare prepared inserts of
 * one row take into the same table in the same run, in one transaction and from values that are there already.
 */
export async function storeBench(): Promise<Figures> {
  const figures: Figures = {};
  for (const [name, table] of LOADS) {
    let stored = 0;
    let bare = 0;
    let slowestTurnMs = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++) {
      const load = await inFolder((folder) => intoStore(folder, table));
      stored = Math.max(stored, load.rowsPerSecond);
      slowestTurnMs = Math.min(slowestTurnMs, load.slowestTurnMs);
      bare = Math.max(bare, await inFolder((folder) => bareInserts(folder, table)));
    }
    figures[`store.${name}`] = { value: stored, unit: 'rows/s' };
    figures[`store.${name}.bare-inserts`] = { value: bare, unit: 'rows/s' };
    figures[`store.${name}.share`] = { value: (100 * stored) / bare, unit: '%' };
    figures[`store.${name}.slowest-turn`] = { value: slowestTurnMs, unit: 'ms' };
  }
  return figures;
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'fathom-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function intoStore(folder: string, table: MarketTable) {
  const store = new SqliteStore({
    path: join(folder, 'bench.sqlite'),
    runId: 'bench',
    account: 'bench',
    slowMs: 60_000,
  });
  return await loadStore(store, table, LOAD_ROWS);
}

async function bareInserts(folder: string, table: MarketTable): Promise<number> {
  const database = new Database(join(folder, 'bare.sqlite'));
  database.pragma('journal_mode = wal');
  database.pragma('synchronous = normal');
  await migrateSqlite(database, dayMigrations());
  const { fields, width } = MARKET_TABLES[table];
  const nanos = 'cast(? as integer) * 1000 + cast(? as integer)';
  const places = fields.map(({ kind }) => (kind === 'instant' ? nanos : '?'));
  const insert = database.prepare<[unknown[]]>(
    `insert into ${table} (${fields.map(writtenColumn).join(', ')}) values (${places.join(', ')})`,
  );
  const { values } = blockOf(table, LOAD_ROWS);
  const letters = fields.flatMap(({ kind }, index) => (kind === 'letter' ? [index + 2] : []));
  const rows = Array.from({ length: LOAD_ROWS }, (_, n) => {
    const row: unknown[] = Array.from(values.subarray(n * width, (n + 1) * width));
    for (const place of letters) row[place] = String.fromCharCode(row[place] as number);
    return row;
  });
  const startedMs = performance.now();
  database.transaction(() => {
    for (const row of rows) insert.run(row);
  })();
  // The log is folded into the file by then.
  database.close();
  return LOAD_ROWS / ((performance.now() - startedMs) / 1000);
}
