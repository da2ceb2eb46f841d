import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { openLab, type PageLab } from './page-under-test.ts';

let lab: PageLab;
beforeAll(async () => {
  lab = await openLab();
}, 60_000);
afterAll(() => lab.close());

/** Rows of the ladder that have a bar of bids and of asks, read off the picture. */
const filledRows = (page: Page): Promise<{ bids: number; asks: number }> =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.pane[data-pane="Ladder"] canvas')!;
    const style = getComputedStyle(document.documentElement);
    const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    const colour = (name: string): string => {
      probe.fillStyle = style.getPropertyValue(name);
      probe.fillRect(0, 0, 1, 1);
      return probe.getImageData(0, 0, 1, 1).data.join();
    };
    const ROW = 18;
    const { width, height } = canvas;
    const wanted = { bids: colour('--bid-fill'), asks: colour('--ask-fill') };
    Object.assign(probe.canvas, { width, height });
    probe.drawImage(canvas, 0, 0);
    const pixels = probe.getImageData(0, 0, width, height).data;
    const rowsWith = (wanted: string): number => {
      let rows = 0;
      for (let y = 3; y < height; y += ROW) {
        let found = false;
        for (let at = y * width * 4; at < (y + 1) * width * 4 && !found; at += 4) {
          found = `${pixels[at]},${pixels[at + 1]},${pixels[at + 2]},${pixels[at + 3]}` === wanted;
        }
        if (found) rows++;
      }
      return rows;
    };
    return { bids: rowsWith(wanted.bids), asks: rowsWith(wanted.asks) };
  });

const ladder = (page: Page, ticks: number) =>
  page.locator(`.pane[data-pane="Ladder"] canvas[data-row-ticks="${ticks}"]`).waitFor();

test('a coin’s levels fill the rows by themselves; keys make rows finer and coarser, in both panes', async () => {
  for (const [width, height] of [
    [1280, 720],
    [1440, 900],
  ] as const) {
    const { page, engine, shoot, close, complaints } = await lab.open({ width, height });
    engine.advance(60_000_000);
    engine.bringCoin(true);
    await page.locator('.pane[data-pane="Ladder"][data-state="live"]').waitFor();
    const words = () => page.locator('.ladder-note .row-words').textContent();
    await eventually(words).toMatch(/^rows of [1-5]\.0$/);
    const automatic = Number((await words())!.slice('rows of '.length)) * 10;
    await ladder(page, automatic);
    await eventually(() => filledRows(page)).toEqual({
      bids: expect.toSatisfy((rows) => rows >= 5),
      asks: expect.toSatisfy((rows) => rows >= 5),
    });
    expect(await page.locator('.pane[data-pane="Heatmap"] .legend').textContent()).toContain(await words());
    await shoot(`rows of a coin ${width}`);

    await page.keyboard.press('Equal');
    await ladder(page, automatic === 50 ? 100 : automatic === 10 ? 20 : 50);
    expect(await words()).toMatch(/, fixed$/);
    // Ten levels would fill four such rows a side: the rest are of the deeper book.
    await eventually(() => filledRows(page)).toEqual({
      bids: expect.toSatisfy((rows) => rows >= 10),
      asks: expect.toSatisfy((rows) => rows >= 10),
    });
    for (let i = 0; i < 6; i++) await page.keyboard.press('Minus');
    await ladder(page, 1);
    expect(await words()).toBe('rows of 0.1, fixed');
    await eventually(() => filledRows(page)).toEqual({
      bids: expect.toSatisfy((rows) => rows <= 2),
      asks: expect.toSatisfy((rows) => rows <= 2),
    });
    await page.keyboard.press('Shift+Equal');
    await ladder(page, automatic);
    expect(await words()).not.toContain('fixed');
    expect(engine.trading.received.filter(({ name }) => !/Workspace$/.test(name))).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  }
}, 60_000);

test('a future has a row a tick and says nothing of it, unless rows are made coarser', async () => {
  const { page, shoot, close, complaints } = await lab.open();
  expect(await page.locator('.row-words').count()).toBe(0);
  const { bids, asks } = await filledRows(page);
  expect([bids, asks]).toEqual([10, 10]);
  await page.keyboard.press('Equal');
  await page.keyboard.press('Equal');
  await ladder(page, 5);
  expect(await page.locator('.ladder-note').textContent()).toBe('rows of 0.00025, fixed');
  await eventually(() => filledRows(page).then((rows) => rows.bids)).toBeLessThan(4);
  await shoot('rows of a future');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('automatic price');
  await page.keyboard.press('Enter');
  await ladder(page, 1);
  await eventually(() => page.locator('.ladder-note').count()).toBe(0);
  expect(complaints).toEqual([]);
  await close();
}, 40_000);
