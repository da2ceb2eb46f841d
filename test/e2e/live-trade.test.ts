import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { databento, ig } from '../entry/venue-stands.ts';
import { type Desk, openDesk } from './desk.ts';
import { serveTerminal } from './served-terminal.ts';

test('with Databento’s future and IG’s quote live, a deal is opened and closed on paper at IG’s prices', {
  timeout: 120_000,
}, async () => {
  const [future, spot] = await Promise.all([databento(), ig(1_000)]);
  const feeds = {
    kraken: { enabled: false },
    databento: { enabled: true, ...future.settings },
    ig: { enabled: true, ...spot.settings },
  };
  const environment = { ...future.environment, ...spot.environment };
  const terminal = await serveTerminal({ source: { kind: 'live' }, feeds }, [], environment);
  let desk: Desk | undefined;
  let running = true;
  try {
    await expect.poll(() => future.subscribed() && spot.subscribed(), { timeout: 20_000 }).toBe(true);
    // A minute of quotes, by which a stop is placed; then both markets go on while the trader works.
    await spot.run(90);
    const market = (async () => {
      while (running) {
        await future.run(250);
        await spot.run(1);
        await new Promise((next) => setTimeout(next, 50));
      }
    })();
    desk = await openDesk(terminal.url, 1440, 900, ['live', 'closed']);
    const { page } = desk;
    await expect.poll(() => page.locator('.link-name').innerText()).toMatch(/6E.*EUR\/USD/s);
    await page.keyboard.press('Space');
    await desk.paneShows('Ticket', /(?<!DIS)ARMED/);
    await expect
      .poll(
        async () => {
          // A ticket may expire, or its price run away, before a busy machine gets to confirm it: then it is staged anew.
          const staged = /BUY\s*EUR\/USD/.test(await desk!.pane('Ticket'));
          await page.keyboard.press(staged ? 'Enter' : 'b');
          return desk!.pane('Positions');
        },
        { timeout: 20_000, interval: 400 },
      )
      .toMatch(/Long \d+/);
    await desk.picture('live-trade-long');
    await page.keyboard.press('f');
    await desk.paneShows('Positions', /Flat\. No deal is open/);
    running = false;
    await market;
    expect(desk.complaints).toEqual([]);
    const journals = join(terminal.folder, 'journal');
    expect(existsSync(join(journals, 'live'))).toBe(true);
    expect(readdirSync(journals).filter((name) => name.startsWith('paper-'))).toEqual([]);
  } finally {
    running = false;
    await desk?.close();
    await terminal.stop();
    await future.close();
    await spot.close();
  }
});
