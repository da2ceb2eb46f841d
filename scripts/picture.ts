import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../test/browser.ts';
import { smallPng } from './png.ts';

/**
 * Takes docs/terminal.png, the README's picture, from the terminal itself: the simulated market on a paper account, an open
 * deal with its stop and target, and an armed proposal on the ticket. The demonstration signal is made eager for it.
 */
const WIDTH = 1440;
const HEIGHT = 900;
const root = resolve(import.meta.dirname, '..');
const picture = join(root, 'docs', 'terminal.png');
const folder = mkdtempSync(join(tmpdir(), 'fathom-picture-'));
const settings = {
  source: { seed: 7 },
  signal: { minQueueImbalance: 0, minFlowRatio: 0.05, minRemainingPips: 0, cooldownMs: 500 },
  proposal: { expiryMs: 20_000, stopSpreadFactor: 8 },
};
writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
/** The ticket of the market that the other panes show, and of one that they don't. */
const OURS = /(BUY|SELL)\s*EUR\/USD/;
const OTHERS = /(BUY|SELL)\s*(GBP\/USD|USD\/JPY)/;
const server = spawn(process.execPath, [join(root, 'main/entry/cli.ts'), 'serve'], {
  env: { ...process.env, FATHOM_HOME: folder },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const gone = new Promise((done) => server.once('exit', done));
const url = await new Promise<string>((found) => {
  createInterface({ input: server.stdout }).on('line', (line) => {
    const match = /http:\S+#token=\S+/.exec(line);
    if (match !== null) found(match[0]);
  });
});
const browser = await launchBrowser();
const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
const pane = (name: string, words: RegExp) => page.locator(`[data-pane="${name}"]`, { hasText: words });

/** Presses a key, again and again, until a pane shows the words; with `whileShown` only while it shows those. */
async function until(name: string, words: RegExp, key: string, whileShown = /./): Promise<void> {
  for (let i = 0; i < 100 && (await pane(name, words).count()) === 0; i++) {
    if ((await pane(name, whileShown).count()) > 0) await page.keyboard.press(key);
    await page.waitForTimeout(450);
  }
  await pane(name, words).waitFor({ timeout: 1_000 });
}

try {
  await page.goto(url);
  await page.locator('[data-pane="Ladder"][data-state="live"]').waitFor();
  // The lines of the features fill a minute.
  await page.waitForTimeout(50_000);
  await page.keyboard.press('Space');
  await page.keyboard.press('b');
  await until('Ticket', OURS, 'Escape', OTHERS);
  await until('Positions', /(Long|Short) \d+\s*EUR\/USD/, 'Enter');
  await page.waitForTimeout(6_000);
  await until('Ticket', OURS, 'Escape', OTHERS);
  await page.waitForTimeout(400);
  writeFileSync(picture, smallPng(await pixelsOf(page), WIDTH, HEIGHT));
  process.stdout.write(`docs/terminal.png: ${Math.round(statSync(picture).size / 1024)} kB\n`);
} finally {
  await browser.close();
  server.kill('SIGTERM');
  await gone;
  rmSync(folder, { recursive: true, force: true });
}

/** Pixels of the page as it stands, four bytes each; the browser's own decoder reads its screenshot. */
async function pixelsOf(shown: Page): Promise<Buffer> {
  const shot = (await shown.screenshot()).toString('base64');
  const plain = await browser.newPage();
  const pixels = await plain.evaluate(async (encoded) => {
    const image = new Image();
    image.src = `data:image/png;base64,${encoded}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    let text = '';
    for (let i = 0; i < data.length; i += 32_768) text += String.fromCharCode(...data.subarray(i, i + 32_768));
    return btoa(text);
  }, shot);
  return Buffer.from(pixels, 'base64');
}
