import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../entry/run-cli.ts';
import { KrakenServer } from '../venues/kraken-server.ts';
import { type Desk, openDesk } from './desk.ts';
import { serveTerminal } from './served-terminal.ts';

const SYMBOL = 'BTC/USD';

test('an engine killed on a live venue comes back to the venue’s book, and its captures are whole', {
  timeout: 120_000,
}, async () => {
  const server = await KrakenServer.listen({
    pairs: [{ symbol: SYMBOL, priceDecimals: 1, qtyDecimals: 8, start: 600_000 }],
  });
  const kraken = { url: server.url, symbols: [SYMBOL], depth: 25 };
  const terminal = await serveTerminal({ source: { kind: 'live' }, feeds: { kraken } });
  let desk: Desk | undefined;
  const best = () => {
    const { bids, asks } = server.rows(SYMBOL, 1);
    return [Number(bids[0]![0]), Number(asks[0]![0])];
  };
  try {
    await expect.poll(() => server.subscribed(SYMBOL), { timeout: 20_000 }).toBe(true);
    await server.run(2_000);
    desk = await openDesk(terminal.url, 1440, 900);
    await expect.poll(() => desk!.quote(), { timeout: 20_000 }).toEqual(best());
    const victim = terminal.enginePid();
    process.kill(victim!, 'SIGKILL');
    await expect.poll(() => terminal.enginePid(), { timeout: 10_000 }).not.toBe(victim);
    await expect.poll(() => server.subscribed(SYMBOL), { timeout: 20_000 }).toBe(true);
    await server.run(2_000);
    await expect.poll(() => desk!.quote(), { timeout: 20_000 }).toEqual(best());
    await desk.paneShows('Ticket', /DISARMED/);
    await desk.picture('live-killed-and-back');
    await terminal.end();
    const captures = join(terminal.folder, 'captures');
    for (const name of readdirSync(captures).filter((file) => file.endsWith('.zst'))) {
      const { code, out } = await runCli(['inspect', join(captures, name)]);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ source: 'kraken', checksumFailures: 0 });
    }
  } finally {
    await desk?.close();
    await terminal.stop();
    await server.close();
  }
});
