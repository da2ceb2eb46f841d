import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DataState } from '../../shared/contract/topics.ts';
import { eventually } from './eventually.ts';
import { openLab, type PageLab } from './page-under-test.ts';

let lab: PageLab;
beforeAll(async () => {
  lab = await openLab();
}, 60_000);
afterAll(() => lab.close());

const MARKET_PANES = ['Ladder', 'Heatmap', 'Chart', 'Tape', 'Features'];

describe('states of the data', () => {
  test('each is named on every pane that rests on the market, and undone when it is over', async () => {
    const { page, engine, shoot, close, complaints } = await lab.open();
    const words: Readonly<Record<Exclude<DataState, 'live'>, string>> = {
      waiting: 'NO DATA YET',
      warming: 'WARMING UP',
      stale: 'STALE',
      gap: 'GAP',
      closed: 'CLOSED',
      error: 'ERROR',
    };
    for (const [state, word] of Object.entries(words)) {
      engine.setState(0, state as DataState, `words for ${state}`);
      for (const pane of MARKET_PANES) {
        const shown = page.locator(`.pane[data-pane="${pane}"]`);
        await shown.locator('.pane-word', { hasText: word }).waitFor();
        expect(await shown.textContent()).toContain(`words for ${state}`);
      }
      expect(await page.locator('.pane[data-pane="Positions"]').getAttribute('data-state')).toBe('live');
      await shoot(`state ${state}`);
    }
    engine.setState(0, 'live', '');
    await eventually(() => page.locator('.pane-word').count()).toBe(0);
    expect(complaints).toEqual([]);
    await close();
  }, 40_000);

  test('a gap in the execution market marks the quote and the ticket, not the ladder', async () => {
    const { page, engine, close } = await lab.open();
    engine.setState(1, 'stale', 'no quote from IG');
    await page.locator('.pane[data-pane="Ticket"] .pane-word', { hasText: 'STALE' }).waitFor();
    expect(await page.locator('.spot-quote').getAttribute('data-live')).toBe('false');
    expect(await page.locator('.pane[data-pane="Ladder"]').getAttribute('data-state')).toBe('live');
    // The band must not lie over the way out.
    const flatten = (await page.locator('.flatten').boundingBox())!;
    const band = (await page.locator('.pane[data-pane="Positions"] .pane-band').boundingBox())!;
    expect(flatten.y + flatten.height).toBeLessThanOrEqual(band.y);
    await close();
  }, 30_000);

  test('stale depth loses its colour and says its age', async () => {
    const { page, engine, close } = await lab.open();
    engine.setState(0, 'stale', '');
    const band = page.locator('.pane[data-pane="Heatmap"] .pane-band');
    await eventually(() => band.textContent()).toMatch(/STALE\s*[1-9]\.\d s/);
    const filter = await page
      .locator('.pane[data-pane="Heatmap"] .pane-content')
      .evaluate((e) => getComputedStyle(e).filter);
    expect(filter).toContain('saturate');
    await close();
  }, 30_000);
});

describe('modes', () => {
  test('each mode has its word, replay its bar, live its red frame', async () => {
    const { page, engine, shoot, close } = await lab.open();
    const word = page.locator('.mode-word');
    const hatch = () => page.locator('.status-bar').evaluate((e) => getComputedStyle(e).backgroundImage);
    const frame = () => page.locator('.shell').evaluate((e) => getComputedStyle(e, '::after').borderTopWidth);
    await eventually(() => word.textContent()).toBe('SIMULATEDpaper account');
    expect(await hatch()).toContain('gradient');
    engine.startReplay();
    await page.getByRole('slider', { name: 'Time of the replay' }).waitFor();
    expect(await word.textContent()).toContain('REPLAY');
    expect(await page.locator('.mode-mark').first().textContent()).toBe('REPLAY');
    await page.keyboard.press('r');
    await page.getByRole('button', { name: /^Play/ }).waitFor();
    await page.keyboard.press('.');
    await page.keyboard.press(',');
    await eventually(() => engine.trading.received.map(({ name }) => name).slice(-3)).toEqual([
      'replayPause',
      'replayStep',
      'replaySeek',
    ]);
    await eventually(() => page.locator('.replay-bar .now').textContent()).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/);
    await shoot('mode replay');
    engine.hub.set('replay', { active: false });
    engine.setMode('PAPER', true);
    await eventually(() => word.textContent()).toBe('PAPERpaper account');
    expect(await hatch()).toBe('none');
    expect(await frame()).toBe('0px');
    engine.setMode('LIVE', false);
    await eventually(() => word.textContent()).toBe('LIVElive account');
    expect(await frame()).toBe('3px');
    await shoot('mode live');
    await close();
  }, 30_000);
});

test('what a restart left behind is told until the trader arms, and told anew after the next one', async () => {
  const { page, engine, close } = await lab.open();
  const notice = page.locator('.notice-words');
  engine.hub.set('terminal', { restarts: 1, notice: 'The engine was restarted and is disarmed: 1 open deal.' });
  await notice.waitFor();
  for (let presses = 0; presses < 2; presses++) {
    await page.keyboard.press('Space');
    await page.locator(`.armed-state[data-armed="${presses === 0}"]`).waitFor();
    expect(await notice.count()).toBe(0);
  }
  engine.hub.set('terminal', { restarts: 2 });
  await notice.waitFor();
  await close();
}, 30_000);

describe('the line to the engine', () => {
  test('away: every pane says so with the time since, then it all comes back by itself', async () => {
    const { page, engine, shoot, close } = await lab.open();
    engine.goAway();
    await eventually(() => page.locator('.pane-word', { hasText: 'ENGINE AWAY' }).count()).toBe(9);
    await eventually(() => page.locator('.pane-band').first().textContent()).toMatch(/[1-9]\.\d s/);
    expect(await page.locator('.mode-word').textContent()).toBe('ENGINE AWAY');
    expect(await page.locator('.spot-quote').getAttribute('data-live')).toBe('false');
    expect(await page.locator('.armed-state').textContent()).toBe('AWAY');
    expect(await page.locator('.arm-row').textContent()).toContain('ENGINE AWAY');
    await page.keyboard.press('x');
    await eventually(() => page.locator('.refusal-words').textContent()).toContain('The engine is away');
    await shoot('engine away');
    engine.comeBack(engine.engineId);
    await eventually(() => page.locator('.pane-word').count()).toBe(0);
    const before = await page.evaluate(() => window.fathomMetrics.framesTaken);
    await eventually(() => page.evaluate(() => window.fathomMetrics.framesTaken)).toBeGreaterThan(before);
    await close();
  }, 30_000);

  test('another engine: what was known is dropped and asked for again', async () => {
    const { page, engine, close } = await lab.open();
    engine.trading.openDeal('buy', 2, engine.spot.bid);
    await page.getByRole('button', { name: /^Close D-/ }).waitFor();
    engine.goAway();
    engine.hub.upsert('deals', [], ['D-1']);
    engine.comeBack('engine-2');
    await page.getByText('Flat. No deal is open').waitFor();
    await eventually(() => page.locator('.refusal-words').textContent()).toContain('restarted');
    await close();
  }, 30_000);

  test('a lost message makes the topic be asked for again, and the health bar counts it', async () => {
    const { page, engine, close } = await lab.open();
    engine.subscriptions = [];
    engine.hub.loseOne('ticket');
    engine.hub.set('ticket', { armed: true });
    await page.getByText('ARMED', { exact: true }).first().waitFor();
    expect(engine.subscriptions).toEqual(['ticket']);
    await eventually(() => page.locator('.health-item', { hasText: 'gaps' }).textContent()).toBe('gaps1');
    await close();
  }, 30_000);

  test('lost trades are named on the tape, lost columns fetched again', async () => {
    const { page, engine, close } = await lab.open();
    engine.subscriptions = [];
    engine.loseRows('columns:0');
    engine.advance(1_000_000);
    await eventually(() => engine.subscriptions).toContain('columns:0');
    engine.loseRows('trades:0');
    engine.advance(3_000_000);
    await eventually(() => page.locator('.tape-head .caution').textContent()).toMatch(/^\d+ skipped$/);
    await close();
  }, 30_000);

  test('the token is exchanged once and taken off the address; a reload needs none', async () => {
    const { page, close, complaints } = await lab.open();
    expect(new URL(page.url()).hash).toBe('');
    await page.reload();
    await page.locator('.arm-row').waitFor();
    expect(complaints).toEqual([]);
    await close();
  }, 30_000);

  test('a wrong token is said in words', async () => {
    const { page, engine, close } = await lab.open();
    await page.goto('about:blank');
    await page.goto(engine.url.replace(/token=.*/, 'token=wrong'));
    await page.getByText('a token that this engine does not know').first().waitFor();
    await close();
  }, 30_000);
});

test('a pane in a window of its own keeps drawing and keeps its keys', async () => {
  const { page, engine, close, complaints } = await lab.open();
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Open Heatmap in a window of its own' }).click(),
  ]);
  await popup.locator('.pane[data-pane="Heatmap"] canvas').first().waitFor();
  expect(
    await popup
      .locator('.pane')
      .first()
      .evaluate((e) => getComputedStyle(e).backgroundColor),
  ).toBe('rgb(13, 16, 20)');
  const picture = () =>
    popup
      .locator('canvas')
      .nth(1)
      .evaluate((c) => (c as HTMLCanvasElement).toDataURL().length);
  const before = await picture();
  await eventually(picture).not.toBe(before);
  await popup.keyboard.press('x');
  await eventually(() => engine.trading.received.some(({ name }) => name === 'cancelEntries')).toBe(true);
  expect(complaints).toEqual([]);
  await close();
}, 30_000);
