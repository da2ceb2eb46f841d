import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { copyStore } from '../../main/storage/admin/copy/copy-store.ts';
import { verifyCopy } from '../../main/storage/admin/copy/verify-copy.ts';
import { MARKET_TABLE_NAMES, MARKET_TABLES } from '../../main/storage/tables/market-tables.ts';
import { sqliteBackend } from './sqlite-backend.ts';
import type { StoreBackend } from './store-backend.ts';
import { bar, DEAL, EURO, EURUSD, FILL, NOON, order, PROPOSAL, put, putTrade, SIGNAL } from './store-rows.ts';

const DAY = 24 * 3_600_000_000;
const MINUTE = 60_000_000;

/** Copies between an embedded database and another one, in both directions. @param make the other one */
export function copySuite(name: string, make: () => Promise<StoreBackend>): void {
  describe(name, () => {
    const backends: StoreBackend[] = [];
    let embedded: StoreBackend;
    let other: StoreBackend;

    beforeEach(async () => {
      embedded = await sqliteBackend();
      backends.push(embedded);
      other = await make();
      backends.push(other);
    });

    afterEach(async () => {
      for (const backend of backends.splice(0)) await backend.remove();
    });

    /** A run of everything that there is: two days of market rows, each table, and all that has a key. */
    async function fill(backend: StoreBackend, trades = 3_000): Promise<void> {
      const store = backend.open();
      store.instrument(0, EURO);
      store.instrument(1, EURUSD);
      for (const table of MARKET_TABLE_NAMES) {
        const { fields, width } = MARKET_TABLES[table];
        for (let row = 0; row < 40; row++) {
          const own = Array.from({ length: width - 7 }, (_, index) => row + index / 3);
          for (const [index, { kind }] of fields.slice(5).entries()) {
            if (kind === 'letter') own[index] = row % 3 === 0 ? 0 : 'AB'.charCodeAt(row % 2);
            if (kind === 'whole') own[index] = row * index - 5;
          }
          const vendor = row % 2 === 0 ? {} : { vendorUs: Number.NaN, vendorNano: Number.NaN };
          const venueUs = NOON + (row % 4) * 7 * MINUTE + (row % 2) * DAY + row;
          put(store, table, { market: row % 2, venueUs, venueNano: 999 - row, sequence: row, ...vendor }, own);
        }
      }
      for (let n = 0; n < trades; n++) putTrade(store, n, { venueUs: NOON + n * 1_000_000, venueNano: n % 1000 });
      store.bars(Array.from({ length: 50 }, (_, minute) => bar(minute)));
      store.signals([SIGNAL]);
      store.proposals([{ proposal: PROPOSAL, event: 'confirmed', atUs: NOON }]);
      await Promise.all([store.orders([order(1), order(2)]), store.fills([FILL]), store.deals([DEAL])]);
      const values = {
        forecast: '1',
        previous: null,
        actual: null,
        revisedUs: 3,
        country: null,
        impact: 'high',
      } as const;
      await store.calendar([{ ...values, id: 'e', source: 's', atUs: NOON, currency: 'USD', title: 'Payrolls' }]);
      await store.settingPut('desk', { wide: true });
      await store.mappings([
        { signal: 0, execution: 1, inverted: true, lagMs: 120.5, basisPips: null, updatedUs: NOON },
      ]);
      await store.close();
    }

    async function copy(from: StoreBackend, into: StoreBackend, stopAfter = Number.POSITIVE_INFINITY, merge = false) {
      const source = await from.source();
      const target = await into.target();
      const stop = new AbortController();
      let stretches = 0;
      const progress = () => {
        if (++stretches >= stopAfter) stop.abort();
      };
      try {
        const report = await copyStore(source, target, { progress, stop: stop.signal, merge });
        const found = report.stopped ? [] : await verifyCopy(source, target, report.ids, () => undefined);
        return { ...report, wrong: found.filter(({ difference }) => difference !== ''), found };
      } finally {
        await target.close();
        await source.close();
      }
    }

    /** All rows of a table, instruments by name and times by whole numbers alone. */
    async function content(backend: StoreBackend, table: keyof typeof MARKET_TABLES): Promise<string[]> {
      const columns = MARKET_TABLES[table].fields.slice(1).map(({ kind, name: column }) => {
        if (kind === 'instant') return `cast(${column}_ns as text) as ${column}`;
        return kind === 'moment' ? `${column}_us` : column;
      });
      const rows = await backend.sql(
        `select provider, symbol, ${columns.join(', ')} from ${table} join instruments on instruments.id = instrument_id`,
      );
      return rows.map((row) => JSON.stringify(row)).sort();
    }

    describe('copies', () => {
      test('bring over everything and back, every value as it was', async () => {
        await fill(embedded);
        // The other database has instruments of its own already, so numbers differ.
        const own = other.open();
        own.instrument(0, { ...EURO, rawSymbol: 'BTC', root: undefined });
        await own.settingPut('desk', 1);
        await own.close();
        const there = await copy(embedded, other);
        expect(there.wrong).toEqual([]);
        expect(there.ids.get(7)).not.toBe(7);
        const third = await sqliteBackend();
        backends.push(third);
        const back = await copy(other, third);
        expect(back.wrong).toEqual([]);
        for (const table of MARKET_TABLE_NAMES) {
          const before = await content(embedded, table);
          expect(before.length, table).toBeGreaterThanOrEqual(40);
          expect(await content(other, table), table).toEqual(before);
          expect(await content(third, table), table).toEqual(before);
        }
        for (const table of [
          'orders',
          'fills',
          'deals',
          'signals',
          'proposals',
          'bars',
          'iss_econ_calendar',
          'settings',
        ]) {
          const rows = async (backend: StoreBackend) => {
            const found = (await backend.sql(`select * from ${table}`)) as Record<string, unknown>[];
            // Numbers of instruments are each database's own, and so are the forms in which times are shown.
            return found
              .map((row) => Object.entries(row).filter(([column]) => !/instrument_id$|_ts$|_time$/.test(column)))
              .map((row) => JSON.stringify(Object.fromEntries(row)))
              .sort();
          };
          const before = await rows(embedded);
          expect(before.length, table).toBeGreaterThan(0);
          expect(await rows(other), table).toEqual(before);
          expect(await rows(third), table).toEqual(before);
        }
        await third.check();
      });

      test.each([
        ['into it', () => [embedded, other] as const],
        ['out of it', () => [other, embedded] as const],
      ])('%s: stopped and made again, nothing is there twice and nothing is missing', async (_, ends) => {
        const [from, into] = ends();
        await fill(from, 40_000);
        const first = await copy(from, into, 2);
        expect(first.stopped).toBe(true);
        const part = (await into.sql('select count(*) as n from cme_trades')) as { n: number }[];
        const second = await copy(from, into);
        expect(second).toMatchObject({ stopped: false, wrong: [] });
        // The second run went on where the first one was.
        const [whole] = (await into.sql('select count(*) as n from cme_trades')) as { n: number }[];
        expect(whole!.n).toBe(40_040);
        expect(second.rows.get('cme_trades')).toBe(40_040 - part[0]!.n);
        expect(first.rows.get('cme_mbp10_events')).toBeGreaterThan(0);
        expect(second.rows.get('cme_mbp10_events')).toBe(40 - first.rows.get('cme_mbp10_events')!);
        const third = await copy(from, into);
        expect(MARKET_TABLE_NAMES.map((table) => third.rows.get(table))).toEqual(MARKET_TABLE_NAMES.map(() => 0));
      });

      test('what came later is brought over by the next copy, however late its time is', async () => {
        await fill(embedded, 100);
        await copy(embedded, other);
        const store = embedded.open({ runId: 'run-2' });
        store.instrument(0, EURO);
        putTrade(store, 500, { venueUs: NOON - 1, localUs: NOON + 3_600_000_000 });
        await store.close();
        const next = await copy(embedded, other);
        expect(next.rows.get('cme_trades')).toBe(1);
        expect(next.wrong).toEqual([]);
      });

      test('rows are not added to others that may be the same, unless that is said', async () => {
        await fill(embedded, 100);
        await copy(embedded, other);
        await expect(copy(other, embedded)).rejects.toThrow(/holds market rows already .* --merge/);
        const rows = 'select count(*) as n from cme_trades';
        expect(await embedded.sql(rows)).toEqual([{ n: 140 }]);
        await copy(other, embedded, Number.POSITIVE_INFINITY, true);
        expect(await embedded.sql(rows)).toEqual([{ n: 280 }]);
      });

      test('a row that was changed, lost or doubled on the other side is found', async () => {
        await fill(embedded, 10);
        await copy(embedded, other);
        await other.sql("update orders set reason = 'other' where id = 'O1'");
        await other.sql('delete from bars where ts_event_us = (select min(ts_event_us) from bars)');
        // Of SQLite the tables of the days are views here, which cannot be changed.
        if (name !== 'SQLite') await other.sql('update cme_trades set price = price + 0.0001 where sequence = 5');
        const source = await embedded.source();
        const target = await other.target();
        const ids = await target.putInstruments(await source.instruments());
        const found = await verifyCopy(source, target, ids, () => undefined);
        await target.close();
        await source.close();
        const wrong = Object.fromEntries(
          found.filter(({ difference }) => difference !== '').map(({ table, difference }) => [table, difference]),
        );
        expect(wrong).toEqual({
          ...{ orders: 'reason', bars: 'rows' },
          ...(name === 'SQLite' ? {} : { cme_trades: expect.stringContaining('price') }),
        });
      });
    });
  });
}
