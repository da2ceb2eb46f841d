import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pruneSqlite } from '../../main/storage/sqlite/prune.ts';
import { SqliteStore } from '../../main/storage/sqlite/sqlite-store.ts';
import { DAY_US } from '../../shared/units.ts';
import { bar, EURO, EURUSD, NOON, put, putTrade } from './store-rows.ts';

const DATE = '2026-11-18';
const KEEP = { depthEvents: 1, books: 0, trades: 0, quotes: 0, features: 0, bars: 1 };
const NOW = NOON + 5 * DAY_US;
const TRADES = 2_500;

let folder: string;
let days: string;
let main: Database.Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-prune-'));
  days = join(folder, 'market');
  const path = join(folder, 'fathom.sqlite');
  const store = new SqliteStore({ path, runId: 'run-1', account: 'paper' });
  store.instrument(0, EURO);
  store.instrument(1, EURUSD);
  for (let n = 0; n < TRADES; n++) putTrade(store, n);
  for (let n = 0; n < 30; n++) put(store, 'cme_mbp10_events', { venueUs: NOON + n }, []);
  for (const market of [0, 1]) store.bars([bar(0, { market }), bar(4 * 24 * 60, { market })]);
  await store.close();
  const day = new Database(join(days, `${DATE}.sqlite`));
  // Rows are numbered as they came, and copies go by that.
  day.exec('update cme_trades set rowid = rowid + 100000');
  day.close();
  main = new Database(path);
});

afterEach(() => {
  main.close();
  rmSync(folder, { recursive: true });
});

/** What a day's file holds. */
function held(): unknown {
  const day = new Database(join(days, `${DATE}.sqlite`));
  try {
    expect(day.pragma('integrity_check', { simple: true })).toBe('ok');
    return day
      .prepare(
        `select (select count(*) from cme_trades) as trades, (select min(rowid) from cme_trades) as first,
           (select count(*) from cme_mbp10_events) as events, (select count(*) from batches) as batches,
           (select count(*) from high_water) as marks, (select count(*) from sqlite_master where type = 'index'
             and name = 'cme_trades_at') as indexes`,
      )
      .get();
  } finally {
    day.close();
  }
}

test('a day that lost rows becomes a smaller file with everything else as it was', async () => {
  const before = held() as object;
  writeFileSync(join(days, `${DATE}.sqlite.smaller`), 'left by a kill');
  const { removals, files } = await pruneSqlite(main, days, KEEP, NOW);
  expect(removals).toEqual([
    { table: 'cme_mbp10_events', rows: 30, parts: [DATE] },
    { table: 'bars', rows: 2, parts: [] },
  ]);
  expect(files).toEqual([]);
  expect(held()).toEqual({ ...before, events: 0 });
  expect(readdirSync(days)).toEqual([`${DATE}.sqlite`]);
  expect(main.prepare('select count(*) as n from bars').get()).toEqual({ n: 2 });
});

test('a day into which somebody writes meanwhile is left for the next time, with what was written', async () => {
  const other = new Database(join(days, `${DATE}.sqlite`));
  const columns = 'instrument_id, provider_event_ns, local_receive_us, price, size';
  const release = () => other.exec(`insert into cme_trades (${columns}) values (1, ${NOON}000, ${NOON}, 1.1, 1)`);
  const left = await pruneSqlite(main, days, { ...KEEP, bars: 0 }, NOW, { release });
  expect(left.removals).toEqual([]);
  other.exec('begin immediate');
  expect((await pruneSqlite(main, days, KEEP, NOW)).removals).toMatchObject([{ table: 'bars' }]);
  other.close();
  expect(held()).toMatchObject({ trades: TRADES + 1, events: 30 });
  expect((await pruneSqlite(main, days, KEEP, NOW)).removals).toMatchObject([{ table: 'cme_mbp10_events', rows: 30 }]);
  expect(held()).toMatchObject({ trades: TRADES + 1, events: 0 });
  expect(readdirSync(days)).toEqual([`${DATE}.sqlite`]);
});
