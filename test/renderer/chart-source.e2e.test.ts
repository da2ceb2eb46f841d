import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { openLab, type PageLab } from './page-under-test.ts';

let lab: PageLab;
beforeAll(async () => {
  lab = await openLab();
}, 60_000);
afterAll(() => lab.close());

test('the chart says whose bars it shows, and whether traded volume or time weighs their average', async () => {
  const { page, engine, close, complaints } = await lab.open();
  const head = page.locator('.chart-head');
  await eventually(() => head.textContent()).toMatch(/6E 1 min.*VWAP true.*Vol/);
  const bars = engine.hub.rows('bars:0').map((bar) => ({
    ...bar,
    volume: 37,
    source: 'ig',
    volumeType: 'tick' as const,
    vwapKind: 'twap' as const,
  }));
  engine.hub.upsert('bars:1', bars);
  const row = engine.hub.rows('links').find(({ id }) => id === '6E-EURUSD')!;
  engine.hub.upsert('links', [{ ...row, barsMarket: row.executionMarket }]);
  await eventually(() => head.textContent()).toMatch(/EUR\/USD 1 min.*TWAP.*Quotes 37/);
  expect(engine.subscriptions).toContain('bars:1');
  engine.hub.upsert('links', [row]);
  await eventually(() => head.textContent()).toMatch(/6E 1 min.*VWAP true/);
  expect(complaints).toEqual([]);
  await close();
}, 30_000);
