import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LinkRow } from '../../shared/contract/topics.ts';
import { eventually } from './eventually.ts';
import { openLab, type PageLab } from './page-under-test.ts';

let lab: PageLab;
beforeAll(async () => {
  lab = await openLab();
}, 60_000);
afterAll(() => lab.close());

test('a lag is shown with its confidence, and amber with a sign and the reason while it is a guess; nothing moves', async () => {
  const { page, engine, shoot, close, complaints } = await lab.open();
  const line = page.locator('.spot-lag');
  const lag = page.locator('.spot-lead dd').first();
  const amber = await page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = 'var(--caution)';
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  });
  const colour = () => lag.evaluate((element) => getComputedStyle(element).color);
  const boxes = () =>
    Promise.all(['.spot-quote', '.spot-lead', '.spot-lag'].map((of) => page.locator(of).boundingBox()));
  const tell = (changes: Partial<LinkRow>) => {
    const row = engine.hub.rows('links').find(({ id }) => id === '6E-EURUSD')!;
    engine.hub.upsert('links', [{ ...row, ...changes }]);
  };

  await eventually(() => line.textContent()).toContain('Confidence 97 %');
  expect([await line.locator('svg').count(), (await colour()) === amber]).toEqual([0, false]);
  const before = await boxes();
  await shoot('lag measured');

  const lagWords = 'First guess: confidence 0.71, 0.90 is needed. 2 answers were late.';
  tell({ lagUs: 150_000, lagConfidence: 0.71, lagGuessed: true, lagWords });
  await eventually(() => line.textContent()).toContain(lagWords);
  expect(await lag.textContent()).toBe('150');
  expect([await line.locator('svg').count(), await colour()]).toEqual([1, amber]);
  expect(await line.getAttribute('title')).toBe(lagWords);
  expect(await boxes()).toEqual(before);
  await shoot('lag guessed');

  tell({ lagUs: 1_985_000, lagConfidence: 1, lagSamples: 8_191, correlation: -0.5, lagGuessed: false });
  await eventually(() => line.textContent()).toContain('Changes 8191');
  expect(await boxes()).toEqual(before);
  expect(complaints).toEqual([]);
  await close();
}, 30_000);
