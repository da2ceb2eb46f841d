import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { findBrowser } from '../test/browser.ts';

/**
 * Sees to it that the end-to-end tests have a Chromium: whichever is there, else Debian's by apt-get where this runs as
 * root on Debian. False, with a sentence, when there is none to be had.
 */
export function ensureBrowser(): boolean {
  const found = findBrowser();
  if (found !== undefined) {
    console.error(`browser: ${found}`);
    return true;
  }
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const installed = findBrowser();
    if (installed !== undefined) return true;
  }
  console.error(
    'No Chromium was found for the end-to-end tests. Install Chrome, Edge or Chromium, or set CHROMIUM_PATH to one, and run npm test again.',
  );
  return false;
}
