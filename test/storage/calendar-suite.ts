import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WorkerStore } from '../../main/storage/worker-store.ts';
import type { NewsItem } from '../../shared/economic-calendar.ts';
import { calendarEvent as event, HOUR, NOON } from './calendar-events.ts';
import type { StoreBackend } from './store-backend.ts';

const DAY = { fromUs: NOON - 12 * HOUR, toUs: NOON + 12 * HOUR };

/** What every store does with events and headlines. @param make a database of its own for each test */
export function calendarSuite(name: string, make: () => Promise<StoreBackend>): void {
  describe(name, () => {
    let backend: StoreBackend;
    let store: WorkerStore | undefined;

    beforeEach(async () => {
      backend = await make();
    });

    afterEach(async () => {
      await store?.close();
      store = undefined;
      await backend.remove();
    });

    const open = () => backend.open();

    describe('the calendar in every store', () => {
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
  });
}
