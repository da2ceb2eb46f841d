import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import type { FathomMetrics } from '../../renderer/metrics/frame-metrics.ts';
import { launchBrowser } from '../browser.ts';
import { ScriptedEngine } from './scripted-engine.ts';

const ROOT = join(import.meta.dirname, '../..');
const SCREENS = join(ROOT, 'test-output/screens');

declare global {
  interface Window {
    fathomMetrics: FathomMetrics;
  }
}

/** A built page, a browser and scripted engines, for one test file. */
export interface PageLab {
  /** Opens the page of a fresh engine in a context of its own and waits until it draws. */
  open(options?: { width?: number; height?: number; scale?: number }): Promise<OpenPage>;
  close(): Promise<void>;
}

interface OpenPage {
  readonly page: Page;
  readonly engine: ScriptedEngine;
  /** What the browser complained about: errors of the console, uncaught exceptions, violations of the policy. */
  readonly complaints: string[];
  shoot(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Builds the page once into a folder of its own and starts a browser. */
export async function openLab(): Promise<PageLab> {
  const outDir = mkdtempSync(join(tmpdir(), 'fathom-page-'));
  const root = join(ROOT, 'renderer');
  await build({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
  });
  const browser = await launchBrowser();
  mkdirSync(SCREENS, { recursive: true });
  return {
    open: (options) => openPage(browser, outDir, options ?? {}),
    close: async () => {
      await browser.close();
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}

async function openPage(
  browser: Browser,
  outDir: string,
  { width = 1440, height = 900, scale = 1 }: { width?: number; height?: number; scale?: number },
): Promise<OpenPage> {
  const engine = new ScriptedEngine({ page: outDir });
  await engine.listen();
  const context = await browser.newContext({
    viewport: { width: Math.round(width / scale), height: Math.round(height / scale) },
    deviceScaleFactor: scale,
    timezoneId: 'Europe/London',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(engine.url);
  await page.waitForFunction(
    () => window.fathomMetrics.framesDrawn > 20 && document.querySelector('.arm-row') !== null,
  );
  // The layout of the workspace comes from the engine once more after the first frames.
  await page.waitForFunction(() => document.querySelectorAll('.pane').length >= 3);
  return {
    page,
    engine,
    complaints,
    shoot: async (name) => {
      await page.screenshot({ path: join(SCREENS, `${name}.png`) });
    },
    close: async () => {
      await context.close();
      await engine.close();
    },
  };
}
