import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { expect, test } from 'vitest';
import { findElectron } from '../../main/entry/host/electron-runtime.ts';

const root = join(import.meta.dirname, '..', '..');
const executablePath = findElectron(root, process.env);
const display = process.platform !== 'linux' || process.env['DISPLAY'] !== undefined;

/** Not run, and reported so, where the Electron runtime or a display is missing. */
test.skipIf(executablePath === undefined || !display)('the desktop program opens on a live market', async () => {
  const home = mkdtempSync(join(tmpdir(), 'fathom-desktop-'));
  const desktop = await _electron.launch({
    executablePath: executablePath!,
    args: process.getuid?.() === 0 ? ['--no-sandbox', root] : [root],
    env: { ...process.env, FATHOM_HOME: home } as Record<string, string>,
  });
  try {
    const page = await desktop.firstWindow();
    await page.getByText('SIMULATED').first().waitFor();
    await page.waitForFunction(
      () => (window as unknown as { fathomMetrics: { framesTaken: number } }).fathomMetrics.framesTaken > 60,
    );
    expect(await page.evaluate(() => 'require' in window || 'process' in window)).toBe(false);
    expect(page.url()).toBe('fathom://terminal/index.html');
  } finally {
    await desktop.close();
    rmSync(home, { recursive: true });
  }
});
