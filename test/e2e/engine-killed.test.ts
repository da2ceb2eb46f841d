import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inspectDbn } from '../../main/codec/dbn/inspect.ts';
import { readJournal } from '../../main/core/journal/journal-file.ts';
import { type Desk, openDesk } from './desk.ts';
import { type ServedTerminal, serveTerminal } from './served-terminal.ts';

/** Quiet signals and stops far away: what is open stays open until the test closes it. */
const SETTINGS = { signal: { minRemainingPips: 1000 }, proposal: { stopSpreadFactor: 30, expiryMs: 20_000 } };

let terminal: ServedTerminal;
let desk: Desk;

beforeEach(async () => {
  terminal = await serveTerminal(SETTINGS);
  desk = await openDesk(terminal.url, 1440, 900);
});

afterEach(async () => {
  await desk?.close();
  await terminal?.stop();
});

/** Stages with a key and confirms, until the ticket is gone. */
async function trade(key: string, move: (page: Page) => Promise<void> = async () => undefined): Promise<void> {
  const { page } = desk;
  await page.keyboard.press(key);
  await desk.paneShows('Ticket', /BUY\s*EUR\/USD/);
  await move(page);
  await expect
    .poll(
      async () => {
        await page.keyboard.press('Enter');
        return desk.pane('Ticket');
      },
      { timeout: 15_000, interval: 400 },
    )
    .not.toMatch(/BUY\s*EUR\/USD/);
}

/** Kills the engine. @returns milliseconds until its host, started anew, answers on the address that it had */
async function killed(): Promise<number> {
  const victim = terminal.enginePid();
  expect(victim).toBeGreaterThan(0);
  process.kill(victim!, 'SIGKILL');
  const killedMs = performance.now();
  await expect.poll(() => answers(terminal.url), { timeout: 5_000, interval: 10 }).toBe(true);
  expect(terminal.enginePid()).not.toBe(victim);
  return performance.now() - killedMs;
}

/** Whether the engine's host answers on its address. */
async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(new URL('/', url))).ok;
  } catch {
    return false;
  }
}

test('an engine killed in mid-run is back within two seconds, disarmed, with its deals and working orders', {
  timeout: 120_000,
}, async () => {
  const { page } = desk;
  await page.keyboard.press('Space');
  await desk.paneShows('Ticket', /(?<!DIS)ARMED/);
  await trade('b');
  await desk.paneShows('Positions', /Long 1/);
  await trade('Shift+B', async () => {
    // The entry must still be working after the kill: its price goes where the market does not come in a few seconds.
    for (let i = 0; i < 10; i++) await page.keyboard.press('Shift+ArrowDown');
  });
  // An entry that is still on its way would rightly be rejected; what is kept is what the broker has taken.
  await desk.paneShows('Positions', /limit.*working/s);
  const before = await desk.pane('Positions');

  const beforeKillMs = performance.now();
  const servedMs = await killed();
  await page.locator('[data-pane="Ladder"][data-state="live"]').waitFor({ timeout: 15_000 });
  await desk.paneShows('Ticket', /DISARMED/);
  const liveMs = performance.now() - beforeKillMs;
  await desk.paneShows('Positions', /Long 1/);
  await desk.picture('killed-and-back');

  const after = await desk.pane('Positions');
  expect(lots(after)).toEqual(lots(before));
  expect(terminal.said()).toMatch(/died|killed/);
  expect(servedMs).toBeLessThan(2_000);
  expect(liveMs).toBeLessThan(5_000);
  const journals = readdirSync(join(terminal.folder, 'journal')).filter((name) => name.endsWith('.journal'));
  expect(journals.length).toBe(1);
  const entries = await readJournal(join(terminal.folder, 'journal', journals[0]!), { repair: false });
  expect(entries.filter((entry) => entry.type === 'checkpoint').length).toBe(2);
  console.log(`after the kill: served again in ${Math.round(servedMs)} ms, page live in ${Math.round(liveMs)} ms`);

  await page.keyboard.press('f');
  await desk.paneShows('Positions', /Flat\./);
  await desk.close();
  await terminal.end();

  const captures = readdirSync(join(terminal.folder, 'captures')).filter((name) => name.endsWith('.dbn.zst'));
  expect(captures.length).toBeGreaterThan(0);
  for (const capture of captures) {
    const { summary, fault } = await inspectDbn(join(terminal.folder, 'captures', capture));
    expect(fault).toBeUndefined();
    expect(summary?.recordCounts['mbp-10']).toBeGreaterThan(0);
  }
  const database = new Database(join(terminal.folder, 'fathom.sqlite'), { readonly: true });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(database.prepare("SELECT count(*) AS n FROM deals WHERE state = 'closed'").get()).toEqual({ n: 1 });
  database.close();
});

test('a deal that the screen showed as closed is closed for good, however soon the engine is killed', {
  timeout: 60_000,
}, async () => {
  const { page } = desk;
  await page.keyboard.press('Space');
  await desk.paneShows('Ticket', /(?<!DIS)ARMED/);
  await trade('b');
  await desk.paneShows('Positions', /Long 1/);
  await page.keyboard.press('f');
  await desk.paneShows('Positions', /Flat\./);
  process.kill(terminal.enginePid()!, 'SIGKILL');
  await expect.poll(() => terminal.said(), { timeout: 20_000 }).toContain('The engine is back.');
  await page.locator('.notice-words', { hasText: 'restarted' }).waitFor({ timeout: 20_000 });
  expect(await desk.pane('Positions')).toMatch(/Flat\. No deal is open/);
});

function lots(text: string): readonly string[] {
  return text.match(/(Long|Short|Buy|Sell) \d+/g) ?? [];
}
