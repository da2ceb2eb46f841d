import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { openLab, type PageLab } from './page-under-test.ts';
import type { ScriptedEngine } from './scripted-engine.ts';

let lab: PageLab;
beforeAll(async () => {
  lab = await openLab();
}, 60_000);
afterAll(() => lab.close());

const commands = (engine: ScriptedEngine): string[] =>
  engine.trading.received.map(({ name }) => name).filter((name) => !/Workspace$/.test(name));

const words = (page: Page) => page.locator('.refusal-words');

describe('a hurried hand', () => {
  test('Enter does not send a signal in place of what was just staged', async () => {
    const { page, engine, close } = await lab.open();
    engine.hub.set('ticket', { armed: true });
    const signal = engine.trading.propose('sell', 60_000_000);
    await page.locator('.confirm').waitFor();
    // A market order has no entry to move: the arrows begin at its stop.
    await page.keyboard.press('ArrowUp');
    await eventually(() => engine.trading.received.at(-1)?.params).toMatchObject({ field: 'stop' });
    await page.keyboard.press('b');
    await page.locator('.ticket-waiting', { hasText: 'Buy 2 EUR/USD' }).waitFor();
    await eventually(() => words(page).textContent()).toContain('waits beside it');
    await page.waitForFunction(() => Number.parseFloat(document.querySelector('.expiry-time')!.textContent!) < 59.5);
    await page.keyboard.press('Enter');
    await eventually(() => words(page).textContent()).toContain('Not sent.');
    expect(commands(engine)).toEqual(['nudge', 'stage']);
    await page.keyboard.press('Enter');
    await eventually(() => commands(engine)).toEqual(['nudge', 'stage', 'confirm']);
    expect(engine.trading.received.at(-1)?.params).toMatchObject({ ticketId: signal.id });
    // What only closes has no stop, target or risk.
    const active = engine.hub.record('ticket').active!;
    engine.hub.set('ticket', { active: { ...active, closesLots: 2, opensLots: 0 } });
    await page.getByText('Closes 2 and opens nothing.').waitFor();
    expect(await page.locator('.proposal dl, .proposal [role="spinbutton"]').count()).toBe(0);
    await page.keyboard.press('[');
    await eventually(() => words(page).textContent()).toContain('only closes');
    await close();
  }, 30_000);

  test('Enter in an untouched palette does nothing; flatten works over the keys; a reversal is its own key', async () => {
    const { page, engine, close } = await lab.open();
    engine.hub.set('ticket', { armed: true });
    engine.trading.propose('buy', 60_000_000);
    await page.locator('.confirm').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    expect(await page.locator('.palette-entry[aria-selected="true"]').count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.keyboard.type('cancel all');
    await page.keyboard.press('Enter');
    await eventually(() => commands(engine)).toEqual(['cancelEntries']);
    // Flatten is heard over a dialog that is only read; Esc closes that and nothing else.
    await page.keyboard.press('Shift+Slash');
    await page.locator('.cheat-sheet').waitFor();
    await page.keyboard.press('f');
    await eventually(() => commands(engine)).toEqual(['cancelEntries', 'flatten']);
    await page.keyboard.press('Escape');
    await page.locator('.cheat-sheet').waitFor({ state: 'detached' });
    expect(commands(engine)).toEqual(['cancelEntries', 'flatten']);
    // A reversal has a key of its own and goes against what is open.
    await page.keyboard.press('v');
    await eventually(() => words(page).textContent()).toContain('no open position here');
    engine.trading.openDeal('buy', 2, engine.spot.bid);
    await page.getByRole('button', { name: /^Close D-/ }).waitFor();
    await page.keyboard.press('v');
    await eventually(() => engine.trading.received.at(-1)).toMatchObject({
      name: 'stage',
      params: { side: 'sell', reverse: true },
    });
    await close();
  }, 30_000);
});

describe('a window of its own', () => {
  test('tells refusals, opens dialogs where the hand is, and outlives the engine', async () => {
    const { page, engine, close } = await lab.open();
    const [popped] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('button', { name: 'Open Ticket in a window of its own' }).click(),
    ]);
    await popped.locator('.arm-row').waitFor();
    engine.setMode('LIVE', false);
    await popped.keyboard.press('b');
    await eventually(() => words(popped).textContent()).toContain('Disarmed');
    const frame = () => popped.locator('.window-frame').evaluate((e) => getComputedStyle(e, '::after').borderTopWidth);
    await eventually(frame).toBe('3px');
    await popped.keyboard.press('Control+k');
    await popped.locator('.palette').waitFor();
    expect(await page.locator('.palette').count()).toBe(0);
    await popped.keyboard.press('Escape');
    await popped.locator('.palette').waitFor({ state: 'detached' });
    engine.goAway();
    await popped.getByText('ENGINE AWAY').first().waitFor();
    engine.comeBack('engine-2');
    await popped.getByText('DISARMED', { exact: true }).waitFor();
    const taken = await page.evaluate(() => window.fathomMetrics.framesTaken);
    await eventually(() => page.evaluate(() => window.fathomMetrics.framesTaken)).toBeGreaterThan(taken + 20);
    expect(popped.isClosed()).toBe(false);
    // With its window goes what was open in it.
    await popped.keyboard.press('Control+k');
    await popped.locator('.palette').waitFor();
    await popped.close();
    await page.keyboard.press('Space');
    await eventually(() => commands(engine)).toContain('arm');
    await close();
  }, 60_000);
});

describe('what the trader is told', () => {
  test('"Disarmed" goes with the next key, a rejection stays over what follows it', async () => {
    const { page, engine, close } = await lab.open();
    await page.keyboard.press('b');
    await eventually(() => words(page).textContent()).toContain('Disarmed');
    await page.keyboard.press('Space');
    await eventually(() => words(page).textContent()).not.toContain('Disarmed');
    const say = (id: string, kind: 'fault' | 'order', said: string) =>
      engine.hub.upsert('announcements', [{ id, atUs: engine.nowUs, kind, words: said }]);
    say('A1', 'fault', 'EUR/USD: rejected');
    for (const n of [1, 2, 3, 4]) say(`B${n}`, 'order', `Buy ${n} filled`);
    await eventually(() => words(page).locator('> span').allTextContents()).toEqual([
      ' EUR/USD: rejected',
      ' Buy 3 filled',
      ' Buy 4 filled',
    ]);
    await close();
  }, 30_000);

  test('positions keep side, lots and pair beside long results, and show what was rejected last', async () => {
    const { page, engine, close, shoot } = await lab.open();
    engine.trading.openDeal('sell', 500, engine.spot.bid - 1_400);
    engine.trading.openDeal('buy', 20, engine.spot.bid + 1_000);
    engine.trading.workingOrder('buy', 5, engine.spot.bid - 40);
    const [order] = engine.hub.rows('orders');
    engine.hub.upsert('orders', [{ ...order!, state: 'rejected', reason: 'no margin' }]);
    const rows = page.locator('.positions tbody tr');
    await eventually(() => rows.count()).toBe(3);
    await eventually(() => page.locator('.positions').getAttribute('data-tight')).not.toBe('0');
    const cut = await page
      .locator('.positions td:first-child')
      .evaluateAll((cells) =>
        cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map(({ textContent }) => textContent),
      );
    expect(cut).toEqual([]);
    const box = page.locator('.positions-box');
    await eventually(() => box.evaluate((e) => e.scrollWidth - e.clientWidth)).toBe(0);
    expect(await rows.last().textContent()).toContain('rejected: no margin');
    await shoot('positions tight');
    engine.trading.workingOrder('buy', 1, engine.spot.bid - 50);
    const [first, second] = engine.hub.rows('orders');
    engine.hub.upsert('orders', [{ ...second!, createdUs: first!.createdUs + 1 }]);
    await eventually(() => page.locator('.positions').textContent()).not.toContain('rejected');
    // A long name gives way to what must be seen: the armed state and the lots of the ticket.
    await page.setViewportSize({ width: 1280, height: 720 });
    engine.hub.set('ticket', { armed: true });
    engine.trading.propose('buy', 60_000_000);
    const [future, spot] = engine.hub.rows('markets');
    engine.hub.upsert('markets', [
      { ...future!, label: 'Micro EUR/USD Dec 26' },
      { ...spot!, label: 'EUR/USD Mini of one tenth (DFB)' },
    ]);
    await page.locator('.link-name', { hasText: 'one tenth' }).waitFor();
    const right = async (name: string) => {
      const box = (await page.locator(name).boundingBox())!;
      return box.x + box.width;
    };
    await eventually(() => right('.lots-field')).toBeLessThanOrEqual(1280);
    expect(await right('.armed-state')).toBeLessThanOrEqual(1280);
    await close();
  }, 30_000);
});
