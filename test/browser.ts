import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Places where a Chromium may be, besides Playwright's own. */
const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/opt/google/chrome/chrome',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Path of a Chromium to test with: `CHROMIUM_PATH`, Playwright's own, or one that is installed; undefined if there is none. */
export function findBrowser(): string | undefined {
  const own = chromium.executablePath();
  return [process.env['CHROMIUM_PATH'], own, ...INSTALLED].find(
    (path) => path !== undefined && path !== '' && existsSync(path),
  );
}

/**
 * Starts a headless Chromium without network chatter of its own.
 * @throws Error when no browser is installed, saying what to install
 */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) {
    throw new Error(
      'No Chromium was found for the end-to-end tests. Install Chrome, Edge or Chromium (Debian: apt-get install chromium), or name one in CHROMIUM_PATH.',
    );
  }
  const root = process.getuid?.() === 0;
  return chromium.launch({ executablePath, args: root ? [...FLAGS, '--no-sandbox'] : FLAGS });
}
