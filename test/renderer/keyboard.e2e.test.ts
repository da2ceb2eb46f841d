import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PANES } from '../../renderer/workspace/default-layout.ts';
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

const until = (check: () => boolean): Promise<void> =>
  eventually(check)
    .toBe(true)
    .then(() => undefined);

/** Waits until the proposal on screen is old enough for Enter to be heard. */
const readable = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => {
    const bar = document.querySelector('.expiry-time');
    return bar !== null && Number.parseFloat(bar.textContent ?? '') < 59.5;
  });

const refusal = (page: Page) => page.locator('.refusal-words');

describe('the ticket by keyboard', () => {
  test('a proposal is confirmed, filled and flattened without a mouse', async () => {
    const { page, engine, shoot, close, complaints } = await lab.open();
    await page.keyboard.press('Space');
    await page.getByText('ARMED', { exact: true }).first().waitFor();
    const proposal = engine.trading.propose('buy', 60_000_000);
    await page.getByRole('button', { name: /^Buy 2 EUR\/USD/ }).waitFor();
    await readable(page);
    await shoot('ticket armed');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Close D-/ }).waitFor();
    expect(engine.trading.received.find(({ name }) => name === 'confirm')?.params).toEqual({
      ticketId: proposal.id,
      revision: 1,
      heldKey: false,
    });
    await eventually(() => refusal(page).textContent()).toContain('Bought 2 EUR/USD');
    expect(await page.locator('.flatten').textContent()).toContain('sells 2 at market');
    await shoot('deal open');
    await page.keyboard.press('f');
    await page.getByText('Flat. No deal is open').waitFor();
    expect(commands(engine)).toEqual(['arm', 'confirm', 'flatten']);
    expect(complaints).toEqual([]);
    await close();
  }, 30_000);

  test('Enter is deaf right after a proposal appears, and to a held key', async () => {
    const { page, engine, close } = await lab.open();
    engine.hub.set('ticket', { armed: true });
    await page.getByText('ARMED', { exact: true }).first().waitFor();
    // Press in the same task in which the proposal is first painted.
    await page.evaluate(() => {
      new MutationObserver((_, observer) => {
        if (!document.querySelector('.confirm')) return;
        observer.disconnect();
        window.dispatchEvent(new KeyboardEvent('keydown', { code: 'Enter', bubbles: true, cancelable: true }));
      }).observe(document.body, { childList: true, subtree: true });
    });
    engine.trading.propose('buy', 60_000_000);
    await eventually(() => refusal(page).textContent()).toContain('only just appeared');
    await readable(page);
    await page.evaluate(() =>
      window.dispatchEvent(
        new KeyboardEvent('keydown', { code: 'Enter', repeat: true, bubbles: true, cancelable: true }),
      ),
    );
    await page.keyboard.press('Enter');
    await until(() => commands(engine).includes('confirm'));
    expect(commands(engine)).toEqual(['confirm']);
    await close();
  }, 30_000);

  test('a newer proposal waits beside the one on the ticket', async () => {
    const { page, engine, close } = await lab.open();
    engine.trading.propose('buy', 60_000_000);
    engine.trading.propose('sell', 60_000_000);
    await page.locator('.ticket-waiting', { hasText: 'Sell 2 EUR/USD' }).waitFor();
    expect(await page.locator('.confirm').textContent()).toContain('Buy 2 EUR/USD');
    await page.keyboard.press('Escape');
    await eventually(() => page.locator('.confirm').textContent()).toContain('Sell 2 EUR/USD');
    await close();
  }, 30_000);

  test('prices are nudged, sizes chosen and the new revision is what gets confirmed', async () => {
    const { page, engine, close } = await lab.open();
    engine.hub.set('ticket', { armed: true });
    const { stopTicks, targetTicks } = engine.trading.propose('buy', 60_000_000);
    await page.getByRole('spinbutton', { name: 'Stop price' }).focus();
    const active = () => engine.hub.record('ticket').active!;
    const press = async (key: string, revision: number): Promise<void> => {
      await page.keyboard.press(key);
      await until(() => active().revision === revision);
      // The next key is for the revision that is on screen: a key on an older one would rightly be refused.
      await shows('Stop price', active().stopTicks);
      await shows('Target price', active().targetTicks);
      await eventually(() => page.getByLabel('Lots').inputValue()).toBe(String(active().lots));
    };
    const shows = (field: string, ticks: number): Promise<void> =>
      eventually(() => page.getByRole('spinbutton', { name: field }).getAttribute('aria-valuenow')).toBe(String(ticks));
    await press('ArrowUp', 2);
    await press('Shift+ArrowDown', 3);
    expect(active().stopTicks).toBe(stopTicks - 4);
    await press('BracketRight', 4);
    await press('Quote', 5);
    expect([active().stopTicks, active().targetTicks]).toEqual([stopTicks - 5, targetTicks + 1]);
    await press('4', 6);
    expect(active().lots).toBe(5);
    await page.getByRole('button', { name: /^Buy 5 EUR\/USD/ }).waitFor();
    await readable(page);
    await page.keyboard.press('Enter');
    await until(() => commands(engine).includes('confirm'));
    expect(engine.trading.received.at(-1)?.params).toMatchObject({ revision: 6 });
    await close();
  }, 30_000);
});

describe('refusals', () => {
  test('disarmed, keys that add risk say that they did nothing; those that take it away work', async () => {
    const { page, engine, shoot, close } = await lab.open();
    for (const key of ['b', 's', 'Shift+B', 'Shift+S', 'Enter']) {
      await page.keyboard.press(key);
      await eventually(() => refusal(page).textContent()).toContain('Disarmed');
    }
    await shoot('refusal');
    expect(await refusal(page).getAttribute('aria-live')).toBe('polite');
    for (const key of ['x', 'f', 'Control+Shift+F', 'Escape']) await page.keyboard.press(key);
    await until(() => commands(engine).length === 4);
    expect(commands(engine)).toEqual(['cancelEntries', 'flatten', 'flatten', 'cancelEntries']);
    expect(engine.trading.received.map(({ params }) => params).slice(-4)).toEqual([
      {},
      { market: 1 },
      {},
      { market: 1 },
    ]);
    await close();
  }, 30_000);

  test('in a text field risk keys are refused, typing types, and flatten still works', async () => {
    const { page, engine, close } = await lab.open();
    engine.hub.set('ticket', { armed: true });
    engine.trading.propose('buy', 60_000_000);
    const field = page.getByRole('textbox', { name: 'Lots' });
    await field.focus();
    await field.fill('7');
    await readable(page);
    await page.keyboard.press('b');
    await eventually(() => refusal(page).textContent()).toContain('A text field has the focus');
    await page.keyboard.press('f');
    await page.keyboard.press('Escape');
    await field.fill('8');
    await page.keyboard.press('Enter');
    await until(() => commands(engine).includes('setLots'));
    // Esc forgets what was typed, Enter takes it; neither confirms or dismisses the ticket.
    expect(commands(engine)).toEqual(['flatten', 'setLots']);
    expect(engine.trading.received.at(-1)?.params).toMatchObject({ lots: 8 });
    await close();
  }, 30_000);

  test('Enter and Space never press what has the focus; Ctrl Enter does', async () => {
    const { page, engine, close } = await lab.open();
    engine.trading.openDeal('buy', 2, engine.spot.bid);
    const button = page.getByRole('button', { name: /^Close D-/ });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Space');
    await until(() => commands(engine).includes('arm'));
    expect(commands(engine)).toEqual(['arm']);
    await page.keyboard.press('Control+Enter');
    await until(() => commands(engine).includes('closeDeal'));
    await close();
  }, 30_000);

  test('the engine’s own refusal is shown in its own words', async () => {
    const { page, engine, close } = await lab.open();
    engine.hub.set('ticket', { armed: true });
    await page.getByText('ARMED', { exact: true }).first().waitFor();
    engine.trading.propose('buy', 60_000_000);
    await page.locator('.confirm').waitFor();
    await readable(page);
    engine.trading.refuseNext = 'The quote is 2.4 s old; nothing was sent.';
    await page.keyboard.press('Enter');
    await eventually(() => refusal(page).textContent()).toContain('The quote is 2.4 s old');
    await close();
  }, 30_000);
});

test('Tab comes by every pane, and the arrow keys by those that are folded behind it', async () => {
  const { page, close } = await lab.open();
  const seen = new Set<string>();
  const focusedTab = () =>
    page.evaluate(() => {
      const focused = document.activeElement;
      return focused?.classList.contains('dv-tab') && focused.matches(':focus-visible') ? focused.textContent : null;
    });
  for (let i = 0; i < 60 && seen.size < Object.keys(PANES).length; i++) {
    await page.keyboard.press('Tab');
    for (let name = await focusedTab(); name !== null && !seen.has(name); name = await focusedTab()) {
      seen.add(name);
      await page.keyboard.press('ArrowRight');
    }
  }
  expect([...seen].sort()).toEqual(Object.values(PANES).sort());
  await close();
}, 30_000);

describe('palette, keys and workspaces', () => {
  test('the palette runs what it finds and refuses risk while disarmed', async () => {
    const { page, engine, shoot, close } = await lab.open();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('cancel all');
    await shoot('palette');
    await page.keyboard.press('Enter');
    await until(() => commands(engine).includes('cancelEntries'));
    await page.keyboard.press('Control+k');
    await page.keyboard.type('stage buy at market');
    await page.keyboard.press('Enter');
    await eventually(() => refusal(page).textContent()).toContain('Disarmed');
    expect(commands(engine)).toEqual(['cancelEntries']);
    await close();
  }, 30_000);

  test('a large request to history is in the palette while it waits', async () => {
    const { page, engine, close } = await lab.open();
    const words = "14:00 to 15:20 UTC from Databento's history: 120 MB for USD 2.50";
    engine.hub.upsert('backfills', [{ id: 'H1', atUs: 1, words }]);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('fetch 14:00');
    await page.getByText(`Fetch ${words}`).waitFor();
    await page.keyboard.press('Enter');
    await until(() => commands(engine).includes('confirmBackfill'));
    await close();
  }, 30_000);

  test('a key is edited, a conflict refused, and the change is kept', async () => {
    const { page, engine, shoot, close } = await lab.open();
    await page.keyboard.press('Shift+Slash');
    const row = page.getByRole('button', { name: /^Recentre ladder/ });
    await row.click();
    await page.keyboard.press('f');
    await page.getByText('is taken by "Flatten this instrument"').waitFor();
    await shoot('keys');
    await page.keyboard.press('g');
    await eventually(() => row.textContent()).toContain('G');
    await until(() => engine.trading.layouts.get('keys') === '{"recentre":"KeyG"}');
    expect(commands(engine)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.reload();
    await page.locator('.arm-row').waitFor();
    await page.keyboard.press('Shift+Slash');
    await eventually(() => row.textContent()).toContain('G');
    await close();
  }, 30_000);

  test('locking for the day asks first', async () => {
    const { page, engine, close } = await lab.open();
    await page.keyboard.press('l');
    await page.getByRole('button', { name: 'Leave open' }).click();
    expect(commands(engine)).toEqual([]);
    await page.keyboard.press('l');
    await page.getByRole('button', { name: 'Lock for the day' }).click();
    await page.getByText('LOCKED').first().waitFor();
    expect(commands(engine)).toEqual(['lockDay']);
    await close();
  }, 30_000);

  test('workspaces keep their own arrangement', async () => {
    const { page, engine, close } = await lab.open();
    await page.getByRole('button', { name: 'Open Tape in a window of its own' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('show tape');
    await page.keyboard.press('Enter');
    const sash = page.locator('.dv-sash').first();
    const box = (await sash.boundingBox())!;
    const width = async () => (await page.locator('.pane[data-pane="Tape"]').boundingBox())!.width;
    const before = await width();
    await page.mouse.move(box.x + box.width / 2, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(box.x + 60, box.y + 200, { steps: 4 });
    await page.mouse.up();
    await until(() => engine.trading.layouts.has('1'));
    const after = await width();
    expect(after).toBeGreaterThan(before + 30);
    await page.keyboard.press('Alt+Digit2');
    await page.getByText('Workspace 2', { exact: true }).waitFor();
    await eventually(width).toBeCloseTo(before, 0);
    await page.keyboard.press('Alt+Digit1');
    await eventually(width).toBeCloseTo(after, 0);
    await close();
  }, 30_000);

  test('the ladder says where the inside went, and comes back by key or two seconds after the pointer left', async () => {
    const { page, engine, close, shoot } = await lab.open();
    const ladder = page.locator('.pane[data-pane="Ladder"] canvas');
    const away = (inside: string) =>
      page.locator(`.pane[data-pane="Ladder"] canvas[data-inside="${inside}"]`).waitFor();
    const over = (await ladder.boundingBox())!;
    const elsewhere = { x: over.x + over.width + 300, y: over.y + 40 };
    const passes = (ms: number) =>
      page.evaluate((wait) => {
        const until = performance.now() + wait;
        return new Promise<void>((done) => {
          const tick = (): void => (performance.now() > until ? done() : void requestAnimationFrame(tick));
          tick();
        });
      }, ms);
    await page.mouse.move(over.x + 100, over.y + 100);
    for (let i = 0; i < 10; i++) await page.mouse.wheel(0, 100);
    await away('above');
    await shoot('ladder inside above');
    await passes(2_400);
    expect(await ladder.getAttribute('data-inside')).toBe('above');
    await page.keyboard.press('c');
    await away('shown');

    for (let i = 0; i < 10; i++) await page.mouse.wheel(0, -100);
    await away('below');
    await page.keyboard.down('F9');
    await page.mouse.move(elsewhere.x, elsewhere.y);
    await passes(2_400);
    expect(await ladder.getAttribute('data-inside')).toBe('below');
    await page.keyboard.up('F9');
    await away('shown');

    await page.mouse.move(over.x + 100, over.y + 100);
    for (let i = 0; i < 10; i++) await page.mouse.wheel(0, 100);
    await away('above');
    await page.mouse.move(elsewhere.x, elsewhere.y);
    await passes(1_000);
    expect(await ladder.getAttribute('data-inside')).toBe('above');
    await away('shown');
    expect(commands(engine)).toEqual([]);
    await close();
  }, 40_000);

  test('N goes to the next instrument and everything follows', async () => {
    const { page, engine, close } = await lab.open();
    await page.keyboard.press('n');
    await page.getByText('6BZ6').waitFor();
    expect(await page.locator('.spot-name').textContent()).toContain('GBP/USD');
    await until(() => engine.subscriptions.includes('columns:2'));
    await close();
  }, 30_000);
});
