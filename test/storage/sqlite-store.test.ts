import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { StoreState } from '../../main/core/store-port.ts';
import { connect } from '../../main/storage/sqlite/sqlite-connection.ts';
import { SqliteStore, type SqliteStoreOptions } from '../../main/storage/sqlite/sqlite-store.ts';
import { adminSuite } from './admin-suite.ts';
import { copySuite } from './copy-suite.ts';
import { marketSuite } from './market-suite.ts';
import { reviewSuite } from './review-suite.ts';
import { sqliteBackend } from './sqlite-backend.ts';
import { bar, EURO, EURUSD, order, putFeatures } from './store-rows.ts';
import { storeSuite } from './store-suite.ts';

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
  store.instrument(0, EURO);
  store.instrument(1, EURUSD);
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

storeSuite('SQLite', sqliteBackend);
marketSuite('SQLite', sqliteBackend);
reviewSuite('SQLite', sqliteBackend);
adminSuite('SQLite', sqliteBackend);
copySuite('SQLite', sqliteBackend);

describe('the embedded store', () => {
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
    await vi.waitFor(() => expect(states.at(-1)!.ok).toBe(true));
    const changes = states.map(({ ok }) => ok).filter((ok, index, all) => ok !== all[index - 1]);
    expect(changes).toEqual([true, false, true]);
    expect(store.state).toMatchObject({ ok: true, words: 'stored', waitingRows: 0 });
  });

  test('a full disk stops the store only: rows wait, then are dropped and counted, orders stay to the end', async () => {
    const store = open({ maxBytes: 300_000, mostWaitingRows: 2_000 });
    await store.orders([order(1)]);
    let minute = 0;
    await vi.waitFor(() => {
      for (let second = 0; second < 500; second++) putFeatures(store, second);
      store.bars(Array.from({ length: 1_000 }, () => bar(minute++)));
      expect(store.state).toMatchObject({ ok: false, words: expect.stringContaining('disk is full') });
      expect(store.state.droppedRows).toBeGreaterThan(0);
    }, 10_000);
    expect(store.state.waitingRows).toBeLessThanOrEqual(2_000);
    const order2 = expect(store.orders([order(2)])).rejects.toThrow(/disk is full/);
    await expect(store.close()).rejects.toThrow(/disk is full/);
    await order2;
    expect(rows('select id from orders')).toContainEqual({ id: 'O1' });
  });

  test('a damaged database is set aside, a new one takes the rows, and the trader is told', async () => {
    await open().close();
    writeFileSync(path, 'this was a database once, but now it is some text and nothing more');
    const notices: string[] = [];
    const store = open({ onNotice: (words) => notices.push(words) });
    await store.orders([order(7)]);
    expect(notices).toEqual([expect.stringContaining('set aside as fathom.db.damaged-1')]);
    await store.close();
    expect(readdirSync(join(folder, 'deeper')).sort()).toEqual(['fathom.db', 'fathom.db.damaged-1', 'market']);
    expect(rows('select id from orders')).toEqual([{ id: 'O7' }]);
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
