import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { openLab, type PageLab } from './page-under-test.ts';

const SECRET = 'typed-Sup3rSecret0123456789';

let lab: PageLab;
beforeAll(async () => {
  lab = await openLab();
}, 60_000);
afterAll(() => lab.close());

const dialog = (page: Page) => page.getByRole('dialog', { name: 'Settings' });

/** Presses Tab until the control with this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let step = 0; step < 120; step++) {
    await page.keyboard.press('Tab');
    const label = await page.evaluate(() => {
      const element = document.activeElement;
      const labelled = (element as HTMLInputElement | null)?.labels?.[0]?.textContent;
      return element?.getAttribute('aria-label') ?? labelled ?? element?.textContent ?? '';
    });
    if (label.startsWith(name)) return;
  }
  throw new Error(`no control "${name}" was reached by Tab`);
}

describe('settings page', () => {
  test('opens by key over the workspace, keeps the focus, and closes by Escape', async () => {
    const { page, shoot, close, complaints } = await lab.open();
    await page.keyboard.press('Control+Comma');
    await dialog(page)
      .getByRole('radio', { name: /Simulated/ })
      .waitFor();
    for (let step = 0; step < 90; step++) {
      await page.keyboard.press(step % 7 === 0 ? 'Shift+Tab' : 'Tab');
      expect(await page.evaluate(() => document.activeElement?.closest('dialog')?.getAttribute('aria-label'))).toBe(
        'Settings',
      );
    }
    await shoot('settings 1440');
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await page.keyboard.type('settings');
    await page.keyboard.press('Enter');
    await dialog(page).waitFor();
    expect(complaints).toEqual([]);
    await close();
  }, 40_000);

  test('switches to live venues by keyboard alone: says what will happen, applies nothing before it is saved', async () => {
    const { page, engine, shoot, close, complaints } = await lab.open({ width: 1280, height: 720 });
    await page.keyboard.press('Control+Comma');
    await dialog(page)
      .getByRole('radio', { name: /Simulated/ })
      .waitFor();
    const save = dialog(page).getByRole('button', { name: 'Save · restarts the engine' });
    expect(await save.isDisabled()).toBe(true);
    await tabTo(page, 'Simulated');
    await page.keyboard.press('ArrowDown');
    await dialog(page)
      .getByText(/Saving connects this computer to Kraken \(BTC\/USD\).*No order reaches a venue/)
      .waitFor();
    await tabTo(page, 'Symbols');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('BTC/USD, ETH/USD');
    await dialog(page)
      .getByText(/Kraken \(BTC\/USD, ETH\/USD\)/)
      .waitFor();
    await shoot('settings live 1280');
    expect(engine.setup.settings.source.kind).toBe('simulated');
    await tabTo(page, 'Save');
    await page.keyboard.press('Enter');
    await dialog(page).waitFor({ state: 'detached' });
    expect(engine.setup.settings).toMatchObject({
      source: { kind: 'live' },
      feeds: { kraken: { symbols: ['BTC/USD', 'ETH/USD'], depth: 100 } },
    });
    expect(complaints).toEqual([]);
    await close();
  }, 40_000);

  test('what cannot be is said at its field, and nothing is saved', async () => {
    const { page, engine, shoot, close } = await lab.open();
    await page.keyboard.press('Control+Comma');
    await page.getByRole('tab', { name: 'Market data' }).focus();
    await page.keyboard.press('ArrowDown');
    const field = dialog(page).getByLabel('Loss of a proposal at its stop');
    await field.fill('7');
    await dialog(page).getByText('at most 5').waitFor();
    await dialog(page).getByLabel('Largest order').fill('many');
    await dialog(page).getByText('a number is expected').waitFor();
    await shoot('settings wrong');
    await dialog(page).getByRole('button', { name: 'Save · restarts the engine' }).click();
    await dialog(page).getByText('Nothing was saved: see the words at the fields.').waitFor();
    expect(engine.setup.settings.risk.riskPerTradePercent).toBe(0.5);
    // Trading keys type into the field and do nothing else.
    await field.focus();
    await page.keyboard.type('BSFX');
    expect(engine.trading.received.map(({ name }) => name)).toEqual(['loadWorkspace', 'loadWorkspace']);
    await page.keyboard.press('Escape');
    await dialog(page).getByText('Changes are not saved. Esc again leaves without them.').waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await close();
  }, 40_000);

  test('a refusal of the engine is shown, and the page stays as it is', async () => {
    const { page, engine, close } = await lab.open();
    engine.setup.refuseWrite = '2 deals are open: the account must be flat first. Nothing was saved.';
    await page.keyboard.press('Control+Comma');
    await dialog(page)
      .getByRole('radio', { name: /Live venues/ })
      .check();
    await dialog(page).getByRole('button', { name: 'Save · restarts the engine' }).click();
    await dialog(page).getByText('2 deals are open').waitFor();
    expect(
      await dialog(page)
        .getByRole('radio', { name: /Live venues/ })
        .isChecked(),
    ).toBe(true);
    await close();
  }, 40_000);

  test('a key goes to the engine and is nowhere on the page afterwards', async () => {
    const { page, engine, shoot, close } = await lab.open();
    await page.keyboard.press('Control+Comma');
    const kraken = dialog(page).getByRole('region', { name: 'Kraken' });
    await kraken.getByText('for the book by order only').waitFor();
    expect(await dialog(page).getByRole('region', { name: 'Databento' }).textContent()).toContain(
      'set in the environment',
    );
    await dialog(page).getByRole('button', { name: 'Set KRAKEN_API_KEY' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type(SECRET);
    expect(await page.locator('input[type="password"]').inputValue()).toBe(SECRET);
    await page.keyboard.press('Enter');
    await kraken.getByText('in the keyring, changed 20 Nov 2026').waitFor();
    expect(engine.setup.keys.get('KRAKEN_API_KEY')).toBe(SECRET);
    expect(await page.content()).not.toContain(SECRET);
    const values = await page.evaluate(() => [...document.querySelectorAll('input')].map((input) => input.value));
    expect(values).not.toContain(SECRET);
    await shoot('settings key');
    expect(await dialog(page).getByRole('button', { name: 'Save · restarts the engine' }).isEnabled()).toBe(true);
    await kraken.getByRole('button', { name: 'Forget KRAKEN_API_KEY' }).click();
    await eventually(() => engine.setup.keys.size).toBe(0);
    await close();
  }, 40_000);

  test('where no keyring is, the page tells of the environment and takes no key', async () => {
    const { page, engine, close } = await lab.open();
    engine.setup.keysRefused = 'The keyring cannot be used. Set keys as environment variables instead.';
    await page.keyboard.press('Control+Comma');
    await dialog(page).getByText('Set keys as environment variables instead').waitFor();
    expect(await dialog(page).getByRole('button', { name: 'Set KRAKEN_API_KEY' }).isDisabled()).toBe(true);
    await close();
  }, 40_000);

  test('a connection is tried with what stands on the page, and the answer is words', async () => {
    const { page, engine, shoot, close } = await lab.open();
    const words = 'the connection failed (ENOTFOUND) · see feeds.kraken';
    engine.setup.findings.set('kraken', { vendor: 'kraken', state: 'failing', words });
    engine.setup.findings.set('ig', { vendor: 'ig', state: 'not configured', words: 'set IG_API_KEY' });
    await page.keyboard.press('Control+Comma');
    for (const [name, expected] of [
      ['Kraken', 'failing the connection failed (ENOTFOUND) · see feeds.kraken'],
      ['IG', 'not configured set IG_API_KEY'],
      ['Binance', 'ok books and trades flow'],
    ] as const) {
      const card = dialog(page).getByRole('region', { name, exact: true });
      await card.getByRole('button', { name: `Test connection to ${name}` }).click();
      await eventually(async () => (await card.locator('.test-words').textContent())?.trim()).toBe(expected);
    }
    await shoot('settings tested');
    await close();
  }, 40_000);
});

test('health is to be had in words by keyboard', async () => {
  const { page, engine, shoot, close } = await lab.open();
  const words = 'IG refused the login: check IG_IDENTIFIER and IG_PASSWORD';
  engine.hub.set('health', {
    venues: [
      { name: 'KRAKEN', state: 'live', label: 'live', ageUs: 8_000, words: 'books and trades of BTC/USD flow' },
      { name: 'IG', state: 'error', label: 'bad credentials', ageUs: null, words },
      { name: 'GLBX', state: 'closed', label: 'closed', ageUs: null, words: 'market closed until Sun 23:00 UTC' },
    ],
  });
  await page.keyboard.press('Shift+H');
  const health = page.getByRole('dialog', { name: 'Health' });
  await health.getByText(words).waitFor();
  expect(await health.textContent()).toContain('bad credentials');
  expect(await health.textContent()).toContain('market closed until Sun 23:00 UTC');
  await shoot('health in words');
  await page.keyboard.press('Escape');
  await health.waitFor({ state: 'detached' });
  await close();
}, 30_000);
