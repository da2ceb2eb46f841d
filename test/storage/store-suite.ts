import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { MIGRATION_NAMES } from '../../main/storage/migrations.ts';
import { BackendOfTest } from './backend-of-test.ts';
import type { StoreBackend } from './store-backend.ts';
import { bar, DEAL, FILL, NOON, order, PROPOSAL, putFeatures, SIGNAL } from './store-rows.ts';

const KEY = { provider: 'SIMULATED', symbol: '6E' };

/** Version from which instruments are lines and six of them are planted. */
const LINES = '0005';
const DAYS = '0006';
const KILLS = 20;
const NUMBER = 7;

/** An instrument as the version had it; below the lines, one whose number is planted later. */
const instrumentSql = (version: string) =>
  `insert into instruments (id, ${version >= LINES ? 'provider' : 'source'}, venue, symbol, label, root, publisher_id,
    venue_id, tick_size, tick_source, multiplier, quote_currency, pip_size, calendar)
   values (${version >= LINES ? `${NUMBER}, 'SIMULATED', 'GLBX', '6E'` : "1, 'simulated', 'GLBX', '6EZ6'"}, '6E', '6E', 1, 1,
    0.00005, 'definition', 125000, 'USD', 0.0001, 'cme')`;
const barSql = (
  id: number,
) => `insert into bars (instrument_id, interval_us, ts_event_us, ts_recv_us, open, high, low, close,
    price_source, volume, volume_type, delta, vwap, session_vwap)
  values (${id}, 60000000, ${NOON}, ${NOON + 60_000_000}, 1.1, 1.2, 1.05, 1.15, 'mid', 12, 'real', -3, 1.125, null)`;
const featuresSql = (id: number, us: number) =>
  `insert into features (instrument_id, ts_event_us, ts_recv_us, mid) values (${id}, ${us}, ${us}, 1.25)`;
const fillSql = (
  id: number,
) => `insert into fills (account, id, order_id, deal_id, instrument_id, side, lots, price, at_us, liquidity)
  values ('paper', 'F0', 'O0', 'D0', ${id}, 'buy', 2, 1.1, ${NOON}, 'taker')`;
const newsSql = (version: string) =>
  `insert into ${version >= '0007' ? 'iss_news' : 'news'} (id, at_us, title, symbols) values ('a', 1, 'old', '[]')`;

/** What every store does, whatever its database. @param make a database of its own for each test */
export function storeSuite(name: string, make: () => Promise<StoreBackend>): void {
  describe(name, () => {
    const database = new BackendOfTest(make);
    const { open, rows } = database;

    describe('every store', () => {
      test('keeps every kind of row under plain names and units', async () => {
        const store = open();
        store.bars([bar(0), bar(1, { vwap: Number.NaN, volume: 0 })]);
        putFeatures(store, 1);
        store.signals([SIGNAL]);
        store.signals([{ ...SIGNAL, outcome: 'expired' }]);
        store.proposals([{ proposal: PROPOSAL, event: 'proposed', atUs: NOON + 1 }]);
        await Promise.all([store.orders([order(1)]), store.fills([FILL]), store.deals([DEAL])]);
        await store.orders([order(1, { state: 'filled', filledLots: 2, averageTicks: 110_000 })]);
        await store.close();
        expect(
          await rows('select provider, venue, symbol, tick_size, multiplier from instruments where id > 6 order by id'),
        ).toEqual([
          { provider: 'SIMULATED', venue: 'GLBX', symbol: '6E', tick_size: 0.00005, multiplier: 125_000 },
          { provider: 'SIMULATED', venue: 'IG', symbol: 'EUR_USD', tick_size: 0.00001, multiplier: 100_000 },
        ]);
        expect(
          await rows(
            'select ts_event_us, ts_recv_us, close, volume, volume_type, vwap, session_vwap from bars order by ts_event_us',
          ),
        ).toEqual([
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
        expect(
          await rows(
            'select provider_event_ns / 1000 as event, vendor_receive_ns / 1000 as vendor, mid, spread from features',
          ),
        ).toEqual([{ event: NOON + 1_000_000, vendor: NOON + 1_000_300, mid: 2.1, spread: null }]);
        expect(await rows('select run_id, id, outcome, reasons from signals')).toEqual([
          { run_id: 'run-1', id: 'S1', outcome: 'expired', reasons: '["OFI 40","QI 0.5"]' },
        ]);
        expect(await rows('select event, revision, entry_price, stop_price, net_edge_pips from proposals')).toEqual([
          { event: 'proposed', revision: 2, entry_price: 1.1, stop_price: 1.099, net_edge_pips: null },
        ]);
        expect(await rows('select account, id, state, average_price, limit_price from orders')).toEqual([
          { account: 'paper', id: 'O1', state: 'filled', average_price: 1.1, limit_price: null },
        ]);
        expect(
          await rows('select fills.id, price, symbol from fills join instruments on instruments.id = instrument_id'),
        ).toEqual([{ id: 'F1', price: 1.1, symbol: 'EUR_USD' }]);
        expect(await rows('select id, state, open_price, target_price, risk_minor from deals')).toEqual([
          { id: 'D1', state: 'open', open_price: 1.1, target_price: null, risk_minor: 25_000 },
        ]);
      });

      test('of rows with one key the last counts, within a batch and across batches', async () => {
        const store = open();
        store.bars([bar(0), bar(0, { close: 1.16 })]);
        store.signals([SIGNAL, { ...SIGNAL, outcome: 'no-ticket' }]);
        await store.orders([order(1), order(1, { state: 'working' })]);
        store.bars([bar(0, { close: 1.17, open: -0 })]);
        await store.orders([order(1, { state: 'filled', reason: 'it\'s \\ "quoted", {braced}, null\nand ü€😀' })]);
        await store.orders([order(2, { reason: 'a NUL \0 within' })]);
        await store.close();
        expect(await rows('select open, close from bars')).toEqual([{ open: 0, close: 1.17 }]);
        expect(await rows('select outcome from signals')).toEqual([{ outcome: 'no-ticket' }]);
        expect(await rows('select state, reason from orders order by id')).toEqual([
          { state: 'filled', reason: 'it\'s \\ "quoted", {braced}, null\nand ü€😀' },
          { state: 'intended', reason: 'a NUL \uFFFD within' },
        ]);
      });

      test('numbers come back as they were put', async () => {
        const store = open();
        const values = [Number.MIN_VALUE, Number.MAX_VALUE, 0.1 + 0.2, -1e-300, 2 ** 53 - 1, Number.POSITIVE_INFINITY];
        store.bars(values.map((delta, minute) => bar(minute, { delta, tsRecvUs: minute - 2 })));
        await store.close();
        expect(await rows('select delta, ts_recv_us from bars order by ts_event_us')).toEqual(
          values.map((delta, minute) => ({ delta, ts_recv_us: minute - 2 })),
        );
      });

      test('gives the latest bars of an instrument, oldest first, in later runs too', async () => {
        const first = open();
        first.bars([2, 0, 3, 1].map((minute) => bar(minute)));
        await first.close();
        const second = open({ runId: 'run-2' });
        const latest = await second.latestBars(KEY, 2);
        expect(latest).toEqual([bar(2, { market: -1 }), bar(3, { market: -1 })]);
        expect(await second.latestBars({ ...KEY, provider: 'DATABENTO' }, 2)).toEqual([]);
      });

      test('who gives no rows waits for none', async () => {
        const store = open();
        await store.settingPut('x', 1);
        await store.orders([]);
        await Promise.all([store.verdicts([]), store.settingPut('x', 2)]);
        await store.notes([]);
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
        expect(await store.settingGet('opened')).toBeUndefined();
        await expect(store.orders([order(1, { createdUs: 0.5 })])).rejects.toThrow(/rows were refused/);
        await store.orders([order(2)]);
        expect(notices).toHaveLength(1);
        store.bars([bar(1), bar(2, { tsRecvUs: 0.5 })]);
        await vi.waitFor(() => expect(notices).toHaveLength(2), 10_000);
        store.bars([bar(3)]);
        await store.orders([order(3)]);
        expect((await store.latestBars(KEY, 9)).map(({ startUs }) => startUs)).toEqual([bar(3).startUs]);
        expect(() => store.bars([bar(0, { market: 9 })])).toThrow(/market 9 was never described/);
      });

      test.each(MIGRATION_NAMES.slice(0, -1))(
        'brings a database of version %s up to date with its data in place',
        async (version) => {
          await database.is.makeVersion(version);
          const id = version >= LINES ? NUMBER : 1;
          await database.is.sql(instrumentSql(version));
          await database.is.sql(barSql(id));
          // Two trading days, the second one after 17:00 in Chicago.
          const moments = [NOON, NOON + 11 * 3_600_000_000];
          if (version < DAYS) for (const us of moments) await database.is.sql(featuresSql(id, us));
          await database.is.sql("insert into settings (name, value) values ('x', '5')");
          if (version >= '0002') await database.is.sql(fillSql(id));
          if (version >= '0003') await database.is.sql(newsSql(version));
          const store = open();
          await store.orders([order(1)]);
          expect(await store.latestBars(KEY, 10)).toEqual([bar(0, { market: -1 })]);
          expect(await store.settingGet('x')).toBe(5);
          expect((await store.latestNews(9)).map(({ title }) => title)).toEqual(version >= '0003' ? ['old'] : []);
          const span = {
            key: KEY,
            fromUs: NOON,
            toUs: NOON + 86_400_000_000,
            names: ['mid', 'spread'] as const,
            points: 1000,
          };
          expect(await store.featuresBetween(span)).toEqual(
            version < DAYS
              ? {
                  tsEventUs: Float64Array.of(...moments),
                  values: [Float64Array.of(1.25, 1.25), Float64Array.of(Number.NaN, Number.NaN)],
                }
              : { tsEventUs: new Float64Array(0), values: [new Float64Array(0), new Float64Array(0)] },
          );
          await store.close();
          expect(
            await rows('select fills.id, symbol from fills join instruments on instruments.id = instrument_id'),
          ).toEqual(version >= '0002' ? [{ id: 'F0', symbol: '6E' }] : []);
          expect(await rows('select id, symbol from instruments where id <= 6 order by id')).toEqual(
            ['EUR_USD', 'GBP_USD', 'USD_JPY', '6E', '6B', '6J'].map((symbol, index) => ({ id: index + 1, symbol })),
          );
          expect(await rows('select name from kysely_migration order by name')).toEqual(
            MIGRATION_NAMES.map((name) => ({ name })),
          );
        },
      );

      test('leaves a database of a newer version alone', async () => {
        await open().close();
        await database.is.sql("insert into kysely_migration values ('9999-later', '2030-01-01')");
        const store = open();
        await expect(store.settingGet('x')).rejects.toThrow(/9999-later/);
        await expect(store.close()).rejects.toThrow(/newer version/);
        expect(await rows('select symbol from instruments where id > 6 order by id')).toEqual([
          { symbol: '6E' },
          { symbol: 'EUR_USD' },
        ]);
      });

      test('killed twenty times in the middle of writing: nothing is damaged, doubled or missing', {
        timeout: 180_000,
      }, async () => {
        const spans: { readonly from: number; readonly to: number }[] = [];
        for (let round = 0; round < KILLS; round++) {
          // Numbers that were written when it was killed and not told are left behind.
          const from = (spans.at(-1)?.to ?? 0) + 1_000;
          spans.push({ from, to: await writtenUntilKilled(from, 1 + ((round * 7) % 23)) });
          await database.is.check();
        }
        // What was on disk beside the database goes into it at the next start.
        const notices: string[] = [];
        await open({ onNotice: (words) => notices.push(words) }).close();
        const told = (name: string) =>
          spans.map(({ from, to }) => `${name} >= ${from} and ${name} <= ${to}`).join(' or ');
        const numbers = spans.reduce((sum, { from, to }) => sum + to - from + 1, 0);
        const number = 'cast(substr(id, 2) as integer)';
        for (const table of ['orders', 'fills']) {
          expect(await rows(`select count(*) as n from ${table} where ${told(number)}`)).toEqual([{ n: numbers }]);
        }
        expect(await rows(`select count(*) as n from cme_trades where ${told('sequence / 50')}`)).toEqual([
          { n: 50 * numbers },
        ]);
        const once = await rows(
          `select count(*) - count(distinct sequence) as doubled from cme_trades
         union all select count(*) - count(distinct provider_event_ns) from features`,
        );
        expect(once).toEqual([{ doubled: 0 }, { doubled: 0 }]);
        expect(notices).toEqual([]);
      });

      /** Runs a writer until it has told so many numbers, and kills it. @returns the last number that it told */
      async function writtenUntilKilled(from: number, count: number): Promise<number> {
        const args = [join(import.meta.dirname, 'store-writer.ts'), ...database.is.writer, String(from)];
        const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
        let told = '';
        const enough = Promise.withResolvers<void>();
        child.stdout.on('data', (text: Buffer) => {
          told += text.toString();
          if (told.split('\n').length > count) enough.resolve();
        });
        child.on('exit', () => enough.reject(new Error('the writer ended by itself')));
        const closed = new Promise((resolve) => child.on('close', resolve));
        await enough.promise;
        child.kill('SIGKILL');
        await closed;
        return Number(told.slice(0, told.lastIndexOf('\n')).split('\n').at(-1));
      }
    });
  });
}
