import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { LiveClock } from '../../main/core/clock/live-clock.ts';
import { lockFolder } from '../../main/entry/folder-lock.ts';
import { SqliteStore } from '../../main/storage/sqlite/sqlite-store.ts';
import { findPostgres, PostgresServer, runSql } from '../storage/postgres-server.ts';
import { bar, EURO, EURUSD, NOON, order, putFeatures, putTrade } from '../storage/store-rows.ts';
import { type CliResult, runCli, startCli } from './run-cli.ts';

const DAY = 24 * 3_600_000_000;
const FOUND = [
  'Found 6 active instruments: IG/EUR_USD (id 1), IG/GBP_USD (id 2), IG/USD_JPY (id 3), DATABENTO/6E (id 4), DATABENTO/6B (id 5), DATABENTO/6J (id 6)',
  'Found 3 symbol mappings: 6E ↔ EUR_USD (lag 150 ms), 6B ↔ GBP_USD (lag 150 ms), 6J ↔ USD_JPY (inverted, lag 150 ms)',
];

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fathom-db-'));
});

afterEach(() => rmSync(home, { recursive: true }));

function db(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<CliResult> {
  return runCli(['db', ...args], { FATHOM_HOME: home, ...environment });
}

async function fill(trades: number): Promise<void> {
  const store = new SqliteStore({
    ...{ path: join(home, 'fathom.sqlite'), runId: 'run-1', account: 'paper', mostWaitingRows: 10_000_000 },
  });
  store.instrument(0, EURO);
  store.instrument(1, EURUSD);
  for (let n = 0; n < trades; n++) putTrade(store, n, { venueUs: NOON + n * 60_000, venueNano: n % 1000 });
  for (let second = 0; second < 200; second++) putFeatures(store, second);
  store.bars([bar(0), bar(1)]);
  await store.orders([order(1)]);
  await store.close();
}

describe('fathom db on the embedded database', () => {
  test('sets up twice, tries, asks and measures', async () => {
    const none = await db(['test']);
    expect(none).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/not there yet.*`fathom db setup`/) });
    const first = await db(['setup']);
    expect(first).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/^Created .*fathom\.sqlite\.\nRan \d/),
    });
    expect(await db(['setup'])).toEqual({ code: 0, err: '', out: 'Tables are up to date.\n' });
    const [tried, migrated, sized, json] = await Promise.all([
      ...[db(['test']), db(['migrate', '--embedded']), db(['size'])],
      db(['query', '--json', 'select id, symbol, 1795006800000000007 as ns from instruments where id = 1']),
    ]);
    expect(tried!.code).toBe(0);
    expect(tried!.out.trimEnd().split('\n').slice(-2)).toEqual(FOUND);
    expect(migrated!.out).toBe('Tables are up to date.\n');
    expect(sized!.out).toMatch(/^table +rows +bytes/);
    expect(sized!.out).toMatch(/\ninstruments +6 +\d/);
    expect(JSON.parse(json!.out)).toEqual([{ id: 1, symbol: 'EUR_USD', ns: '1795006800000000007' }]);
  });

  test('exports CSV and Parquet, and prints a table', async () => {
    await fill(1_000);
    const csv = join(home, 'trades.csv');
    const parquet = join(home, 'trades.parquet');
    const from = ['--from', '2026-11-18 13:00:00', '--to', '2026-11-19'];
    const [first, second, asked] = await Promise.all([
      db(['export', 'cme_trades', '--out', csv, ...from]),
      db(['export', 'cme_trades', '--out', parquet]),
      db(['query', 'select sequence, price, side from cme_trades where sequence < 2 order by sequence']),
    ]);
    expect([first!.code, second!.code]).toEqual([0, 0]);
    expect(first!.err).toBe(`fathom: 1,000 rows of cme_trades in ${csv}\n`);
    const lines = readFileSync(csv, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(1_001);
    expect(lines[1_000]).toContain(`${NOON + 59_940_000}999,2026-11-18T13:00:59.940000Z`);
    const read = await parquetReadObjects({ file: await asyncBufferFromFile(parquet) });
    expect(read).toHaveLength(1_000);
    expect(read[999]!['provider_event_ns']).toBe(BigInt(NOON + 59_940_000) * 1000n + 999n);
    expect(asked!.out).toBe(
      'sequence  price  side\n────────  ─────  ────\n       0    1.1  B\n       1    1.1  B\n2 rows.\n',
    );
  });

  test('prunes by the settings or the option, but not while an engine has the folder', async () => {
    const store = new SqliteStore({ path: join(home, 'fathom.sqlite'), runId: 'run-1', account: 'paper' });
    store.instrument(0, EURO);
    const nowUs = new LiveClock().nowUs();
    putTrade(store, 1, { venueUs: nowUs - 9 * DAY });
    putTrade(store, 2, { venueUs: nowUs });
    await store.close();
    writeFileSync(join(home, 'settings.json'), JSON.stringify({ store: { keepDays: { trades: 3 } } }));
    const planned = await db(['prune', '--dry-run']);
    expect(planned.out).toMatch(/^Would remove 1 rows in 1 part of cme_trades .*\nWould remove 1 file of days: /);
    expect((await db(['prune', '--keep-days', 'trades=0'])).out).toBe('Nothing is older than is kept.\n');
    const release = await lockFolder(home);
    const [pruned, copied] = await Promise.all([db(['prune']), db(['copy', '--to', 'postgres://me@127.0.0.1:1/x'])]);
    await release();
    for (const refused of [pruned, copied]) {
      expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/Another Fathom .* Nothing was changed\./) });
    }
    expect((await db(['prune'])).out).toMatch(/^Removed 1 rows/);
    expect((await db(['query', '--csv', 'select sequence from cme_trades'])).out).toBe('sequence\n2\n');
  });

  test('says what is wrong with an option', async () => {
    const results = await Promise.all([
      db(['size', '--url', 'mysql://me:hunter2@host/x']),
      db(['size', '--url', 'postgres://h', '--embedded']),
      db(['prune', '--keep-days', 'ticks=3']),
      db(['export', 'bars', '--out', 'x.txt']),
      db(['copy', '--to', 'embedded']),
    ]);
    expect(results.map(({ code }) => code)).toEqual([1, 2, 2, 2, 2]);
    await db(['setup']);
    const unwritten = await db(['export', 'instruments', '--out', join(home, 'none', 'x.csv')]);
    expect(unwritten).toMatchObject({ code: 1, err: expect.stringMatching(/^fathom: .*there is no folder .*none\n$/) });
    const words = results.map(({ err }) => err);
    expect(words[0]).toMatch(/--url: expected postgres:\/\/user@host:port\/database/);
    expect(words[1]).toMatch(/exclude each other/);
    expect(words[2]).toMatch(/"ticks=3" is not of the form name=days with a name of depthEvents, books/);
    expect(words[3]).toMatch(/--format csv or parquet/);
    expect(words[4]).toMatch(/--to is the database that is copied from/);
    expect(words.join()).not.toContain('hunter2');
  });
});

const programs = findPostgres();

describe.skipIf(programs === undefined)('fathom db on a Postgres', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.start(programs!);
  });

  afterAll(() => server.remove());

  test('makes database and tables once, and finds what it planted', async () => {
    const url = server.url('planted');
    const first = await db(['setup', '--url', url]);
    expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/^Created database "planted"\.\n/) });
    expect(first.out).toMatch(/Ran \d+ migrations: 0001-market-data/);
    const second = await db(['setup', '--url', url]);
    expect(second.code).toBe(0);
    expect(second.out).not.toMatch(/Created|Ran/);
    writeFileSync(join(home, 'settings.json'), JSON.stringify({ store: { url: url.replace(/:[^:@/]+@/, '@') } }));
    const password = decodeURIComponent(new URL(url).password);
    const tried = await db(['test'], { FATHOM_DB_PASSWORD: password });
    expect(tried.out.trimEnd().split('\n').slice(-2)).toEqual(FOUND);
    expect(tried.out).toMatch(/^Connected to Postgres at 127\.0\.0\.1 port \d+, database "planted": PostgreSQL \d/);
    expect(tried.out + tried.err).not.toContain(password);
  });

  test('connection errors name host, port, database and what to try, and never the password', async () => {
    const tried = async (change: (url: URL) => void) => {
      const url = new URL(server.url('postgres'));
      change(url);
      const { code, out, err } = await db(['test', '--url', url.href]);
      expect([code, out]).toEqual([1, '']);
      expect(err).not.toContain('hunter2');
      expect(err).not.toContain(decodeURIComponent(new URL(server.url()).password));
      return err;
    };
    const [password, port, database, host, tables, ssl] = await Promise.all([
      tried((url) => Object.assign(url, { password: 'hunter2' })),
      tried((url) => Object.assign(url, { port: '1' })),
      tried((url) => Object.assign(url, { pathname: '/nowhere' })),
      tried((url) => Object.assign(url, { hostname: 'nowhere.invalid' })),
      tried(() => undefined),
      tried((url) => Object.assign(url, { search: '?sslmode=require' })),
    ]);
    const place = `fathom: Postgres at 127.0.0.1 port ${server.port}, database`;
    expect(password).toBe(
      `${place} "postgres": the password for user "tester" is missing or was refused. Set the right one in FATHOM_DB_PASSWORD.\n`,
    );
    expect(port).toMatch(/at 127\.0\.0\.1 port 1, database "postgres": nothing listens there\. .*the address/);
    expect(database).toBe(
      `${place} "nowhere": there is no such database. \`fathom db setup\` creates it; else correct the address.\n`,
    );
    expect(host).toMatch(/at nowhere\.invalid port \d+, database "postgres": the host name/);
    expect(tables).toBe(`${place} "postgres": there are no tables yet. \`fathom db setup\` makes them.\n`);
    expect(ssl).toMatch(/takes no encrypted connections/);
  });

  test('copies both ways; killed in the middle and run again, nothing is doubled or missing', async () => {
    const rows = 250_000;
    await fill(rows);
    const url = server.url('copied');
    expect((await db(['setup', '--url', url])).code).toBe(0);
    const counted = async () => Number((await runSql(url, 'select count(*) as n from cme_trades'))[0]!['n']);
    const there = await killedAndResumed(['copy', '--to', url], counted, rows);
    expect(there.out).toMatch(/250,20\d rows are the same on both sides/);
    expect(there.out).toMatch(/\ncme_trades +[\d,]+ +250,000 +250,000\n/);
    const other = mkdtempSync(join(tmpdir(), 'fathom-db-'));
    const original = home;
    home = other;
    try {
      const file = join(other, 'market', '2026-11-18.sqlite');
      // Throws while the file or its table is not there, which is waited for too.
      const stored = async () => {
        const day = new Database(file, { readonly: true, fileMustExist: true });
        try {
          return day.prepare<unknown[], { n: number }>('select count(*) as n from cme_trades').get()!.n;
        } finally {
          day.close();
        }
      };
      const back = await killedAndResumed(['copy', '--url', url, '--to', 'embedded'], stored, rows);
      expect(back.out).toMatch(/rows are the same on both sides/);
      const sums = 'select count(*) as n, count(distinct sequence) as d, sum(sequence) as s from cme_trades';
      const expected = { n: rows, d: rows, s: (rows * (rows - 1)) / 2 };
      expect(JSON.parse((await db(['query', '--json', sums])).out)).toEqual([expected]);
    } finally {
      home = original;
      rmSync(other, { recursive: true });
    }
  });

  /** Runs a command, kills it when a part of the rows is there, and runs it to its end. */
  async function killedAndResumed(args: string[], counted: () => Promise<number>, rows: number): Promise<CliResult> {
    const child = startCli(['db', ...args], { FATHOM_HOME: home });
    const ended = once(child, 'exit');
    await vi.waitFor(async () => expect(await counted()).toBeGreaterThan(0), { timeout: 50_000, interval: 20 });
    child.kill('SIGKILL');
    const [, signal] = (await ended) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    const part = await counted();
    expect(part).toBeLessThan(rows);
    const result = await db(args);
    expect(result).toMatchObject({ code: 0 });
    expect(await counted()).toBe(rows);
    return result;
  }
});
