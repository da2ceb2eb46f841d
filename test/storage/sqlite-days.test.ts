import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SqliteSource } from '../../main/storage/admin/copy/sqlite-source.ts';
import { SqliteAdmin } from '../../main/storage/admin/sqlite-admin.ts';
import { SqliteStore, type SqliteStoreOptions } from '../../main/storage/sqlite/sqlite-store.ts';
import { DAY_US } from '../../shared/units.ts';
import { EURO, EURUSD, NOON, order, putFeatures, putTrade } from './store-rows.ts';

const SOON = { timeout: 10_000, interval: 20 };

let folder: string;
let path: string;
let dayFile: string;
let notices: string[];
const opened: SqliteStore[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-days-'));
  path = join(folder, 'fathom.sqlite');
  dayFile = join(folder, 'market', '2026-11-18.sqlite');
  notices = [];
});

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close().catch(() => undefined);
  rmSync(folder, { recursive: true });
});

function open(options: Partial<SqliteStoreOptions> = {}): SqliteStore {
  const onNotice = (words: string) => notices.push(words);
  const store = new SqliteStore({ path, runId: 'run-1', account: 'paper', onNotice, ...options });
  opened.push(store);
  store.instrument(0, EURO);
  store.instrument(1, EURUSD);
  return store;
}

function rows(sql: string, file = path): unknown[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

const orders = () => rows('select id from orders order by created_us').map((row) => (row as { id: string }).id);
const sequences = () =>
  rows('select sequence as n from cme_trades order by n', dayFile).map((row) => (row as { n: number }).n);

/** Holds the file of the day as another program would. @returns lets go of it */
function hold(): () => void {
  const other = new Database(dayFile);
  other.exec('begin immediate');
  return () => {
    other.exec('rollback');
    other.close();
  };
}

test.each(['spool', 'memory'])(
  'a day that another program holds: its rows wait in the %s, orders do not',
  async (where) => {
    const spoolFolder = where === 'spool' ? join(folder, 'spool') : undefined;
    const store = open({ spoolFolder });
    putTrade(store, 1);
    await store.orders([order(1)]);
    const release = hold();
    for (const n of [2, 3, 4]) {
      putTrade(store, n);
      await store.orders([order(n)]);
    }
    expect(orders()).toEqual(['O1', 'O2', 'O3', 'O4']);
    expect(store.state).toMatchObject({
      ok: false,
      words: expect.stringContaining('another program holds market/2026-11-18.sqlite'),
      waitingRows: where === 'spool' ? 0 : 3,
    });
    release();
    await vi.waitFor(() => expect(store.state).toMatchObject({ ok: true, words: 'stored', waitingRows: 0 }), SOON);
    expect(sequences()).toEqual([1, 2, 3, 4]);
  },
);

test('a disk that is full for the day alone: orders are stored, its rows are dropped and counted beyond a bound', async () => {
  const store = open({ maxBytes: 700_000, mostWaitingRows: 3_000 });
  let n = 0;
  await vi.waitFor(
    async () => {
      for (let i = 0; i < 1_000; i++) putFeatures(store, n++);
      await store.orders([order(n)]);
      expect(store.state.droppedRows).toBeGreaterThan(0);
    },
    { timeout: 20_000, interval: 5 },
  );
  expect(store.state).toMatchObject({
    ok: false,
    words: expect.stringMatching(
      /disk is full, and market\/2026-11-18\.sqlite takes no more.* \d+ market rows were not kept/,
    ),
  });
  await store.orders([order(9_999_999)]);
  expect(orders().at(-1)).toBe('O9999999');
  await expect(store.close()).rejects.toThrow(/market\/2026-11-18\.sqlite takes no more/);
});

test('what waits in the spool of the days is stored by a later run', async () => {
  mkdirSync(dayFile, { recursive: true });
  const spoolFolder = join(folder, 'spool');
  const first = open({ spoolFolder });
  putTrade(first, 1);
  await first.orders([order(1)]);
  expect(first.state.words).toMatch(
    /market\/2026-11-18\.sqlite cannot be written .*Check that its folder .*kept in the spool/,
  );
  await first.close();
  expect(orders()).toEqual(['O1']);
  rmSync(dayFile, { recursive: true });
  const second = open({ spoolFolder, runId: 'run-2' });
  await vi.waitFor(() => expect(second.state.words).toBe('stored'), SOON);
  await second.close();
  expect(sequences()).toEqual([1]);
  expect(readdirSync(join(spoolFolder, 'days'))).toEqual([]);
});

test.each([
  ['is no database', (file: string) => writeFileSync(file, 'this was a database once')],
  [
    'has a torn header',
    (file: string) => writeFileSync(file, Buffer.concat([readFileSync(file).subarray(0, 50), Buffer.alloc(8_000, 1)])),
  ],
])('a day whose file %s is set aside and begun anew, and the trader is told', async (_, damage) => {
  const first = open();
  putTrade(first, 1);
  await first.orders([order(1)]);
  await first.close();
  damage(dayFile);
  const second = open({ runId: 'run-2' });
  putTrade(second, 2);
  await second.orders([order(2)]);
  await second.close();
  expect(orders()).toEqual(['O1', 'O2']);
  expect(sequences()).toEqual([2]);
  expect(notices).toEqual([
    expect.stringMatching(/market\/2026-11-18\.sqlite is damaged .*set aside as 2026-11-18\.sqlite\.damaged-1/),
  ]);
});

test('a day of a later version is left alone; its rows are counted as left out and said once', async () => {
  const first = open();
  putTrade(first, 1);
  await first.close();
  const later = new Database(dayFile);
  later.exec("insert into kysely_migration values ('9999-later', '2030-01-01')");
  later.close();
  const second = open({ runId: 'run-2', spoolFolder: join(folder, 'spool') });
  for (const n of [2, 3]) {
    putTrade(second, n);
    await second.orders([order(n)]);
  }
  expect(second.state).toMatchObject({
    ok: true,
    passedRows: 2,
    words: expect.stringContaining('2 market rows were left out'),
  });
  await second.close();
  expect(orders()).toEqual(['O2', 'O3']);
  expect(sequences()).toEqual([1]);
  expect(notices).toEqual([expect.stringMatching(/2026-11-18\.sqlite.*9999-later.*left out; captures have them/)]);
});

test('a damaged day takes no answer of other days away; it is set aside and said', async () => {
  const first = open();
  for (let n = 0; n < 3_000; n++) putTrade(first, n);
  putTrade(first, 0, { venueUs: NOON + DAY_US, sequence: 9_000 });
  await first.close();
  truncateSync(dayFile, 40_960);
  const second = open({ runId: 'run-2' });
  const key = { provider: 'SIMULATED', symbol: '6E' };
  const trades = await second.tradesBetween({ key, fromUs: NOON, toUs: NOON + 2 * DAY_US }, 10_000);
  expect(Array.from(trades.tsEventUs)).toEqual([NOON + DAY_US]);
  expect(notices).toEqual([expect.stringMatching(/2026-11-18\.sqlite is damaged .*set aside as/)]);
  putTrade(second, 5);
  await second.orders([order(1)]);
  expect(sequences()).toEqual([5]);
  expect(existsSync(`${dayFile}.damaged-1`)).toBe(true);
});

test('a damaged day is named by the commands, and keeps nothing else from being pruned', async () => {
  const first = open();
  for (const days of [0, 1, 2]) putTrade(first, days, { venueUs: NOON + days * DAY_US });
  await first.close();
  writeFileSync(join(folder, 'market', '2026-11-19.sqlite'), 'garbage');
  const admin = new SqliteAdmin(path);
  const keep = { depthEvents: 0, books: 0, trades: 1, quotes: 0, features: 0, bars: 0 };
  const words = /market\/2026-11-19\.sqlite of the embedded database .* is damaged .*Move this file away/;
  await expect(admin.sizes()).rejects.toThrow(words);
  await expect(admin.prune(keep, NOON + 9 * DAY_US, false)).rejects.toThrow(words);
  expect(readdirSync(join(folder, 'market')).filter((name) => name.endsWith('.sqlite'))).toEqual(['2026-11-19.sqlite']);
  const all = { fromUs: undefined, toUs: undefined, onNotice: () => undefined };
  await expect(admin.rows({ ask: 'sql', text: 'select * from cme_trades', ...all })).rejects.toThrow(words);
  await expect(admin.rows({ ask: 'table', table: 'cme_trades', ...all })).rejects.toThrow(words);
  await admin.close();
  const source = await SqliteSource.open(path);
  const error = await source.marketTotals('cme_trades').catch((thrown: unknown) => thrown);
  expect(source.inWords(error).message).toMatch(words);
  await source.close();
});

test('a spool folder that cannot be made is said, and orders are stored without it', async () => {
  writeFileSync(join(folder, 'spool'), 'a file is here');
  const store = open({ spoolFolder: join(folder, 'spool') });
  putTrade(store, 1);
  await store.orders([order(1)]);
  expect(orders()).toEqual(['O1']);
  expect(notices[0]).toMatch(/spool cannot be used .*waits in memory. Check that this folder may be written/);
});
