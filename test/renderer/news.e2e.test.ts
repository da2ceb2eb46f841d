import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DataState } from '../../shared/contract/topics.ts';
import type { EconomicEvent, NewsItem } from '../../shared/economic-calendar.ts';
import { eventually } from './eventually.ts';
import { overlaps } from './overlaps.ts';
import { openLab, type PageLab } from './page-under-test.ts';
import type { ScriptedEngine } from './scripted-engine.ts';

let lab: PageLab;
beforeAll(async () => {
  lab = await openLab();
}, 60_000);
afterAll(() => lab.close());

const MINUTE = 60_000_000;

function event(engine: ScriptedEngine, minutes: number, title: string, more: Partial<EconomicEvent> = {}) {
  const atUs = Math.floor(engine.nowUs / MINUTE) * MINUTE + minutes * MINUTE;
  const none = { forecast: null, previous: null, actual: null };
  const row: EconomicEvent = {
    id: `${title} ${minutes}`,
    atUs,
    currency: 'USD',
    country: 'US',
    impact: 'low',
    title,
    ...none,
    source: 'insightsentry',
    revisedUs: 0,
    ...more,
  };
  return row;
}

function news(engine: ScriptedEngine, agoUs: number, title: string, more: Partial<NewsItem> = {}): NewsItem {
  const link = `https://news.example/${encodeURIComponent(title)}`;
  const atUs = engine.nowUs - agoUs;
  return { id: title, atUs, title, link, source: 'Reuters', symbols: ['FX:EURUSD'], sentiment: null, ...more };
}

/** A busy day: forty releases before now, the payrolls ahead, some tomorrow, and headlines. */
function fill(engine: ScriptedEngine): void {
  const past = Array.from({ length: 40 }, (_, i) =>
    event(engine, -20 * (40 - i) + 10, `Earlier ${i}`, { impact: (['low', 'medium', 'high'] as const)[i % 3]! }),
  ).filter(({ atUs }) => new Date(atUs / 1000).getUTCDate() === 20);
  engine.hub.upsert('calendar', [
    ...past,
    event(engine, 8, 'Factory Orders', { currency: 'GBP', impact: 'medium' }),
    event(engine, 45, 'Non Farm Payrolls', { impact: 'high', forecast: '50K', previous: '22K' }),
    event(engine, 45, 'Unemployment Rate', { impact: 'high', forecast: '4.3%', previous: '4.3%' }),
    event(engine, 45, 'Average Hourly Earnings of All Employees', { impact: 'medium', forecast: '0.3%' }),
    event(engine, 180, 'Baker Hughes Rig Count', { previous: '548' }),
    event(engine, 17 * 60, 'German Factory Orders', { currency: 'EUR', country: 'DE', impact: 'medium' }),
    event(engine, 20 * 60, 'Jibun Bank Services PMI', { currency: 'JPY', country: 'JP', impact: 'none' }),
  ]);
  engine.hub.upsert('news', [
    news(engine, 40 * MINUTE, 'ECB speakers keep a December move open as services prices stay firm', {
      symbols: ['FX:EURUSD', 'FX:EURGBP'],
    }),
    news(engine, 3 * MINUTE, 'Dollar steadies before payrolls', { sentiment: { value: -0.25, label: 'vendor' } }),
    news(engine, 4_000_000, 'Treasury sells bills', { source: null, symbols: [] }),
  ]);
}

function feed(engine: ScriptedEngine, state: DataState, label: string, words: string, ageUs: number | null): void {
  const { venues } = engine.hub.record('health');
  const others = venues.filter(({ name }) => name !== 'InsightSentry');
  engine.hub.set('health', { venues: [...others, { name: 'InsightSentry', state, label, ageUs, words }] });
}

async function openNews(size?: { width: number; height: number }) {
  const opened = await lab.open(size);
  await opened.page.locator('.pane-tab', { hasText: 'News' }).click();
  const pane = opened.page.locator('.pane[data-pane="News"]');
  await pane.waitFor();
  return { ...opened, pane };
}

describe('the news pane', () => {
  for (const size of [
    { width: 1280, height: 720 },
    { width: 1440, height: 900 },
  ]) {
    test(`shows releases and headlines at ${size.width} × ${size.height}`, async () => {
      const { page, pane, engine, shoot, close, complaints } = await openNews(size);
      fill(engine);
      feed(engine, 'live', 'live', 'calendar of 13:00 UTC · news are streamed', 400_000);
      await pane.locator('tr[data-next="true"]').first().waitFor();
      const row = (title: string) => pane.locator('tr[data-id]', { hasText: title });
      const cells = (title: string) => row(title).locator('td:visible').allTextContents();
      // 13:29 UTC is 13:29 in London in November.
      expect((await cells('Non Farm Payrolls')).slice(0, 6)).toEqual([
        'next of high impact',
        '14:14',
        'USD',
        'High',
        'Non Farm Payrolls',
        '50K',
      ]);
      expect(await row('Non Farm Payrolls').locator('td').nth(1).getAttribute('title')).toContain('14:14:00 UTC');
      expect(await pane.locator('tr[data-next="true"] .what').allTextContents()).toEqual([
        'Non Farm Payrolls',
        'Unemployment Rate',
      ]);
      expect(await row('Earlier 39').getAttribute('data-phase')).toBe('past');
      expect(await pane.locator('.day').allTextContents()).toEqual(['Today Fri 20 Nov', 'Tomorrow Sat 21 Nov']);
      // The first one to come is in sight under the table's head, whatever the day has seen.
      const box = (await pane.locator('.releases-box').boundingBox())!;
      const head = (await pane.locator('.releases thead').boundingBox())!;
      const first = (await row('Factory Orders').first().boundingBox())!;
      expect(first.y).toBeGreaterThanOrEqual(head.y + head.height - 1);
      expect(first.y + first.height).toBeLessThanOrEqual(box.y + box.height + 1);
      const lines = pane.locator('.headlines li');
      expect(await lines.locator('.title').allTextContents()).toEqual([
        'Treasury sells bills',
        'Dollar steadies before payrolls',
        'ECB speakers keep a December move open as services prices stay firm',
      ]);
      expect(await lines.locator('.sentiment').allTextContents()).toEqual([
        'not supplied',
        'vendor −0.25',
        'not supplied',
      ]);
      expect(await lines.first().locator('.source').textContent()).toBe('no source');
      await eventually(() => lines.nth(1).locator('.age').textContent()).toBe('3 min');
      expect(await pane.locator('a').count()).toBe(0);
      expect(await overlaps(page)).toEqual([]);
      expect(await pane.locator('.pane-band').count()).toBe(0);
      await shoot(`news ${size.width}x${size.height}`);
      expect(complaints).toEqual([]);
      await close();
    }, 40_000);
  }

  test('opened late, shows the first release to come', async () => {
    const { page, engine, close } = await lab.open({ width: 1280, height: 720 });
    fill(engine);
    await page.locator('.next-release', { hasText: 'Non Farm Payrolls' }).waitFor();
    const tab = page.locator('.pane-tab', { hasText: 'News' });
    const first = page.locator('tr[data-id]', { hasText: 'Factory Orders' }).first();
    const inSight = async () => {
      const box = (await page.locator('.releases-box').boundingBox())!;
      const row = (await first.boundingBox())!;
      return row.y > box.y && row.y + row.height <= box.y + box.height;
    };
    await tab.click();
    await eventually(inSight).toBe(true);
    // And again after another pane lay in front.
    await page.locator('.pane-tab', { hasText: 'Chart' }).click();
    await tab.click();
    await eventually(inSight).toBe(true);
    await close();
  }, 40_000);

  test('turns to amber within ten minutes, with a mark and words, and shifts nothing', async () => {
    const { pane, engine, shoot, close } = await openNews({ width: 1280, height: 720 });
    engine.hub.upsert('calendar', [
      event(engine, 12, 'Payrolls', { impact: 'high' }),
      event(engine, 12, 'Hours', { impact: 'low' }),
    ]);
    const row = pane.locator('tr[data-id]', { hasText: 'Payrolls' });
    await row.waitFor();
    const colour = () => row.locator('.what').evaluate((e) => getComputedStyle(e).color);
    const quiet = await colour();
    const place = await row.boundingBox();
    expect(await row.locator('.next-mark').count()).toBe(1);
    engine.advance(3 * MINUTE);
    await eventually(() => row.getAttribute('data-phase')).toBe('soon');
    expect(await colour()).not.toBe(quiet);
    expect(await row.locator('.state-icon').isVisible()).toBe(true);
    expect(await row.locator('.aside').textContent()).toBe('next of high impact, within 10 minutes');
    expect(await row.boundingBox()).toEqual(place);
    expect(await pane.locator('tr[data-id]', { hasText: 'Hours' }).getAttribute('data-urgent')).toBe('false');
    await shoot('news soon');
    engine.hub.upsert('calendar', [
      { ...event(engine, 0, ''), ...engine.hub.rows('calendar')[0]!, actual: '119K', forecast: '50K' },
    ]);
    await eventually(() => row.locator('.actual').textContent()).toBe('119K');
    expect(await row.boundingBox()).toEqual(place);
    engine.advance(12 * MINUTE);
    await eventually(() => row.getAttribute('data-phase')).toBe('past');
    await close();
  }, 40_000);

  test('has a strip of quotes with their age or delay, which no digit shifts', async () => {
    const { page, pane, engine, shoot, close, complaints } = await openNews({ width: 1280, height: 720 });
    fill(engine);
    expect(await pane.locator('.quotes-strip').count()).toBe(0);
    const none = { last: null, decimals: 0, changePercent: null, atUs: null, delaySeconds: null };
    const eur = { id: 'FX:EURUSD', last: 1.0848, decimals: 5, changePercent: 0.41, delaySeconds: 0 };
    const es = { id: 'CME_MINI:ES1!', last: 6501.25, decimals: 2, changePercent: -0.2, delaySeconds: 900 };
    const day = { id: 'TVC:DXY', last: 97.7, decimals: 3, changePercent: 0, delaySeconds: -1 };
    engine.hub.upsert('quotes', [
      { ...eur, atUs: engine.nowUs - 200_000_000 },
      { ...es, atUs: engine.nowUs - 900_000_000 },
      { ...day, atUs: engine.nowUs - 40_000_000_000 },
      { id: 'FX:NOSUCH', ...none },
    ]);
    const quotes = pane.locator('.quotes-strip li');
    const cells = (at: number) => quotes.nth(at).locator('> *').allTextContents();
    await eventually(() => cells(0)).toEqual(['EURUSD', '3 min', '1.08480', '+0.41 %']);
    expect(await cells(1)).toEqual(['ES1!', '15 min late', '6501.25', '−0.20 %']);
    expect(await cells(2)).toEqual(['DXY', 'end of day', '97.700', '0.00 %']);
    expect(await cells(3)).toEqual(['NOSUCH', 'delay not told', '—', '—']);
    expect(await quotes.first().getAttribute('title')).toContain('not traded on');
    const places = async () => [await quotes.nth(1).boundingBox(), await pane.locator('.news').boundingBox()];
    const before = await places();
    engine.hub.upsert('quotes', [{ ...eur, last: 1.0849, changePercent: -0.05, atUs: engine.nowUs }]);
    await eventually(async () => (await cells(0)).slice(2)).toEqual(['1.08490', '−0.05 %']);
    expect(await places()).toEqual(before);
    expect(await overlaps(page)).toEqual([]);
    await shoot('news quotes');
    expect(complaints).toEqual([]);
    await close();
  }, 40_000);

  test('says without calendar and vendor how to get them', async () => {
    const { pane, shoot, close } = await openNews({ width: 1280, height: 720 });
    const words = pane.locator('.empty');
    await eventually(() => words.allTextContents()).toEqual([
      'No calendar. Import one with "fathom calendar import FILE", or enable InsightSentry in the settings and enter its key.',
      'No headlines. Enable InsightSentry in the settings and enter its key.',
    ]);
    await shoot('news empty');
    await close();
  }, 40_000);

  test('names each state of the feed beside what is there', async () => {
    const { pane, engine, shoot, close } = await openNews();
    const band = pane.locator('.pane-band');
    feed(engine, 'waiting', 'connecting', 'connecting to InsightSentry', null);
    await eventually(() => band.textContent()).toBe('CONNECTINGconnecting to InsightSentry');
    expect(await pane.locator('.empty').allTextContents()).toEqual([
      "Waits for InsightSentry's calendar.",
      "Waits for InsightSentry's headlines.",
    ]);
    fill(engine);
    feed(engine, 'stale', 'stale', 'calendar: HTTP 503, 5 times in a row', 190 * 1_000_000);
    await eventually(() => band.textContent()).toBe('STALE3 mincalendar: HTTP 503, 5 times in a row');
    await shoot('news stale');
    feed(engine, 'error', 'quota', "the plan's requests of this month are used up", 7_300 * 1_000_000);
    await eventually(() => band.textContent()).toBe("QUOTA USED2 hthe plan's requests of this month are used up");
    feed(engine, 'error', 'bad credentials', 'the key was refused (HTTP 401)', null);
    await eventually(() => band.textContent()).toBe('BAD CREDENTIALSthe key was refused (HTTP 401)');
    // The calendar stays what it is, whatever the vendor does.
    const filter = await pane.locator('.pane-content').evaluate((e) => getComputedStyle(e).filter);
    expect(filter).toBe('none');
    await shoot('news refused');
    engine.startReplay();
    await eventually(() => pane.locator('.pane-cover').textContent()).toContain('NOT REPLAYED');
    await close();
  }, 40_000);

  test('is reached and read by keyboard', async () => {
    const { page, pane, engine, close } = await openNews({ width: 1280, height: 720 });
    fill(engine);
    engine.hub.upsert(
      'news',
      Array.from({ length: 12 }, (_, i) => news(engine, (50 + i) * MINUTE, `Earlier headline ${i}`)),
    );
    await pane.locator('tr[data-next="true"]').first().waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.className ?? '');
    await page.locator('.pane-tab', { hasText: 'News' }).click();
    for (let i = 0; i < 60 && !(await focused()).includes('releases-box'); i++) await page.keyboard.press('Tab');
    expect(await focused()).toContain('releases-box');
    const top = () => pane.locator('.releases-box').evaluate((e) => e.scrollTop);
    await page.keyboard.press('Home');
    await eventually(top).toBe(0);
    await page.keyboard.press('PageDown');
    await eventually(top).toBeGreaterThan(0);
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('headlines');
    await close();
  }, 40_000);
});
