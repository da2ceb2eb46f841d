import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreError } from '../../main/core/store-port.ts';
import { withCalendar } from '../../main/storage/calendar-store.ts';
import { SqliteStore } from '../../main/storage/sqlite-store.ts';
import { type EconomicEvent, eventId, type NewsItem } from '../../shared/economic-calendar.ts';

const NOON = Date.UTC(2025, 10, 7, 12) * 1000;
const HOUR = 3_600_000_000;

let folder: string;
let path: string;
let store: SqliteStore | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-calendar-'));
  path = join(folder, 'data', 'fathom.sqlite');
});

afterEach(async () => {
  await store?.close();
  store = undefined;
  rmSync(folder, { recursive: true });
});

function event(hour: number, title: string, more: Partial<EconomicEvent> = {}): EconomicEvent {
  const row = {
    atUs: NOON + hour * HOUR,
    currency: 'USD',
    country: 'US',
    impact: 'high' as const,
    title,
    forecast: null,
    previous: null,
    actual: null,
    source: 'insightsentry',
    revisedUs: NOON,
    ...more,
  };
  return { id: eventId(row), ...row };
}

const open = () => new SqliteStore({ path, runId: 'run-1', account: 'paper' });
const DAY = { fromUs: NOON - 12 * HOUR, toUs: NOON + 12 * HOUR };

describe('the calendar in the store', () => {
  test('gives events in the order of time, by impact and currency', async () => {
    store = open();
    const rows = [
      event(3, 'Late'),
      event(1, 'Early', { currency: 'EUR', country: 'DE', impact: 'low' }),
      event(2, 'Nowhere', { currency: null, country: null, impact: 'none' }),
      event(20, 'Tomorrow'),
    ];
    await store.calendar(rows);
    const titles = async (question: object) =>
      (await store!.calendarBetween({ ...DAY, ...question })).map(({ title }) => title);
    expect(await titles({})).toEqual(['Early', 'Nowhere', 'Late']);
    expect(await titles({ impacts: ['high', 'none'] })).toEqual(['Nowhere', 'Late']);
    expect(await titles({ currencies: ['USD', 'EUR'] })).toEqual(['Early', 'Late']);
    expect(await titles({ fromUs: NOON + HOUR, toUs: NOON + 3 * HOUR })).toEqual(['Early', 'Nowhere']);
    expect(await store.calendarBetween({ fromUs: NOON + 20 * HOUR, toUs: NOON + 21 * HOUR })).toEqual([rows[3]]);
  });

  test('the later word counts, and takes away no value that an earlier one gave', async () => {
    store = open();
    await store.calendar([event(1, 'CPI', { forecast: '0.3', previous: '0.2' })]);
    await store.calendar([
      event(1, 'CPI', { source: 'file a.csv', impact: 'medium', actual: '0.4', revisedUs: NOON + 5 }),
    ]);
    expect(await store.calendarBetween(DAY)).toEqual([
      event(1, 'CPI', {
        source: 'file a.csv',
        impact: 'medium',
        forecast: '0.3',
        previous: '0.2',
        actual: '0.4',
        revisedUs: NOON + 5,
      }),
    ]);
    await store.calendar([event(1, 'CPI', { previous: '0.25', revisedUs: NOON + 9 })]);
    const [merged] = await store.calendarBetween(DAY);
    expect(merged).toMatchObject({ impact: 'high', forecast: '0.3', previous: '0.25', actual: '0.4' });
  });

  test('an event that its source has moved leaves its old place; what others told stays', async () => {
    store = open();
    await store.calendar([event(1, 'CPI'), event(2, 'PMI'), event(30, 'Far')]);
    await store.calendar([event(1, 'CPI', { source: 'file a.csv' }), event(5, 'Other', { source: 'file a.csv' })]);
    await store.calendar([event(3, 'CPI')], { source: 'insightsentry', ...DAY });
    const all = await store.calendarBetween({ fromUs: 0, toUs: NOON + 100 * HOUR });
    expect(all.map(({ title, source, atUs }) => `${title} ${source} ${(atUs - NOON) / HOUR}`)).toEqual([
      'CPI file a.csv 1',
      'CPI insightsentry 3',
      'Other file a.csv 5',
      'Far insightsentry 30',
    ]);
  });

  test('keeps headlines, newest first, with and without sentiment', async () => {
    store = open();
    const item = (id: string, atUs: number, more: Partial<NewsItem> = {}): NewsItem => ({
      id,
      atUs,
      title: `title ${id}`,
      link: null,
      source: 'Reuters',
      symbols: ['FX:EURUSD'],
      sentiment: null,
      ...more,
    });
    const rows = [
      item('a', NOON),
      item('b', NOON + 2, { sentiment: { value: 0, label: 'vendor' }, link: 'https://a.example/b' }),
      item('c', NOON + 1, { source: null, symbols: [] }),
    ];
    await store.news(rows);
    await store.news([rows[0]!]);
    expect(await store.latestNews(10)).toEqual([rows[1], rows[2], rows[0]]);
    expect(await store.latestNews(1)).toEqual([rows[1]]);
  });
});

describe('the calendar beside a running engine', () => {
  test('reads and writes, and leaves the note that the file is in use', async () => {
    store = open();
    await store.calendar([event(1, 'CPI')]);
    await withCalendar(path, (calendar) => {
      expect(calendar.between(DAY).map(({ title }) => title)).toEqual(['CPI']);
      calendar.tell([event(2, 'PMI', { source: 'file a.csv' })]);
    });
    expect((await store.calendarBetween(DAY)).map(({ title }) => title)).toEqual(['CPI', 'PMI']);
    const inUse = new Database(path, { readonly: true });
    expect(inUse.prepare("select value from meta where name = 'in_use'").all()).toEqual([{ value: 'yes' }]);
    inUse.close();
  });

  test('makes the database when there is none', async () => {
    await withCalendar(path, (calendar) => calendar.tell([event(1, 'CPI')]));
    store = open();
    expect(await store.calendarBetween(DAY)).toEqual([event(1, 'CPI')]);
  });

  test('a database of a newer version is left alone, in words', async () => {
    await withCalendar(path, () => undefined);
    const newer = new Database(path);
    newer.exec("insert into kysely_migration (name, timestamp) values ('9999-later', '2030')");
    newer.close();
    const refused = withCalendar(path, () => undefined);
    await expect(refused).rejects.toThrow(StoreError);
    await expect(refused).rejects.toThrow(/9999-later.*use the newer version/);
  });
});
