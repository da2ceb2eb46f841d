import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import { Random } from '../../../main/core/clock/random.ts';
import { TopicBoard } from '../../../main/core/publisher/topic-board.ts';
import { StoreError } from '../../../main/core/store-port.ts';
import { type Information, type InformationParts, startInformation } from '../../../main/entry/venues/information.ts';
import { withCalendar } from '../../../main/storage/sqlite/calendar-store.ts';
import { SqliteStore } from '../../../main/storage/sqlite/sqlite-store.ts';
import { type EconomicEvent, eventId } from '../../../shared/economic-calendar.ts';
import { settingsSchema } from '../../../shared/settings.ts';
import { KEY, vendorEvent } from '../../feeds/insightsentry/feed-rig.ts';
import { InsightSentryServer } from '../../venues/insightsentry-server.ts';

let folder: string;
let path: string;
let server: InsightSentryServer;
let store: SqliteStore;
let board: TopicBoard;
let information: Information | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-information-'));
  path = join(folder, 'fathom.sqlite');
  server = await InsightSentryServer.open(KEY);
  store = new SqliteStore({ path, runId: 'run-1', account: 'paper' });
  board = new TopicBoard();
});

afterEach(async () => {
  await information?.stop();
  await store.close().catch(() => undefined);
  await server.close();
  rmSync(folder, { recursive: true });
});

function start(enabled: boolean, parts: Partial<InformationParts> = {}, quotes: string[] = []): void {
  const settings = settingsSchema.parse({
    feeds: { insightsentry: { enabled, url: server.url, streamUrl: server.streamUrl, quotes } },
  });
  const clock = new LiveClock();
  information = startInformation({
    settings,
    keys: (name) => (name === 'INSIGHTSENTRY_API_KEY' ? KEY : undefined),
    store,
    clock,
    random: new Random(3),
    folder,
    board,
    ...parts,
  });
}

function imported(minutes: number, title: string): EconomicEvent {
  const event = {
    atUs: (Math.floor(Date.now() / 60_000) + minutes) * 60_000_000,
    currency: 'EUR',
    country: null,
    impact: 'high' as const,
    title,
    forecast: null,
    previous: null,
    actual: null,
    source: 'file week.csv',
    revisedUs: 1,
  };
  return { id: eventId(event), ...event };
}

const titles = () =>
  board
    .rows('calendar')
    .map(({ title }) => title)
    .sort();

describe('information', () => {
  test('shows what was imported, yesterday to two days ahead, without any vendor', async () => {
    await store.calendar([
      imported(30, 'ECB'),
      imported(-30, 'Just now'),
      imported(3_000, 'Later'),
      imported(-1_500, 'Past'),
    ]);
    start(false);
    await expect.poll(titles).toEqual(['ECB', 'Just now']);
    expect(information!.lights()).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  test("brings the vendor's calendar and news into store and topics, beside what was imported", async () => {
    await withCalendar(path, (calendar) => calendar.tell([imported(30, 'ECB')]));
    server.weeks[0].push(vendorEvent(60, 'Payrolls', { importance: 'high', forecast: 50 }));
    server.news.push({ title: 'First', link: 'https://a.example/1', published_at: 1_762_106_652, source: 'Reuters' });
    start(true);
    await expect.poll(titles).toEqual(['ECB', 'Payrolls']);
    await expect.poll(() => information!.lights()).toMatchObject([{ venue: 'InsightSentry', condition: 'live' }]);
    await expect.poll(() => information!.lights()[0]!.words).toMatch(/news are streamed$/);
    server.push({ title: 'Second', link: 'https://a.example/2', published_at: 1_762_106_700 });
    await expect.poll(() => board.rows('news').map(({ title }) => title)).toEqual(['First', 'Second']);
    await expect.poll(async () => (await store.latestNews(5)).map(({ title }) => title)).toEqual(['Second', 'First']);
    const kept = join(folder, 'state', 'insightsentry.json');
    await expect.poll(() => JSON.parse(readFileSync(kept, 'utf8')).connections.count).toBe(1);
    expect(statSync(kept).mode & 0o077).toBe(0);
    for (const text of [
      readFileSync(kept, 'utf8'),
      JSON.stringify(board.rows('announcements')),
      JSON.stringify(information!.lights()),
    ]) {
      expect(text).not.toContain(KEY);
    }
    // Another start, with the same folder, spends nothing.
    await information!.stop();
    const asked = server.requests.length;
    board = new TopicBoard();
    start(true);
    await expect.poll(titles).toEqual(['ECB', 'Payrolls']);
    await expect.poll(() => board.rows('news').length).toBe(2);
    await expect.poll(() => information!.lights()).toMatchObject([{ condition: 'live' }]);
    expect(server.requests).toHaveLength(asked);
  });

  test('shows the quotes that the settings name, from the start, and keeps none of them', async () => {
    server.quotes.set('FX:EURUSD', { code: 'FX:EURUSD', last_price: 1.1702, lp_time: 1_757_061_265 });
    start(true, {}, ['FX:EURUSD', 'FX:GBPUSD']);
    const shown = () => board.rows('quotes').map(({ id, last }) => [id, last]);
    await expect.poll(shown).toEqual([
      ['FX:EURUSD', 1.1702],
      ['FX:GBPUSD', null],
    ]);
    await expect
      .poll(() => {
        server.quote({ code: 'FX:EURUSD', last_price: 1.1704, lp_time: 1_757_061_266 });
        return shown()[0];
      })
      .toEqual(['FX:EURUSD', 1.1704]);
    await information!.stop();
    expect(readFileSync(join(folder, 'state', 'insightsentry.json'), 'utf8')).not.toContain('EURUSD');
  });

  test('takes an event that was moved from its old place', async () => {
    server.weeks[0].push(vendorEvent(60, 'Payrolls'), vendorEvent(50, 'First'), vendorEvent(120, 'Last'));
    start(true);
    await expect.poll(titles).toEqual(['First', 'Last', 'Payrolls']);
    await information!.stop();
    server.weeks[0][0] = vendorEvent(90, 'Payrolls');
    rmSync(join(folder, 'state'), { recursive: true });
    board = new TopicBoard();
    start(true);
    await expect.poll(() => server.requests.filter(({ path }) => path.endsWith('w=1')).length).toBe(2);
    const at = (minutes: number) => Date.parse(vendorEvent(minutes, '').date) * 1000;
    await expect
      .poll(() => board.rows('calendar').filter(({ title }) => title === 'Payrolls'))
      .toMatchObject([{ atUs: at(90) }]);
  });

  test('says when the key is missing, and names it', async () => {
    start(true, { keys: () => undefined });
    expect(information!.lights()).toEqual([
      {
        venue: 'InsightSentry',
        condition: 'bad-credentials',
        words: 'there is no key; set INSIGHTSENTRY_API_KEY and start again.',
        heardUs: 0,
      },
    ]);
    expect(board.rows('announcements').map(({ words }) => words)).toEqual([
      'InsightSentry: there is no key; set INSIGHTSENTRY_API_KEY and start again.',
    ]);
  });

  test('shows on when the store is away, and says once that nothing is kept', async () => {
    server.weeks[0].push(vendorEvent(60, 'Payrolls'));
    server.news.push({ title: 'First', published_at: 1_762_106_652 });
    const away = async (): Promise<never> => {
      throw new StoreError('the disk is full');
    };
    start(true, { store: { calendar: away, calendarBetween: away, news: away, latestNews: away, newsGates: away } });
    await expect.poll(titles).toEqual(['Payrolls']);
    await expect.poll(() => board.rows('news').length).toBe(1);
    expect(board.rows('announcements').map(({ words }) => words)).toEqual([
      'Calendar and news are shown but not stored: the disk is full',
    ]);
  });
});
