import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LiveClock } from '../../main/core/clock/live-clock.ts';
import { type ExportFormat, exportRows } from '../../main/storage/admin/export/export-rows.ts';
import type { CellRow, RowsQuestion } from '../../main/storage/admin/row-stream.ts';
import type { StoreAdmin } from '../../main/storage/admin/store-admin.ts';
import { MIGRATION_NAMES } from '../../main/storage/migrations.ts';
import type { StoreOptions } from '../../main/storage/store-options.ts';
import type { WorkerStore } from '../../main/storage/worker-store.ts';
import type { StoreBackend } from './store-backend.ts';
import { bar, EURO, EURUSD, NOON, order, put, putFeatures, putTrade } from './store-rows.ts';

const HOUR = 3_600_000_000;
const DAY = 24 * HOUR;
const KEEP_ALL = { depthEvents: 0, books: 0, trades: 0, quotes: 0, features: 0, bars: 0 };

/** What every database does for its keeper. @param make a database of its own for each test */
export function adminSuite(name: string, make: () => Promise<StoreBackend>): void {
  describe(name, () => {
    let backend: StoreBackend;
    let admin: StoreAdmin;
    let folder: string;
    const opened: WorkerStore[] = [];

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'fathom-admin-'));
      backend = await make();
      admin = backend.admin();
    });

    afterEach(async () => {
      await admin.close();
      for (const store of opened.splice(0)) await store.close().catch(() => undefined);
      await backend.remove();
      rmSync(folder, { recursive: true });
    });

    function open(options: Partial<StoreOptions> = {}): WorkerStore {
      const store = backend.open(options);
      opened.push(store);
      store.instrument(0, EURO);
      store.instrument(1, EURUSD);
      return store;
    }

    async function ask(question: RowsQuestion): Promise<{ names: string[]; rows: CellRow[] }> {
      const stream = await admin.rows(question);
      const rows: CellRow[] = [];
      for await (const batch of stream.batches) rows.push(...batch);
      return { names: stream.columns.map((column) => column.name), rows };
    }

    const query = (text: string) => {
      return ask({ ask: 'sql', text, fromUs: undefined, toUs: undefined, onNotice: () => undefined });
    };
    const count = async (table: string) => {
      const [row] = (await backend.sql(`select count(*) as n from ${table}`)) as { n: number }[];
      return row!.n;
    };

    async function exported(table: string, format: ExportFormat, span: { fromUs?: number; toUs?: number } = {}) {
      const stream = await admin.rows({ ask: 'table', table, fromUs: span.fromUs, toUs: span.toUs });
      const path = join(folder, `${table}.${format}`);
      const stop = new AbortController().signal;
      const rows = await exportRows(stream, { path, format, progress: () => undefined, stop });
      return { path, rows };
    }

    describe('its keeper', () => {
      test('sets up once, says so, and changes nothing the second time', async () => {
        const first = (await admin.setup()).join(' ');
        expect(first).toMatch(/0007-review|Tables are up to date/);
        const before = await backend.sql('select * from instruments order by id');
        expect(before).toHaveLength(6);
        const second = (await admin.setup()).join(' ');
        expect(second).toMatch(/Tables are up to date\./);
        expect(second).not.toMatch(/Created|Ran/);
        expect(await admin.migrate()).toEqual([]);
        expect(await backend.sql('select * from instruments order by id')).toEqual(before);
      });

      test('names server, instruments and mappings, and takes back what it wrote', async () => {
        await admin.setup();
        const before = await backend.sql('select * from meta');
        const check = await admin.check();
        expect(check.server).toMatch(/^(SQLite|PostgreSQL) \d+\.\d+/);
        expect(check.latencyMs).toBeGreaterThan(0);
        expect(check.missingMigrations).toEqual([]);
        expect(check.instruments.map(({ id, provider, symbol }) => `${id} ${provider}/${symbol}`)).toEqual([
          ...['1 IG/EUR_USD', '2 IG/GBP_USD', '3 IG/USD_JPY', '4 DATABENTO/6E', '5 DATABENTO/6B', '6 DATABENTO/6J'],
        ]);
        expect(check.mappings).toEqual([
          { signal: '6E', execution: 'EUR_USD', inverted: false, lagMs: 150 },
          { signal: '6B', execution: 'GBP_USD', inverted: false, lagMs: 150 },
          { signal: '6J', execution: 'USD_JPY', inverted: true, lagMs: 150 },
        ]);
        expect(await backend.sql('select * from meta')).toEqual(before);
      });

      test('says which migrations an older database lacks', async () => {
        await backend.makeVersion('0005-instrument-lines');
        expect((await admin.check()).missingMigrations).toEqual(MIGRATION_NAMES.filter((name) => name >= '0006'));
      });

      test('without tables it says how to come by them', async () => {
        // A new Postgres of these tests has tables already.
        if (name !== 'SQLite') await backend.makeVersion('0000');
        await expect(admin.check()).rejects.toThrow(/`fathom db setup` makes/);
        await expect(admin.sizes()).rejects.toThrow(/`fathom db setup` makes/);
      });

      test('measures rows, bytes and growth', async () => {
        const store = open();
        // Two days before the last row are no growth of its last day.
        for (let n = 0; n < 100; n++) putTrade(store, n, { venueUs: NOON - 2 * DAY + n });
        for (let n = 0; n < 480; n++) putTrade(store, n, { venueUs: NOON + n * 60_000_000 });
        store.bars([bar(0), bar(1), bar(120)]);
        await store.close();
        const sizes = new Map((await admin.sizes()).map((size) => [size.table, size]));
        expect(sizes.get('cme_trades')).toMatchObject({ rows: 580, rowsExact: true });
        expect(sizes.get('cme_trades')!.bytes).toBeGreaterThan(580 * 30);
        expect(sizes.get('cme_trades')!.rowsPerHour).toBeCloseTo(480 / (479 / 60), 6);
        expect(sizes.get('bars')).toMatchObject({ rows: 3, rowsPerHour: 1.5 });
        expect(sizes.get('crypto_book')).toMatchObject({ rows: 0, rowsPerHour: undefined });
        expect(sizes.get('instruments')!.rowsPerHour).toBeUndefined();
      });

      test('answers questions of SQL as they stand, and lets nothing be changed', async () => {
        const store = open();
        const nowUs = new LiveClock().nowUs();
        for (const [n, ago] of [4, 60, 2_000, 8_000].entries()) {
          putTrade(store, n, { venueUs: nowUs - ago * 1_000_000, venueNano: 7 });
          put(store, 'cme_mbp10_book', { venueUs: nowUs - ago * 1_000_000 }, [1.1, 1.2, 1.15, 0.1]);
        }
        const gate = { eventId: null, currency: null, effect: 'block', reason: 'x' } as const;
        await store.newsGates([
          { ...gate, id: 'now', fromUs: nowUs - HOUR, toUs: nowUs + HOUR },
          { ...gate, id: 'past', fromUs: nowUs - HOUR, toUs: nowUs - 1 },
        ]);
        const event = { currency: 'USD', country: null, impact: 'high', title: 'x' } as const;
        const values = { forecast: null, previous: null, actual: null, source: 's', revisedUs: 1 };
        await store.calendar([
          { ...event, ...values, id: 'ahead', atUs: nowUs + HOUR },
          { ...event, ...values, id: 'behind', atUs: nowUs - HOUR },
        ]);
        await store.close();
        const book = await query(
          "SELECT provider_event_ts, instrument_id, best_bid, best_ask, mid, spread FROM cme_mbp10_book WHERE provider_event_ts > NOW() - INTERVAL '5 minutes' ORDER BY provider_event_ts DESC LIMIT 100",
        );
        expect(book.rows.map((row) => row.slice(1))).toEqual(new Array(2).fill([7n, 1.1, 1.2, 1.15, 0.1]));
        expect(book.rows[0]![0]).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/);
        const trades = await query(
          "SELECT * FROM cme_trades WHERE provider_event_ts > NOW() - INTERVAL '1 hour' ORDER BY provider_event_ts DESC LIMIT 100",
        );
        const nanos = trades.names.indexOf('provider_event_ns');
        expect(trades.rows.map((row) => row[nanos])).toEqual(
          [4, 60, 2_000].map((ago) => BigInt(nowUs - ago * 1_000_000) * 1000n + 7n),
        );
        const ahead = await query(
          'SELECT * FROM iss_econ_calendar WHERE scheduled_time > NOW() ORDER BY scheduled_time LIMIT 10',
        );
        expect(ahead.rows.map((row) => row[0])).toEqual(['ahead']);
        expect((await query('SELECT * FROM v_current_gating')).rows.map((row) => row[0])).toEqual(['now']);
        await expect(query('delete from cme_trades')).rejects.toThrow(/only reads|cannot modify/);
        await expect(query('delete from news_gates')).rejects.toThrow(/only reads/);
        await expect(query("copy news_gates to '/nowhere/at-all'")).rejects.toThrow(/only reads|syntax error/);
        expect((await query('explain select 1')).rows.length).toBeGreaterThan(0);
        await expect(query('select 1; delete from news_gates')).rejects.toThrow(/one statement|multiple commands/);
        await expect(query('select missing from nowhere')).rejects.toThrow(/nowhere/);
        expect([await count('cme_trades'), await count('news_gates')]).toEqual([4, 2]);
      });

      test('exports every value to CSV, times to the nanosecond, in the order of time', async () => {
        const store = open();
        putTrade(store, 2, { venueUs: NOON + 2, venueNano: 999, vendorUs: Number.NaN, vendorNano: Number.NaN });
        putTrade(store, 1, { venueUs: NOON + DAY, venueNano: 1 });
        putTrade(store, 0, { venueUs: NOON + 1 });
        await store.orders([order(1, { reason: 'said "no", twice', state: 'rejected' })]);
        await store.close();
        const { path, rows } = await exported('cme_trades', 'csv');
        expect(rows).toBe(3);
        const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
        const records = lines.map((line) => {
          const cells = line.split(',');
          return Object.fromEntries(head!.split(',').map((column, index) => [column, cells[index]]));
        });
        expect(records.map((record) => record['provider_event_ns'])).toEqual([
          ...[`${NOON + 1}000`, `${NOON + 2}999`, `${NOON + DAY}001`],
        ]);
        expect(records[1]).toMatchObject({
          ...{ instrument_id: '7', provider_event_ts: '2026-11-18T13:00:00.000002Z', vendor_receive_ns: '' },
          ...{ vendor_receive_ts: '', sequence: '2', price: '1.1', size: '2', side: 'B' },
        });
        expect((await exported('cme_trades', 'csv', { fromUs: NOON + 2, toUs: NOON + DAY })).rows).toBe(1);
        const orders = await exported('orders', 'csv');
        expect(readFileSync(orders.path, 'utf8')).toContain('"said ""no"", twice"');
        await expect(exported('nothing', 'csv')).rejects.toThrow(/no table or view "nothing"; there are .*cme_trades/);
        await expect(exported('meta', 'csv', { fromUs: 1 })).rejects.toThrow(/no time by which/);
      });

      test('exports Parquet in row groups, with whole numbers, times and what is absent', async () => {
        const store = open();
        const rows = 70_000;
        for (let n = 0; n < rows; n++) putTrade(store, n, { venueUs: NOON + n, venueNano: n % 1000 });
        for (let second = 0; second < 3; second++) putFeatures(store, second);
        store.bars(Array.from({ length: 20 }, (_, minute) => bar(minute)));
        await store.close();
        const { path } = await exported('cme_trades', 'parquet');
        const file = await asyncBufferFromFile(path);
        const { row_groups: groups, schema } = await parquetMetadataAsync(file);
        expect(groups.length).toBeGreaterThan(0);
        expect(groups.reduce((sum, group) => sum + Number(group.num_rows), 0)).toBe(rows);
        expect(schema.find((element) => element.name === 'provider_event_ts')).toMatchObject({
          ...{ type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
        });
        const read = await parquetReadObjects({ file });
        const last = rows - 1;
        expect(read[last]).toMatchObject({
          ...{ instrument_id: 7n, provider_event_ns: BigInt(NOON + last) * 1000n + BigInt(last % 1000) },
          ...{ sequence: BigInt(last), price: 1.1, size: last, side: 'B' },
          ...{ provider_event_ts: new Date(Math.floor((NOON + last) / 1000)) },
        });
        const features = await parquetReadObjects({
          file: await asyncBufferFromFile((await exported('features', 'parquet')).path),
        });
        expect(features.map((row) => [row['mid'], row['spread'] ?? null])).toEqual([
          ...[1.1, 2.1, 3.1].map((mid) => [mid, null]),
        ]);
        const view = await parquetReadObjects({
          file: await asyncBufferFromFile((await exported('bars_5m', 'parquet')).path),
        });
        expect(view.map((row) => [row['start_us'], row['volume']])).toEqual(
          [0, 5, 10, 15].map((minute) => [BigInt(NOON + minute * 60_000_000), 60]),
        );
      });

      test('an export that is stopped or fails leaves no file', async () => {
        const store = open();
        for (let n = 0; n < 10_000; n++) putTrade(store, n);
        await store.close();
        const stream = await admin.rows({ ask: 'table', table: 'cme_trades', fromUs: undefined, toUs: undefined });
        const stop = new AbortController();
        const path = join(folder, 'stopped.csv');
        const progress = () => stop.abort();
        expect(await exportRows(stream, { path, format: 'csv', progress, stop: stop.signal })).toBeUndefined();
        expect(readdirSync(folder)).toEqual([]);
        // The connection is free again.
        expect((await query('select count(*) from cme_trades')).rows).toEqual([[10_000n]]);
      });

      test('prunes by trading days what is older than is kept, and nothing else', async () => {
        const store = open();
        // Chunks of Timescale are days of UTC: a day between lets each go whole.
        const days = [0, 2, 4, 10];
        for (const day of days) {
          putTrade(store, day, { venueUs: NOON + day * DAY });
          put(store, 'features', { venueUs: NOON + day * DAY }, [1.1]);
          store.bars([bar(day * 24 * 60)]);
        }
        await store.close();
        const nowUs = NOON + 10 * DAY;
        const left = async () => [await count('cme_trades'), await count('features'), await count('bars')];
        expect(await admin.prune(KEEP_ALL, nowUs, false)).toEqual({ removals: [], files: [] });
        const keep = { ...KEEP_ALL, trades: 6, bars: 9, features: 8 };
        const planned = await admin.prune(keep, nowUs, true);
        expect(await left()).toEqual([4, 4, 4]);
        expect(planned.removals.map(({ table }) => table).sort()).toEqual(['bars', 'cme_trades', 'features']);
        expect(await admin.prune(keep, nowUs, false)).toEqual(planned);
        // Of trades the days 0 and 2 went, of features and bars the day 0.
        expect(await left()).toEqual([2, 3, 3]);
        expect(await admin.prune(keep, nowUs, false)).toEqual({ removals: [], files: [] });
        // What is of this day stays, however little is kept.
        const least = { depthEvents: 1, books: 1, trades: 1, quotes: 1, features: 1, bars: 1 };
        await admin.prune(least, nowUs, false);
        expect(await left()).toEqual([1, 1, 1]);
        await backend.check();
        const again = open();
        putTrade(again, 1, { venueUs: NOON });
        await again.close();
        expect(await count('cme_trades')).toBe(2);
      });
    });
  });
}
