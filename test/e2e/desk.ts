import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../browser.ts';

const SCREENS = resolve(import.meta.dirname, '..', '..', 'test-output', 'screens');

/** The trader's desk: a browser on a served terminal, worked by keyboard alone. */
export interface Desk {
  readonly page: Page;
  /** What the page complained about; an empty list at the end of a good test. */
  readonly complaints: readonly string[];
  /** Text of a pane by its name. */
  pane(name: string): Promise<string>;
  /** Waits until a pane's text matches. */
  paneShows(name: string, text: RegExp, timeoutMs?: number): Promise<void>;
  /** Best bid and ask as the page writes them. */
  quote(): Promise<readonly number[]>;
  /** Inputs of the engine in the last second, as the health bar tells them. */
  eventsPerSecond(): Promise<number>;
  /** Keeps a picture as test output. */
  picture(name: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a terminal's page at a size and waits until the ladder is in a state.
 * @param state `closed` where the market's calendar may say so whatever comes
 */
export async function openDesk(
  url: string,
  width: number,
  height: number,
  state: readonly ('live' | 'closed')[] = ['live'],
): Promise<Desk> {
  const browser: Browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width, height } });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(url);
  const ladder = state.map((word) => `[data-pane="Ladder"][data-state="${word}"]`).join(',');
  await page.locator(ladder).waitFor({ timeout: 30_000 });
  const paneOf = (name: string) => page.locator(`[data-pane="${name}"]`);
  return {
    page,
    complaints,
    pane: (name) => paneOf(name).innerText(),
    paneShows: (name, text, timeoutMs = 15_000) =>
      paneOf(name).filter({ hasText: text }).waitFor({ timeout: timeoutMs }),
    quote: async () => {
      const texts = await page.locator('.spot-quote .display').allInnerTexts();
      return texts.map((text) => Number(text.replaceAll(/[^\d.]/g, '')));
    },
    eventsPerSecond: async () => {
      const text = await page.locator('.health-item', { hasText: 'events/s' }).locator('.figure').innerText();
      return Number(text.replace('k', '')) * (text.endsWith('k') ? 1_000 : 1);
    },
    picture: async (name) => {
      mkdirSync(SCREENS, { recursive: true });
      await page.screenshot({ path: join(SCREENS, `${name}.png`) });
    },
    close: () => browser.close(),
  };
}
