import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HEAD, MARKET_TABLE_NAMES, MARKET_TABLES } from '../../main/storage/tables/market-tables.ts';
import { BackendOfTest } from './backend-of-test.ts';
import type { StoreBackend } from './store-backend.ts';
import { bar, NOON, put, putFeatures, putTrade } from './store-rows.ts';

const KEY = { provider: 'SIMULATED', symbol: '6E' };
const HOUR = 3_600_000_000;
const SECOND = 1_000_000;

/** What every store does with market rows. @param make a database of its own for each test */
export function marketSuite(name: string, make: () => Promise<StoreBackend>): void {
  describe(name, () => {
    const database = new BackendOfTest(make);
    const { open, rows } = database;

    describe('market rows', () => {
      test.each(MARKET_TABLE_NAMES)('%s keeps every value, times to the nanosecond', async (table) => {
        const store = open();
        const { fields, width } = MARKET_TABLES[table];
        const own = Array.from({ length: width - HEAD.END }, (_, index) => index + 1);
        // Letters are codes of letters.
        const letters = fields.slice(5).flatMap(({ kind }, index) => (kind === 'letter' ? [index] : []));
        for (const index of letters) own[index] = 'B'.charCodeAt(0);
        const head = { venueUs: NOON + 123_457, venueNano: 891, vendorNano: 7, sequence: 4_294_967_295 };
        put(store, table, head, own);
        // A trade has a price and a size.
        const least = table.endsWith('trades') ? [1, 1] : [];
        put(store, table, { venueUs: NOON - 2, vendorUs: Number.NaN, vendorNano: Number.NaN }, least);
        await store.settingPut('written', 1);
        const found = await rows(
          `select ${fields.map(({ kind, name: column }) => textOf(column, kind)).join(', ')} from ${table} order by provider_event_ns`,
        );
        const absent = Object.fromEntries(
          fields.slice(5).map(({ name: column }, index) => [column, least[index] ?? null]),
        );
        expect(found).toEqual([
          {
            ...{ instrument_id: 7, provider_event: `${NOON - 2}000`, vendor_receive: null },
            ...{ local_receive: String(NOON + 498), sequence: null, ...absent },
          },
          {
            ...{ instrument_id: 7, provider_event: `${NOON + 123_457}891`, vendor_receive: `${NOON + 123_757}007` },
            ...{ local_receive: String(NOON + 123_957), sequence: 4_294_967_295 },
            ...Object.fromEntries(
              fields.slice(5).map(({ name: column, kind }, index) => [column, kind === 'letter' ? 'B' : own[index]]),
            ),
          },
        ]);
      });

      test('times are shown as times', async () => {
        const store = open();
        putTrade(store, 1, { venueUs: NOON + 123_457, vendorUs: NOON + 1 });
        await store.settingPut('written', 1);
        const [row] = await rows(
          `select ${['provider_event_ts', 'vendor_receive_ts', 'local_receive_ts'].map(database.is.shown).join(', ')} from cme_trades`,
        );
        expect(row).toEqual({
          provider_event_ts: '2026-11-18 13:00:00.123457',
          vendor_receive_ts: '2026-11-18 13:00:00.000001',
          local_receive_ts: '2026-11-18 13:00:00.123957',
        });
      });

      test('what an order waited for is on disk with all that came before it', async () => {
        const store = open();
        for (let n = 0; n < 20_000; n++) putTrade(store, n);
        await store.settingPut('written', 1);
        expect(
          await rows(
            'select count(*) as n, min(sequence) as least, max(sequence) as most, sum(size) as sum from cme_trades',
          ),
        ).toEqual([{ n: 20_000, least: 0, most: 19_999, sum: (20_000 * 19_999) / 2 }]);
      });

      test('a run that goes on from a checkpoint stores no moment twice', async () => {
        const first = open();
        for (let n = 0; n < 100; n++) putTrade(first, n);
        // Several records may come at once, in one batch or in two.
        putTrade(first, 100, { localUs: NOON + 100_000 });
        await first.settingPut('written', 1);
        putTrade(first, 101, { localUs: NOON + 100_000 });
        await first.close();
        const second = open({ runId: 'run-2' });
        for (let n = 60; n < 100; n++) putTrade(second, n);
        for (const n of [100, 101]) putTrade(second, n, { localUs: NOON + 100_000 });
        putFeatures(second, 0);
        await second.settingPut('written', 2);
        for (let n = 102; n < 150; n++) putTrade(second, n);
        await second.settingPut('written', 3);
        expect(await rows('select count(*) as n, count(distinct sequence) as once from cme_trades')).toEqual([
          { n: 150, once: 150 },
        ]);
        expect(await rows('select count(*) as n from features')).toEqual([{ n: 1 }]);
      });

      test('rows of several trading days are asked for as one', async () => {
        const store = open();
        // 17:00 in Chicago is ten hours after noon here.
        const turn = NOON + 10 * HOUR;
        const times = [-24, -1, 0, 1, 24, 48, 480].map((hours) => turn + hours * HOUR);
        for (const [n, venueUs] of times.entries()) putTrade(store, n, { venueUs });
        for (const venueUs of times) put(store, 'features', { venueUs }, [1.1]);
        await store.settingPut('written', 1);
        const span = { key: KEY, fromUs: times[0]!, toUs: times.at(-1)! + 1 };
        expect(Array.from((await store.tradesBetween(span, 100)).tsEventUs)).toEqual(times);
        expect(Array.from((await store.tradesBetween({ ...span, toUs: turn }, 100)).tsEventUs)).toEqual(
          times.slice(0, 2),
        );
        const features = await store.featuresBetween({ ...span, names: ['mid'], points: 1_000_000 });
        expect(Array.from(features.tsEventUs)).toEqual(times);
      });

      test('trades of a stretch come in the order of time, with their sides, and no more than asked for', async () => {
        const store = open();
        const sides = ['B', 'A', 'N'];
        for (const n of [2, 0, 1]) {
          put(store, 'cme_trades', { venueUs: NOON + n }, [1.1 + n, n + 1, sides[n]!.charCodeAt(0)]);
        }
        put(store, 'cme_trades', { market: 1, venueUs: NOON }, [9, 9, 0]);
        await store.settingPut('written', 1);
        const question = { key: KEY, fromUs: NOON, toUs: NOON + 10 };
        expect(await store.tradesBetween(question, 10)).toEqual({
          tsEventUs: Float64Array.of(NOON, NOON + 1, NOON + 2),
          price: Float64Array.of(1.1, 2.1, 3.1),
          size: Float64Array.of(1, 2, 3),
          aggressor: Int8Array.of(1, -1, 0),
        });
        expect((await store.tradesBetween(question, 2)).size).toEqual(Float64Array.of(1, 2));
        expect((await store.tradesBetween({ ...question, key: { ...KEY, symbol: '6B' } }, 2)).size).toHaveLength(0);
      });

      test('features are thinned to the last of each part of the stretch', async () => {
        const store = open();
        const seconds = Array.from({ length: 200 }, (_, index) => (index * 37) % 1_009).sort((a, b) => a - b);
        for (const second of seconds) putFeatures(store, second);
        await store.settingPut('written', 1);
        await fc.assert(
          fc.asyncProperty(
            fc.integer({ min: 0, max: 1_000 }),
            fc.integer({ min: 1, max: 1_000 }),
            fc.integer({ min: 1, max: 50 }),
            async (from, length, points) => {
              const fromUs = NOON + from * SECOND;
              const toUs = fromUs + length * SECOND;
              const { tsEventUs, values } = await store.featuresBetween({
                key: KEY,
                fromUs,
                toUs,
                names: ['mid'],
                points,
              });
              const width = Math.ceil((toUs - fromUs) / points);
              const last = new Map<number, number>();
              for (const second of seconds) {
                const us = NOON + second * SECOND;
                if (us >= fromUs && us < toUs) last.set(Math.floor((us - fromUs) / width), second);
              }
              const expected = Array.from(last.values());
              expect(Array.from(tsEventUs)).toEqual(expected.map((second) => NOON + second * SECOND));
              expect(Array.from(values[0]!)).toEqual(expected.map((second) => 1.1 + second));
            },
          ),
          { numRuns: 40 },
        );
      });

      test('what is older than it is kept for goes, a trading day at a time, while the store is at work', async () => {
        const day = 24 * HOUR;
        const store = open();
        const keep = { depthEvents: 1, books: 3, trades: 0, quotes: 0, features: 3, bars: 1 };
        for (const days of [0, 1, 2, 3, 4, 5]) {
          const venueUs = NOON - days * day;
          put(store, 'cme_mbp10_events', { venueUs, localUs: NOON }, []);
          put(store, 'features', { venueUs, localUs: NOON }, [days]);
          putTrade(store, days, { venueUs, localUs: NOON });
        }
        store.bars([bar(0), bar(-3 * 24 * 60)]);
        await store.settingPut('written', 1);
        expect(await store.prune(keep, NOON)).toMatch(
          /removed what is older than store.keepDays says: cme_mbp10_events/,
        );
        putFeatures(store, 1);
        await store.settingPut('written', 2);
        const counts = async () =>
          (
            await rows(
              `select (select count(*) from cme_mbp10_events) as events, (select count(*) from features) as features,
           (select count(*) from cme_trades) as trades, (select count(*) from bars) as bars`,
            )
          )[0];
        // Chunks of Timescale that reach into what is kept stay whole; none is longer than a day.
        expect(await counts()).toEqual(
          name === 'Timescale'
            ? { events: expect.toBeOneOf([2, 3]), features: expect.toBeOneOf([5, 6]), trades: 6, bars: 1 }
            : { events: 2, features: 5, trades: 6, bars: 1 },
        );
        expect(await store.prune(keep, NOON)).toBe('');
      });

      test('longer bars are made of those of a minute', async () => {
        const store = open();
        const minutes = [0, 1, 2, 4, 5, 6, 14, 15, 59, 60, 61];
        store.bars(
          minutes.map((minute) =>
            bar(minute, {
              open: minute,
              high: 100 + ((minute * 7) % 11),
              low: -((minute * 5) % 13),
              close: minute + 0.5,
              volume: minute,
            }),
          ),
        );
        await store.settingPut('written', 1);
        for (const [view, length] of [
          ['bars_5m', 5],
          ['bars_15m', 15],
          ['bars_1h', 60],
        ] as const) {
          const spans = Map.groupBy(minutes, (minute) => Math.floor(minute / length));
          expect(
            await rows(
              `select start_us, interval_us, open, high, low, close, volume, delta from ${view} order by start_us`,
            ),
          ).toEqual(
            Array.from(spans, ([span, of]) => ({
              start_us: NOON + span * length * 60 * SECOND,
              interval_us: length * 60 * SECOND,
              open: of[0],
              high: Math.max(...of.map((minute) => 100 + ((minute * 7) % 11))),
              low: Math.min(...of.map((minute) => -((minute * 5) % 13))),
              close: of.at(-1)! + 0.5,
              volume: of.reduce((sum, minute) => sum + minute, 0),
              delta: -3 * of.length,
            })),
          );
        }
      });
    });
  });
}

/** A column as a text that both databases give alike. */
function textOf(column: string, kind: string): string {
  if (kind === 'instant') return `cast(${column}_ns as text) as ${column}`;
  return kind === 'moment' ? `cast(${column}_us as text) as ${column}` : column;
}
