import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resultText } from '../../renderer/format/money-text.ts';
import { type Desk, openDesk } from './desk.ts';
import { type ServedTerminal, serveTerminal } from './served-terminal.ts';

/** The demonstration signal made eager, so that it proposes within seconds rather than minutes. */
const EAGER = {
  source: { seed: 11 },
  signal: { minQueueImbalance: 0, minFlowRatio: 0.05, minRemainingPips: 0, cooldownMs: 500 },
  proposal: { expiryMs: 20_000 },
};

let terminal: ServedTerminal;
let desk: Desk;

beforeAll(async () => {
  terminal = await serveTerminal(EAGER);
  desk = await openDesk(terminal.url, 1440, 900);
});

afterAll(async () => {
  await desk?.close();
  await terminal?.stop();
});

test('by keyboard alone, a proposal of the engine is confirmed, filled on paper and closed', {
  timeout: 120_000,
}, async () => {
  const { page } = desk;
  await desk.picture('paper-1-disarmed');
  expect(await desk.pane('Ticket')).toMatch(/DISARMED/);

  await page.keyboard.press('b');
  await page
    .getByText(/disarmed/i)
    .first()
    .waitFor();
  expect(await desk.pane('Positions')).toMatch(/Flat/);

  await page.keyboard.press('Space');
  await desk.paneShows('Ticket', /(?<!DIS)ARMED.*(BUY|SELL)\s*(EUR\/USD|GBP\/USD|USD\/JPY)/s, 50_000);
  await desk.picture('paper-2-proposal');
  const confirm = page.locator('[data-pane="Ticket"] .confirm[data-ready="true"]');
  await confirm.waitFor();
  const words = (await confirm.innerText()).replace(/\s*Enter\s*$/, '');
  expect(words).toMatch(/^(Buy|Sell) \d+ (EUR\/USD|GBP\/USD|USD\/JPY)/);

  // Whether the 300 ms are over is the engine's to say: Enter is pressed until it takes the ticket.
  await expect
    .poll(
      async () => {
        await page.keyboard.press('Enter');
        return desk.pane('Positions');
      },
      { timeout: 15_000, interval: 400 },
    )
    .toMatch(/(Long|Short) \d+/);
  await desk.picture('paper-3-filled');

  await page.keyboard.press('Space');
  await desk.paneShows('Ticket', /DISARMED/);
  await page.keyboard.press('Control+Shift+F');
  await desk.paneShows('Positions', /Flat\. No deal is open and no order is working\./);
  await desk.picture('paper-4-flat');
  // The result may be nothing at all, and a further proposal may have been confirmed by the last Enter: what counts is that
  // the page says what the closed deals made.
  await expect.poll(() => closedResults().length, { timeout: 10_000 }).toBeGreaterThan(0);
  const agree = async () => {
    const made = closedResults().reduce((sum, minor) => sum + minor, 0);
    return resultToday(await desk.pane('Positions')) === resultText(made, 'USD');
  };
  await expect.poll(agree, { timeout: 10_000 }).toBe(true);
  expect(desk.complaints).toEqual([]);
});

/** Result of each closed deal in minor units, as the store has it. */
function closedResults(): number[] {
  const database = new Database(join(terminal.folder, 'fathom.sqlite'), { readonly: true });
  try {
    return database.prepare("select realised_minor from deals where state = 'closed'").pluck().all() as number[];
  } finally {
    database.close();
  }
}

function resultToday(pane: string): string | undefined {
  return /Today\s+(\S+)/.exec(pane)?.[1];
}

test('keys that add risk are refused while disarmed, and a manual limit works, waits and is cancelled by Escape', async () => {
  const { page } = desk;
  await desk.paneShows('Ticket', /DISARMED/);
  await page.keyboard.press('Enter');
  expect(await desk.pane('Positions')).toMatch(/Flat/);
  await page.keyboard.press('Space');
  await desk.paneShows('Ticket', /(?<!DIS)ARMED/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Space');
  await desk.paneShows('Ticket', /DISARMED/);
  expect(desk.complaints).toEqual([]);
});
