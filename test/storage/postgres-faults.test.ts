import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { StoreState } from '../../main/core/store-port.ts';
import { postgresAddress } from '../../main/storage/postgres/postgres-address.ts';
import { PostgresDatabase } from '../../main/storage/postgres/postgres-database.ts';
import { reportPostgres } from '../../main/storage/postgres/postgres-report.ts';
import { PostgresStore, type PostgresStoreOptions } from '../../main/storage/postgres/postgres-store.ts';
import { emptyBatch, SPOOL_FORM, type SpooledBatch } from '../../main/storage/store-batch.ts';
import { type PostgresBackend, postgresBackend } from './postgres-backend.ts';
import { findPostgres, PostgresServer, runSql } from './postgres-server.ts';
import { bar, EURO, EURUSD, order, putFeatures } from './store-rows.ts';

/** Counts how often each order was put, in the transaction that put it. */
const COUNT_ORDERS = `create table arrivals (id text);
  create function count_order() returns trigger language plpgsql as
    $$ begin insert into arrivals values (new.id); return new; end $$;
  create trigger count_orders after insert or update on orders for each row execute function count_order()`;

/** As the server would say when its disk is full. */
const FULL_DISK = `create function fail_full() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$;
  create trigger fail_full before insert on orders execute function fail_full()`;

const SOON = { timeout: 30_000, interval: 20 };
const programs = findPostgres();

describe.skipIf(programs === undefined)('the store while the database fails', () => {
  let server: PostgresServer;
  let backend: PostgresBackend;
  let states: StoreState[];
  const opened: PostgresStore[] = [];

  beforeAll(async () => {
    server = await PostgresServer.start(programs!);
  });

  afterAll(() => server.remove());

  beforeEach(async () => {
    states = [];
    backend = await postgresBackend(server.url());
  });

  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close().catch(() => undefined);
    // A test that failed may have left it stopped.
    await server.start();
    await backend.remove();
  });

  async function open(options: Partial<PostgresStoreOptions> = {}): Promise<PostgresStore> {
    const store = backend.open({ slowMs: 600, onState: (state) => states.push(state), ...options });
    opened.push(store);
    store.instrument(0, EURO);
    store.instrument(1, EURUSD);
    return store;
  }

  async function openStored(options: Partial<PostgresStoreOptions> = {}): Promise<PostgresStore> {
    const store = await open(options);
    await vi.waitFor(() => expect(store.state.words).toBe('stored'), SOON);
    return store;
  }

  /** Writes an order, a bar and a row of features for every number. */
  async function write(store: PostgresStore, from: number, to: number): Promise<void> {
    for (let n = from; n <= to; n++) {
      store.bars([bar(n)]);
      putFeatures(store, n);
      await store.orders([order(n)]);
    }
  }

  async function expectEachOnce(count: number): Promise<void> {
    const all = { orders: count, arrivals: count, once: count, bars: count, features: count };
    const counted = `select (select count(*) from orders) as orders, (select count(*) from arrivals) as arrivals,
      (select count(distinct id) from arrivals) as once, (select count(*) from bars) as bars,
      (select count(*) from features) as features`;
    expect(await backend.sql(counted)).toEqual([all]);
  }

  const files = () => readdirSync(backend.spoolFolder);

  test('stopped and started in mid-write: rows wait in the spool, then arrive in order, each once', async () => {
    const store = await openStored();
    await backend.sql(COUNT_ORDERS);
    await write(store, 1, 20);
    const going = write(store, 21, 120);
    await server.stop('crash');
    await going;
    await vi.waitFor(() => expect(store.state.ok).toBe(false), SOON);
    expect(store.state.words).toMatch(/127\.0\.0\.1 port \d+, database "fathom_test_.*kept in the spool/);
    expect(files().length).toBeGreaterThan(0);
    await vi.waitFor(() => expect(store.state.words).toMatch(/nothing listens there. Start the server/), SOON);
    await expect(store.settingGet('x')).rejects.toThrow(/nothing listens there/);
    await server.start();
    await write(store, 121, 140);
    await vi.waitFor(() => expect(store.state.words).toBe('stored'), SOON);
    expect(files()).toEqual([]);
    await write(store, 141, 150);
    await expectEachOnce(150);
    expect(await store.settingGet('x')).toBeUndefined();
  });

  test('connections cut again and again: each row once', async () => {
    const store = await openStored();
    await backend.sql(COUNT_ORDERS);
    const client = new Client({ connectionString: server.url() });
    await client.connect();
    let cuts = 0;
    let done = false;
    const cutting = (async () => {
      while (!done) {
        const { rows } = await client.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'fathom' and pid <> pg_backend_pid()",
        );
        cuts += rows.length;
        await client.query('select pg_sleep(0.15)');
      }
    })();
    await write(store, 1, 150);
    await vi.waitFor(() => expect(cuts).toBeGreaterThan(5), SOON);
    done = true;
    await cutting;
    await client.end();
    await vi.waitFor(() => expect(store.state.words).toBe('stored'), SOON);
    await expectEachOnce(150);
  });

  test('cut without the server noticing: its old connection shuts nothing out, and every row is stored', async () => {
    const clients: Socket[] = [];
    // Loses the client's side only, as a sleep of this machine does: the server keeps its half.
    const proxy = createServer({ allowHalfOpen: true }, (client) => {
      const upstream = connect(server.port, '127.0.0.1');
      clients.push(client);
      for (const side of [client, upstream]) side.on('error', () => undefined);
      client.on('data', (bytes) => upstream.write(bytes));
      upstream.on('data', (bytes) => client.destroyed || client.write(bytes));
      upstreams.push(upstream);
    });
    const upstreams: Socket[] = [];
    await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
    const url = new URL(backend.writer[1]!);
    url.port = String((proxy.address() as AddressInfo).port);
    const notices: string[] = [];
    const options = { address: postgresAddress(url.href, {}), onNotice: (words: string) => notices.push(words) };
    const store = await openStored(options);
    await write(store, 1, 1);
    for (const client of clients) client.destroy();
    await write(store, 2, 40);
    await vi.waitFor(() => expect(store.state.words).toBe('stored'), SOON);
    await write(store, 41, 41);
    await store.close();
    const kept = 'select (select count(*) from orders) as orders, (select count(*) from features) as features';
    expect(await backend.sql(kept)).toEqual([{ orders: 41, features: 41 }]);
    expect(notices).toEqual([]);
    for (const upstream of upstreams) upstream.destroy();
    proxy.close();
  });

  test('a batch that was stored is not stored again, nor one before it', async () => {
    const database = await PostgresDatabase.open(postgresAddress(backend.writer[1]!, {}), () => undefined);
    await backend.sql(COUNT_ORDERS);
    const bindings = [{ market: 1, instrument: EURUSD, symbol: 'EUR_USD' }];
    const spooled = (number: number): SpooledBatch => ({
      ...{ form: SPOOL_FORM, writer: 'w', number, runId: 'r', account: 'a', bindings },
      batch: { ...emptyBatch(), orders: [order(number)] },
    });
    for (const number of [1, 2, 2, 1, 3]) await database.write(spooled(number));
    await database.write({ ...spooled(3), writer: 'another' });
    await database.close();
    expect(await backend.sql('select id, count(*) as n from arrivals group by id order by id')).toEqual([
      { id: 'O1', n: 1 },
      { id: 'O2', n: 1 },
      { id: 'O3', n: 2 },
    ]);
  });

  test('a database that answers slowly makes nobody wait', async () => {
    const store = await openStored({ slowMs: 200 });
    await backend.sql(COUNT_ORDERS);
    const client = new Client({ connectionString: backend.writer[1]! });
    await client.connect();
    await client.query('begin; lock table orders in access exclusive mode');
    await write(store, 1, 5);
    expect(store.state.words).toMatch(/too slowly. Rows are kept in the spool/);
    await store.settingPut('x', 7);
    expect(await store.settingGet('x')).toBe(7);
    await client.query('commit');
    await client.end();
    await vi.waitFor(() => expect(store.state.words).toBe('stored'), SOON);
    await expectEachOnce(5);
  });

  test('rows that are refused when they come out of the spool are said, and those behind them are stored', async () => {
    const notices: string[] = [];
    const store = await openStored({ onNotice: (words) => notices.push(words) });
    await server.stop();
    await store.orders([order(1)]);
    await store.orders([order(2, { createdUs: 0.5 })]);
    await store.orders([order(3)]);
    await server.start();
    await vi.waitFor(() => expect(store.state.words).toBe('stored'), SOON);
    expect(notices).toEqual([expect.stringMatching(/rows were refused/)]);
    expect(await backend.sql('select id from orders order by id')).toEqual([{ id: 'O1' }, { id: 'O3' }]);
  });

  test('market rows that are refused keep no order of their batch from being stored, nor from being told so', async () => {
    const notices: string[] = [];
    const store = await openStored({ slowMs: 20_000, onNotice: (words) => notices.push(words) });
    store.bars([bar(1, { tsRecvUs: 0.5 })]);
    await store.orders([order(1)]);
    expect(notices).toEqual([expect.stringMatching(/rows were refused/)]);
    expect(await backend.sql('select id from orders')).toEqual([{ id: 'O1' }]);
    expect(await backend.sql('select * from bars')).toEqual([]);
  });

  test('a full disk of the server is said, and what could not be stored is stored later', async () => {
    const store = await openStored();
    await backend.sql(COUNT_ORDERS);
    await backend.sql(FULL_DISK);
    await write(store, 1, 3);
    expect(store.state).toMatchObject({ ok: false, words: expect.stringContaining('the disk of the server is full') });
    await backend.sql('drop trigger fail_full on orders');
    await vi.waitFor(() => expect(store.state.words).toBe('stored'), SOON);
    await expectEachOnce(3);
  });

  test('killed while the database is away: what was told to be durable is there afterwards', async () => {
    await openStored().then((store) => store.close());
    await server.stop();
    const child = spawn(process.execPath, [join(import.meta.dirname, 'store-writer.ts'), ...backend.writer]);
    let told = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (text: Buffer) => {
        told += text.toString();
        if (told.split('\n').length > 30) resolve();
      });
      child.on('exit', () => reject(new Error('the writer ended by itself')));
    });
    const closed = new Promise((resolve) => child.on('close', resolve));
    child.kill('SIGKILL');
    await closed;
    const last = Number(told.trimEnd().split('\n').at(-1));
    await server.start();
    await openStored().then((store) => store.close());
    const kept = `select count(*) as n from orders where cast(substr(id, 2) as integer) <= ${last}`;
    expect(await backend.sql(kept)).toEqual([{ n: last }]);
    expect(files()).toEqual([]);
  });

  test('beyond the size of the spool rows wait in memory, then market rows are dropped and counted', async () => {
    const store = await openStored({ spoolBytes: 200_000, mostWaitingRows: 500 });
    await server.stop();
    let minute = 0;
    await vi.waitFor(() => {
      store.bars(Array.from({ length: 100 }, () => bar(minute++)));
      expect(store.state.words).toMatch(/Rows wait in memory: the spool is full/);
      expect(store.state.droppedRows).toBeGreaterThan(0);
    }, SOON);
    const last = store.orders([order(1)]);
    await server.start();
    await last;
    await vi.waitFor(() => expect(store.state.words).toMatch(/^stored; \d+ market rows were not kept/), SOON);
    await store.close();
    expect(await backend.sql('select count(*) as n from bars')).toEqual([{ n: minute - store.state.droppedRows }]);
  });

  test('without a spool rows wait in memory, and closing says what is lost', async () => {
    const store = await openStored({ spoolFolder: undefined });
    await server.stop();
    const waiting = expect(store.orders([order(1)])).rejects.toThrow(/nothing listens there/);
    await vi.waitFor(() => expect(store.state.words).toMatch(/nothing listens there.*Rows wait in memory/), SOON);
    await expect(store.close()).rejects.toThrow(/nothing listens there/);
    await waiting;
    expect(existsSync(backend.spoolFolder)).toBe(false);
    await server.start();
  });

  test('closed while the database is away: the spool keeps the rows for the next start', async () => {
    const store = await openStored();
    await server.stop();
    await write(store, 1, 3);
    await store.settingPut('kept', 5);
    await store.close();
    expect(files().length).toBeGreaterThan(0);
    await server.start();
    const next = await openStored({ runId: 'run-2' });
    expect(await next.settingGet('kept')).toBe(5);
    expect(await backend.sql('select count(*) as n from orders')).toEqual([{ n: 3 }]);
  });

  test('two engines on one database store their rows beside each other', async () => {
    const notices: string[] = [];
    const onNotice = (words: string) => notices.push(words);
    const [one, two] = await Promise.all([
      openStored({ account: 'one', onNotice, slowMs: 20_000 }),
      openStored({
        account: 'two',
        runId: 'run-2',
        onNotice,
        slowMs: 20_000,
        spoolFolder: join(backend.spoolFolder, 'two'),
      }),
    ]);
    await Promise.all([write(one, 1, 60), write(two, 1, 60)]);
    const passed = [one, two].find(({ state }) => state.passedRows > 0)!;
    expect(passed.state).toMatchObject({
      ok: true,
      passedRows: 60,
      words: expect.stringContaining('60 market rows were left out'),
    });
    expect(one.state.passedRows + two.state.passedRows).toBe(60);
    await one.close();
    await write(two, 61, 65);
    await two.close();
    expect(notices).toEqual([expect.stringMatching(/another engine at work on this database stores .* SIMULATED 6E/)]);
    expect(await backend.sql('select count(*) as n, count(distinct provider_event_ns) as once from features')).toEqual([
      { n: 65, once: 65 },
    ]);
    expect(await backend.sql('select account, count(*) as n from orders group by account order by account')).toEqual([
      { account: 'one', n: 60 },
      { account: 'two', n: 65 },
    ]);
    expect(await backend.sql('select count(*) as n from bars')).toEqual([{ n: 65 }]);
  });

  test('what is wrong is said with host, port, database and what to try, never with the password', async () => {
    const good = new URL(backend.writer[1]!);
    const words = async (change: (url: URL) => unknown, environment: Record<string, string> = {}) => {
      const url = new URL(good);
      change(url);
      const { trouble } = await reportPostgres(postgresAddress(url.href, environment));
      return trouble;
    };
    const place = `Postgres at 127.0.0.1 port ${server.port}, database "${good.pathname.slice(1)}"`;
    const wrong = 'hunter2-wrong';
    const setWrong = (url: URL) => Object.assign(url, { password: wrong });
    const setNone = (url: URL) => Object.assign(url, { password: '' });
    expect(await words(setWrong)).toBe(
      `store: ${place}: the password for user "tester" is missing or was refused. Set the right one in FATHOM_DB_PASSWORD.`,
    );
    expect(await words(setNone)).toMatch(/password for user "tester" is missing/);
    expect(await words(setNone, { PGPASSWORD: wrong })).not.toContain(wrong);
    expect(await words(setNone, { FATHOM_DB_PASSWORD: decodeURIComponent(good.password), PGPASSWORD: wrong })).toBe('');
    expect(await words((url) => Object.assign(url, { pathname: '/nowhere' }))).toMatch(
      /database "nowhere": there is no such database. `fathom db setup` creates it; else correct store\.url/,
    );
    expect(await words((url) => Object.assign(url, { port: '1' }))).toMatch(
      /127.0.0.1 port 1, .* nothing listens there/,
    );
    expect(await words((url) => Object.assign(url, { hostname: 'nowhere.invalid' }))).toMatch(
      /nowhere.invalid port .*host name/,
    );
    const store = new PostgresStore({
      ...{ runId: 'r', account: 'a', onState: (state: StoreState) => states.push(state) },
      address: postgresAddress(good.href.replace(good.password, wrong), {}),
    });
    await expect(store.settingGet('x')).rejects.toThrow(/is missing or was refused/);
    await store.close();
    expect(JSON.stringify(states)).not.toContain(wrong);
    expect(await runSql(server.url(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});
