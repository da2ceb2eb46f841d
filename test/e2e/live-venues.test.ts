import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TextBook } from '../../main/core/feed-port.ts';
import { runCli } from '../entry/run-cli.ts';
import { VENUE_STANDS } from '../entry/venue-stands.ts';
import { type Desk, openDesk } from './desk.ts';
import { serveTerminal } from './served-terminal.ts';

const UPDATES = 100_000;

test.for(VENUE_STANDS)(
  '%s live: the page’s best prices and the capture are the server’s after 100,000 updates',
  {
    timeout: 180_000,
  },
  async ([venue, open]) => {
    const stand = await open();
    const feeds = { kraken: { enabled: false }, [venue]: { enabled: true, ...stand.settings } };
    const terminal = await serveTerminal({ source: { kind: 'live' }, feeds }, [], stand.environment);
    let desk: Desk | undefined;
    try {
      await expect.poll(() => stand.subscribed(), { timeout: 20_000 }).toBe(true);
      await stand.run(1_000);
      desk = await openDesk(terminal.url, 1440, 900, ['live', 'closed']);
      await stand.run(UPDATES);
      const { bids, asks } = stand.book();
      const best = [Number(bids[0]![0]), Number(asks[0]![0])];
      // A price may come back before all has been taken in: it is the last one once nothing flows any more.
      await expect.poll(() => desk!.eventsPerSecond(), { timeout: 60_000 }).toBeLessThan(10);
      await expect.poll(() => desk!.quote(), { timeout: 20_000 }).toEqual(best);
      expect(await desk.page.locator('.health-bar .venue').innerText()).toContain(stand.venueName);
      expect(await desk.page.getByText('PAPER').first().isVisible()).toBe(true);
      await desk.picture(`live-${venue}`);
      expect(desk.complaints).toEqual([]);
      await terminal.end();
      expect(await captured(terminal.folder)).toEqual(numbers(stand.book()));
    } finally {
      await desk?.close();
      await terminal.stop();
      await stand.close();
    }
  },
);

/** Book at the end of what was captured, ten levels a side. */
async function captured(folder: string): Promise<readonly (readonly number[])[][]> {
  const captures = join(folder, 'captures');
  const [file] = readdirSync(captures)
    .filter((name) => name.endsWith('.zst'))
    .toSorted()
    .slice(-1);
  const { out } = await runCli(['book', join(captures, file!)]);
  const { bids, asks } = JSON.parse(out) as Record<'bids' | 'asks', { price: number; size: number }[]>;
  return [bids, asks].map((side) => side.slice(0, 10).map(({ price, size }) => [price, size]));
}

function numbers({ bids, asks }: TextBook): readonly (readonly number[])[][] {
  return [bids, asks].map((side) => side.map(([price, size]) => [Number(price), Number(size)]));
}
