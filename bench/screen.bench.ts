import { launchBrowser } from '../test/browser.ts';
import { serveTerminal } from '../test/e2e/served-terminal.ts';
import type { Figures } from './measure.ts';

/** Depth events per second and product that give about 20,000 records a second over three products with their spot pairs. */
const EVENTS_PER_SECOND = 4_000;
const WATCH_MS = 15_000;
/** The page's own start is not what is measured. */
const SETTLE_MS = 4_000;

/** What the page reports of itself (`window.fathomMetrics`). */
interface PageMetrics {
  readonly framesDrawn: number;
  readonly longTasks: number;
  readonly longestTaskMs: number;
  quantile(share: number): number;
  reset(): void;
}

/** The real page in Chromium on a terminal with some 20,000 events a second; then a second client that is frozen. */
export async function screenBench(): Promise<Figures> {
  const terminal = await serveTerminal({ source: { eventsPerSecond: EVENTS_PER_SECOND } });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(terminal.url);
    await page.locator('[data-pane="Ladder"][data-state="live"]').waitFor({ timeout: 120_000 });
    const rateOf = async () => {
      const text = await page.locator('[aria-label="Health"]').innerText();
      const [, figure = '0', thousands] = /events\/s\s*([\d.,]+)\s*(k?)/.exec(text) ?? [];
      return Number(figure.replaceAll(',', '')) * (thousands === 'k' ? 1_000 : 1);
    };
    const watch = async () => {
      await page.evaluate(() => (window as unknown as { fathomMetrics: PageMetrics }).fathomMetrics.reset());
      const startedMs = performance.now();
      await page.waitForTimeout(WATCH_MS);
      const seconds = (performance.now() - startedMs) / 1000;
      return page.evaluate((elapsed) => {
        const metrics = (window as unknown as { fathomMetrics: PageMetrics }).fathomMetrics;
        return {
          p50: metrics.quantile(0.5),
          p99: metrics.quantile(0.99),
          frames: metrics.framesDrawn / elapsed,
          longTasks: metrics.longTasks,
          longest: metrics.longestTaskMs,
        };
      }, seconds);
    };
    await page.waitForTimeout(SETTLE_MS);
    const alone = await watch();
    const eventsPerSecond = await rateOf();
    const frozen = await browser.newPage();
    await frozen.goto(page.url());
    const session = await frozen.context().newCDPSession(frozen);
    await session.send('Debugger.enable');
    await session.send('Debugger.pause');
    const beside = await watch();
    return {
      'screen.events': { value: eventsPerSecond, unit: 'events/s' },
      'screen.script.p50': { value: alone.p50, unit: 'ms/frame' },
      'screen.script.p99': { value: alone.p99, unit: 'ms/frame' },
      'screen.frames': { value: alone.frames, unit: 'frames/s' },
      'screen.long-tasks': { value: alone.longTasks, unit: 'tasks > 50 ms' },
      'screen.longest-task': { value: alone.longest, unit: 'ms' },
      'screen.frames.beside-frozen-client': { value: beside.frames, unit: 'frames/s' },
      'screen.events.beside-frozen-client': { value: await rateOf(), unit: 'events/s' },
    };
  } finally {
    await browser.close();
    await terminal.stop();
  }
}
