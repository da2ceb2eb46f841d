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
