import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EconomicEvent } from '../../shared/economic-calendar.ts';
import { eventually } from './eventually.ts';
import { openLab, type PageLab } from './page-under-test.ts';

let lab: PageLab;
beforeAll(async () => {
  lab = await openLab();
}, 60_000);
afterAll(() => lab.close());

test('the status bar counts down to the next release of the pair, with caution in its last ten minutes', async () => {
  const { page, engine, shoot, close, complaints } = await lab.open({ width: 1280, height: 720 });
  const place = page.locator('.next-release');
  const colour = () => place.locator('.quiet').evaluate((e) => getComputedStyle(e).color);
  await eventually(() => place.textContent()).toBe('no events known');
  expect(await place.getAttribute('title')).toContain('Import a calendar, or enable InsightSentry');
  const quiet = await colour();
  const event = (seconds: number, title: string, currency: string): EconomicEvent => ({
    id: title,
    atUs: engine.nowUs + seconds * 1_000_000,
    currency,
    country: null,
    impact: 'high',
    title,
    forecast: null,
    previous: null,
    actual: null,
    source: 'file week.csv',
    revisedUs: 0,
  });
  engine.hub.upsert('calendar', [event(300, 'Rate decision', 'JPY')]);
  await eventually(() => place.textContent()).toBe('no high impact for EUR or USD in 48 h');
  engine.hub.upsert('calendar', [event(7_200, 'Non Farm Payrolls and a title that is much too long for a bar', 'USD')]);
  await eventually(() => place.textContent()).toMatch(/^USD Non Farm Payrolls.*(2:00:00|1:59:\d\d)$/);
  expect(await place.locator('svg').isVisible()).toBe(false);
  engine.hub.upsert('calendar', [event(500, 'CPI', 'EUR')]);
  await eventually(() => place.textContent()).toMatch(/^EUR CPI08:\d\d$/);
  expect(await place.locator('svg').isVisible()).toBe(true);
  expect(await colour()).not.toBe(quiet);
  await shoot('release countdown');
  const armed = (await page.locator('.armed-state').boundingBox())!;
  expect(armed.x + armed.width).toBeLessThanOrEqual(1280);
  // The time left stands, however long the title.
  engine.hub.upsert('calendar', [], ['CPI']);
  await eventually(() => place.textContent()).toMatch(/^USD Non Farm/);
  const figure = (await place.locator('.figure').boundingBox())!;
  const box = (await place.boundingBox())!;
  expect(figure.x + figure.width).toBeLessThanOrEqual(box.x + box.width);
  expect(complaints).toEqual([]);
  await close();
}, 40_000);
