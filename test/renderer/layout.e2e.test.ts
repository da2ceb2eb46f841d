import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { overlaps } from './overlaps.ts';
import { openLab, type PageLab } from './page-under-test.ts';

let lab: PageLab;
beforeAll(async () => {
  lab = await openLab();
}, 60_000);
afterAll(() => lab.close());

const SIZES = [
  { width: 1280, height: 720, scale: 1 },
  { width: 1440, height: 900, scale: 1 },
  { width: 2560, height: 1440, scale: 1 },
  { width: 3840, height: 2160, scale: 1 },
  { width: 1440, height: 900, scale: 2 },
  { width: 2560, height: 1440, scale: 2 },
];

describe('a full screen', () => {
  for (const size of SIZES) {
    const name = `${size.width}x${size.height}${size.scale === 2 ? ' at 200 %' : ''}`;
    test(`overlaps nowhere and cuts no control off at ${name}`, async () => {
      const { page, engine, shoot, close, complaints } = await lab.open(size);
      engine.hub.set('ticket', { armed: true });
      engine.hub.set('terminal', {
        notice: 'The engine was restarted and is disarmed: 2 open deals, 1 working entry.',
      });
      for (let i = 0; i < 12; i++) {
        engine.signal(
          i % 3 === 0 ? 'sell' : 'buy',
          (['expired', 'no-ticket', 'proposed', 'waiting'] as const)[i % 4]!,
          (12 - i) * 9_000_000,
        );
      }
      engine.trading.openDeal('buy', 2, engine.spot.bid - 31);
      engine.trading.openDeal('sell', 10, engine.spot.bid - 1_112);
      engine.trading.workingOrder('buy', 3, engine.spot.bid - 40);
      engine.trading.propose('buy', 60_000_000);
      engine.trading.propose('sell', 60_000_000);
      await page.getByRole('button', { name: /^Buy 2 EUR\/USD/ }).waitFor();
      await page.getByText('Waits beside', { exact: true }).waitFor();
      expect(await overlaps(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
      await shoot(`full ${name}`);
      expect(complaints).toEqual([]);
      await close();
    }, 30_000);
  }

  test('gives up whole parts of its bars and heads where it is narrow, and never half a word', async () => {
    const { page, engine, close } = await lab.open();
    const { venues } = engine.hub.record('health');
    const vendor = { name: 'InsightSentry', state: 'live', label: 'live', ageUs: 400_000, words: '' } as const;
    engine.hub.set('health', { venues: [...venues, vendor] });
    engine.trading.openDeal('buy', 2, engine.spot.bid - 31);
    await page.getByText('InsightSentry').waitFor();
    const shownAt = async (width: number) => {
      await page.setViewportSize({ width, height: 720 });
      await page.locator('.bar-figures').waitFor();
      expect(await cutParts(page, '.health-bar'), `health at ${width}`).toEqual([]);
      expect(await cutParts(page, '.bar-figures'), `bar at ${width}`).toEqual([]);
      expect(await cutParts(page, '.legend'), `legend at ${width}`).toEqual([]);
      return page.locator('.hops .health-item').evaluateAll((hops) => {
        const line = hops[0]!.parentElement!.getBoundingClientRect();
        return hops.filter((hop) => hop.getBoundingClientRect().top < line.bottom).length;
      });
    };
    expect(await shownAt(1500)).toBe(3);
    expect(await shownAt(1280)).toBe(1);
    for (let width = 1_000; width < 1_500; width += 30) await shownAt(width);
    await close();
  }, 30_000);

  test('shows every pane side by side at 1440 × 900 and folds some into tabs at 1280 × 720', async () => {
    const wide = await lab.open();
    expect(await wide.page.locator('.pane:visible').count()).toBe(9);
    await wide.close();
    const narrow = await lab.open({ width: 1280, height: 720 });
    expect(await narrow.page.locator('.pane:visible').count()).toBe(5);
    for (const name of ['Tape', 'Features', 'Signals', 'News', 'Agents']) {
      await narrow.page.locator('.pane-tab', { hasText: name }).click();
      await narrow.page.locator(`.pane[data-pane="${name}"]`).waitFor();
      expect(await overlaps(narrow.page)).toEqual([]);
    }
    await narrow.close();
  }, 30_000);
});

/** Texts of the parts of a line that lie in it, but not as a whole. */
function cutParts(page: Page, line: string): Promise<string[]> {
  return page.locator(line).evaluate((bar) => {
    const room = bar.getBoundingClientRect();
    const parts = [...bar.querySelectorAll('*')].filter(({ children, textContent }) => {
      return textContent !== '' && [...children].every(({ tagName }) => tagName === 'svg');
    });
    const cut = (part: Element) => {
      const { left, right, top } = part.getBoundingClientRect();
      const group = part.closest('.hops, .source')?.getBoundingClientRect() ?? room;
      return right > left && top < room.bottom - 1 && right > group.right + 0.5;
    };
    return parts.filter(cut).map(({ textContent }) => textContent ?? '');
  });
}
