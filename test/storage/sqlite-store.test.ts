import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { StoreState } from '../../main/core/store-port.ts';
import { MIGRATION_NAMES, migrationsFor } from '../../main/storage/migrations.ts';
import { SQLITE } from '../../main/storage/sql-dialect.ts';
import { connect } from '../../main/storage/sqlite-connection.ts';
import { SqliteDatabase } from '../../main/storage/sqlite-database.ts';
import { SqliteStore, type SqliteStoreOptions } from '../../main/storage/sqlite-store.ts';
import { emptyBatch } from '../../main/storage/store-batch.ts';
import { FEATURE_COLUMNS } from '../../main/storage/table-rows.ts';
import { bar, DEAL, EURO, EURUSD, FILL, features, NOON, order, PROPOSAL, SIGNAL } from './store-rows.ts';

let folder: string;
let path: string;
const opened: SqliteStore[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-store-'));
  path = join(folder, 'deeper', 'fathom.db');
});

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close().catch(() => undefined);
  rmSync(folder, { recursive: true });
});

function open(options: Partial<SqliteStoreOptions> = {}): SqliteStore {
  const store = new SqliteStore({ path, runId: 'run-1', account: 'paper', ...options });
  opened.push(store);
  store.instrument(0, EURO, 'simulated');
  store.instrument(1, EURUSD, 'simulated');
  return store;
}

function rows(sql: string): unknown[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

const KEY = { source: 'simulated', venue: 'GLBX', symbol: '6EZ6' };

describe('the embedded store', () => {
  test('keeps every kind of row under plain names and units', async () => {
    const store = open();
    store.bars([bar(0), bar(1, { vwap: Number.NaN, volume: 0 })]);
    store.features([features(1)]);
    store.signals([SIGNAL]);
    store.signals([{ ...SIGNAL, outcome: 'expired' }]);
    store.proposals([{ proposal: PROPOSAL, event: 'proposed', atUs: NOON + 1 }]);
    await Promise.all([store.orders([order(1)]), store.fills([FILL]), store.deals([DEAL])]);
    await store.orders([order(1, { state: 'filled', filledLots: 2, averageTicks: 110_000 })]);
    await store.close();
    expect(rows('select source, venue, symbol, tick_size, multiplier from instruments order by id')).toEqual([
      { source: 'simulated', venue: 'GLBX', symbol: '6EZ6', tick_size: 0.00005, multiplier: 125_000 },
      { source: 'simulated', venue: 'IG', symbol: 'EURUSD', tick_size: 0.00001, multiplier: 100_000 },
    ]);
    expect(rows('select ts_event_us, ts_recv_us, close, volume, volume_type, vwap, session_vwap from bars')).toEqual([
      {
        ts_event_us: NOON,
        ts_recv_us: NOON + 60_000_000,
        close: 1.15,
        volume: 12,
        volume_type: 'real',
        vwap: 1.125,
        session_vwap: null,
      },
      {
        ts_event_us: NOON + 60_000_000,
        ts_recv_us: NOON + 120_000_000,
        close: 1.15,
        volume: 0,
        volume_type: 'real',
        vwap: null,
        session_vwap: null,
      },
    ]);
    expect(rows('select ts_event_us, ts_recv_us, mid, spread from features')).toEqual([
      { ts_event_us: NOON + 1_000_000, ts_recv_us: NOON + 1_000_300, mid: 2.1, spread: null },
    ]);
    expect(rows('select run_id, id, outcome, reasons from signals')).toEqual([
      { run_id: 'run-1', id: 'S1', outcome: 'expired', reasons: '["OFI 40","QI 0.5"]' },
    ]);
    expect(rows('select event, revision, entry_price, stop_price, net_edge_pips from proposals')).toEqual([
      { event: 'proposed', revision: 2, entry_price: 1.1, stop_price: 1.099, net_edge_pips: null },
    ]);
    expect(rows('select account, id, state, average_price, limit_price from orders')).toEqual([
      { account: 'paper', id: 'O1', state: 'filled', average_price: 1.1, limit_price: null },
    ]);
    expect(
      rows('select fills.id, price, symbol from fills join instruments on instruments.id = instrument_id'),
    ).toEqual([{ id: 'F1', price: 1.1, symbol: 'EURUSD' }]);
    expect(rows('select id, state, open_price, target_price, risk_minor from deals')).toEqual([
      { id: 'D1', state: 'open', open_price: 1.1, target_price: null, risk_minor: 25_000 },
    ]);
  });

  test('has a column for every feature', async () => {
    await open().close();
    const columns = rows("select name from pragma_table_info('features')").map((row) => (row as { name: string }).name);
    expect(columns).toEqual(['instrument_id', 'ts_event_us', 'ts_recv_us', ...FEATURE_COLUMNS]);
  });

  test('gives the latest bars of an instrument, oldest first, in later runs too', async () => {
    const first = open();
    first.bars([2, 0, 3, 1].map((minute) => bar(minute)));
    await first.close();
    const second = open({ runId: 'run-2' });
    const latest = await second.latestBars(KEY, 2);
    expect(latest).toEqual([bar(2, { market: -1 }), bar(3, { market: -1 })]);
    expect(await second.latestBars({ ...KEY, source: 'databento' }, 2)).toEqual([]);
  });

  test('keeps settings, replaces them and takes them away', async () => {
    const store = open();
    expect(await store.settingGet('workspace')).toBeUndefined();
    await store.settingPut('workspace', { panes: ['ladder'] });
    await store.settingPut('workspace', { panes: ['ladder', 'tape'] });
    expect(await store.settingGet('workspace')).toEqual({ panes: ['ladder', 'tape'] });
    await store.settingPut('workspace', undefined);
    expect(await store.settingGet('workspace')).toBeUndefined();
  });

  test('refuses rows that no table takes, and goes on', async () => {
    const notices: string[] = [];
    const store = open({ onNotice: (words) => notices.push(words) });
    await expect(store.orders([order(1, { createdUs: 0.5 })])).rejects.toThrow(/rows were refused/);
    await store.orders([order(2)]);
    expect(notices).toHaveLength(1);
    expect(() => store.bars([bar(0, { market: 9 })])).toThrow(/market 9 was never described/);
  });

  test('waits while another program holds the database, says so, and catches up', async () => {
    const states: StoreState[] = [];
    const store = open({ onState: (state) => states.push(state) });
    await store.orders([order(1)]);
    const other = new Database(path);
    other.exec('begin exclusive');
    let done = false;
    const waiting = store.orders([order(2)]).then(() => {
      done = true;
    });
    await vi.waitFor(
      () => expect(store.state).toMatchObject({ ok: false, words: expect.stringContaining('another program') }),
      5_000,
    );
    expect(done).toBe(false);
    expect(store.state.waitingRows).toBe(1);
    other.exec('rollback');
    other.close();
    await waiting;
    await vi.waitFor(() => expect(states.map(({ ok }) => ok)).toEqual([true, false, true]));
    expect(store.state).toMatchObject({ ok: true, words: 'stored', waitingRows: 0 });
  });

  test('a full disk stops the store only: rows wait, then are dropped and counted, orders stay to the end', async () => {
    const store = open({ maxBytes: 300_000, mostWaitingRows: 2_000 });
    await store.orders([order(1)]);
    let minute = 0;
    await vi.waitFor(() => {
      store.features(Array.from({ length: 500 }, (_, i) => features(i)));
      store.bars(Array.from({ length: 1_000 }, () => bar(minute++)));
      expect(store.state).toMatchObject({ ok: false, words: expect.stringContaining('disk is full') });
      expect(store.state.droppedRows).toBeGreaterThan(0);
    }, 10_000);
    expect(store.state.waitingRows).toBeLessThanOrEqual(2_000);
    const order2 = expect(store.orders([order(2)])).rejects.toThrow(/disk is full/);
    await expect(store.close()).rejects.toThrow(/disk is full/);
    await order2;
    expect(rows('select id from orders')).toEqual([{ id: 'O1' }]);
  });

  test('a damaged database is set aside, a new one takes the rows, and the trader is told', async () => {
    await open().close();
    writeFileSync(path, 'this was a database once, but now it is some text and nothing more');
    const notices: string[] = [];
    const store = open({ onNotice: (words) => notices.push(words) });
    await store.orders([order(7)]);
    expect(notices).toEqual([expect.stringContaining('set aside as fathom.db.damaged-1')]);
    await store.close();
    expect(readdirSync(join(folder, 'deeper')).sort()).toEqual(['fathom.db', 'fathom.db.damaged-1']);
    expect(rows('select id from orders')).toEqual([{ id: 'O7' }]);
  });

  test('brings a database of the first version up to date with its data in place', async () => {
    const data = { path, runId: 'old', account: 'paper', maxBytes: undefined };
    const old = await SqliteDatabase.open(data, migrationsFor(SQLITE, '0001-market-data'));
    const instruments = [{ market: 0, instrument: EURO, source: 'simulated' }];
    old.write({ ...emptyBatch(), instruments, bars: [bar(0), bar(1)], settings: [{ name: 'x', value: '5' }] });
    old.close();
    expect(rows("select name from sqlite_master where name = 'orders'")).toEqual([]);
    const store = open();
    await store.orders([order(1)]);
    expect(await store.latestBars(KEY, 10)).toEqual([bar(0, { market: -1 }), bar(1, { market: -1 })]);
    expect(await store.settingGet('x')).toBe(5);
    await store.close();
    expect(rows('select name from kysely_migration')).toEqual(MIGRATION_NAMES.map((name) => ({ name })));
  });

  test('leaves a database of a newer version alone', async () => {
    await open().close();
    const db = new Database(path);
    db.exec("insert into kysely_migration values ('9999-later', '2030-01-01')");
    db.close();
    const store = open();
    await expect(store.settingGet('x')).rejects.toThrow(/9999-later/);
    await expect(store.close()).rejects.toThrow(/newer version/);
    expect(readdirSync(join(folder, 'deeper'))).toEqual(['fathom.db']);
  });

  test('killed in the middle of writing: nothing is damaged and every order that was durable is there', async () => {
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'store-writer.ts'), path]);
      let told = '';
      const enough = new Promise<void>((resolve, reject) => {
        child.stdout.on('data', (text: Buffer) => {
          told += text.toString();
          if (told.split('\n').length > 30) resolve();
        });
        child.on('exit', () => reject(new Error('the writer ended by itself')));
      });
      const exited = new Promise((resolve) => child.on('close', resolve));
      await enough;
      child.kill('SIGKILL');
      await exited;
      const last = Number(told.trimEnd().split('\n').at(-1));
      const db = new Database(path);
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      const kept = db
        .prepare<unknown[], { n: number }>('select count(*) as n from orders where cast(substr(id, 2) as integer) <= ?')
        .get(last);
      expect(kept).toEqual({ n: last });
      db.close();
    }
    const notices: string[] = [];
    const store = open({ onNotice: (words) => notices.push(words) });
    await store.orders([order(1)]);
    expect(notices).toEqual([]);
  });

  test('trading rows are committed with synchronous=FULL, market rows with NORMAL, both in WAL mode', () => {
    const settings = (['full', 'normal'] as const).map((synchronous) => {
      const connection = connect({ path: join(folder, 'plain.db'), maxBytes: undefined }, synchronous);
      const pragmas = ['journal_mode', 'synchronous'].map((name) => connection.pragma(name, { simple: true }));
      connection.close();
      return pragmas;
    });
    expect(settings).toEqual([
      ['wal', 2],
      ['wal', 1],
    ]);
  });
});
