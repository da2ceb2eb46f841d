import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { openLab, type PageLab } from './page-under-test.ts';

let lab: PageLab;
beforeAll(async () => {
  lab = await openLab();
}, 60_000);
afterAll(() => lab.close());

test('a coin without a link is watched, by itself from the start, and nothing can be staged in it', async () => {
  for (const [width, height] of [
    [1280, 720],
    [1440, 900],
  ] as const) {
    const { page, engine, shoot, close, complaints } = await lab.open({ width, height });
    engine.bringCoin(true);
    await eventually(() => page.locator('.link-name').textContent()).toBe('BTC/USDwatched only');
    await eventually(() => page.locator('.mode-word').textContent()).toBe('PAPERpaper account');
    await page.locator('.pane[data-pane="Ladder"][data-state="live"]').waitFor();
    await eventually(() => page.locator('.ladder-note').textContent()).toMatch(
      /^rows of \d\.0conflated 100 ms · trades in 250 ms batches$/,
    );
    expect(await page.locator('.pane[data-pane="Heatmap"] .legend').textContent()).toContain('conflated 100 ms');
    await eventually(() => page.locator('.spot-quote .spot-name').textContent()).toContain('BTC/USD');
    expect(await page.locator('.pane[data-pane="Ticket"]').textContent()).toContain(
      'No execution instrument is linked to BTC/USD.',
    );
    expect(await page.locator('.pane[data-pane="Ticket"]').getAttribute('data-state')).toBe('live');
    for (const topic of ['depth:6', 'columns:6', 'trades:6', 'bars:6']) expect(engine.subscriptions).toContain(topic);
    await page.keyboard.press('Space');
    await page.locator('.arm-row[data-armed="true"]').waitFor();
    await page.keyboard.press('b');
    await eventually(() => page.locator('.refusal-words').textContent()).toContain('No execution instrument');
    expect(engine.trading.received.map(({ name }) => name)).not.toContain('stage');
    // Enough market time for heatmap and tape to have something to show.
    engine.advance(60_000_000);
    await page.waitForFunction(() => window.fathomMetrics.framesDrawn > 200);
    await shoot(`watch only ${width}`);
    expect(complaints).toEqual([]);
    await close();
  }
}, 60_000);

test('N goes through links and then to the coin, and the link comes back', async () => {
  const { page, engine, close, complaints } = await lab.open();
  engine.bringCoin(false);
  const shown = () => page.locator('.link-name').textContent();
  await eventually(shown).toBe('6EEUR/USD');
  const seen: (string | null)[] = [];
  for (const expected of ['6BGBP/USD', '6JUSD/JPYinverted', 'BTC/USDwatched only', '6EEUR/USD']) {
    await page.keyboard.press('n');
    await eventually(shown).toBe(expected);
    seen.push(await shown());
  }
  expect(seen).toHaveLength(4);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('instrument btc');
  await page.keyboard.press('Enter');
  await eventually(shown).toBe('BTC/USDwatched only');
  expect(complaints).toEqual([]);
  await close();
}, 40_000);
