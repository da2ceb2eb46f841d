import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { playRecording } from '../../main/entry/offline/offline-run.ts';
import { OfflineTerminal } from '../../main/entry/offline/offline-terminal.ts';
import { venuePlan } from '../../main/entry/venues/venues.ts';
import { openRecording } from '../../main/feeds/replay/open-recording.ts';
import { DEFAULT_SETTINGS, settingsSchema } from '../../shared/settings.ts';
import { DatabentoGateway, type GatewayRecord } from '../venues/databento-gateway.ts';
import { DatabentoMarket } from '../venues/databento-market.ts';
import { KrakenServer } from '../venues/kraken-server.ts';
import { liveSession } from './live-session.ts';

const KEY = 'db-unittestapikey1234567890FFFFF';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-live-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function captures(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.zst'))
    .map((name) => join(folder, name));
}

/** An event whose book lies between two ticks, from a market that may trade before it. */
function offTick(market: DatabentoMarket, publish: (records: readonly GatewayRecord[]) => void): void {
  let records = market.next(1);
  for (; records.some(({ schema }) => schema === 'trades'); records = market.next(1)) publish(records);
  const bytes = records[0]!.bytes.slice();
  const view = new DataView(bytes.buffer);
  const firstBid = 48;
  view.setBigInt64(firstBid, view.getBigInt64(firstBid, true) + 1n, true);
  publish([{ ...records[0]!, bytes }]);
}

/** The output of a replay of all that was captured. */
async function replayed(): Promise<OfflineTerminal> {
  const terminal = new OfflineTerminal(DEFAULT_SETTINGS);
  await playRecording(openRecording(captures(), terminal.engine), { stop: new AbortController().signal });
  terminal.finish();
  return terminal;
}

describe('a session that was recorded live replays to the hash that it had', () => {
  test('Databento, with a connection that was lost in between', async () => {
    const market = new DatabentoMarket('6EZ6', 42, 50_000, 22_000, Date.UTC(2026, 10, 18, 13) * 1000);
    const gateway = await DatabentoGateway.listen({
      key: KEY,
      resolve: () => [{ rawSymbol: '6EZ6', instrumentId: 42 }],
    });
    const settings = settingsSchema.parse({ feeds: { databento: { url: gateway.url, symbols: ['6E.v.0'] } } });
    const plan = venuePlan('databento', settings, () => KEY);
    const session = liveSession([plan], folder);
    try {
      const [line] = session.lines;
      await expect.poll(() => gateway.sessions[0]?.started).toBe(true);
      const told = () => session.terminal.engine.markets[0]?.trades;
      for (let round = 0; round < 20; round++) gateway.publish(market.next(200));
      await expect.poll(told).toBe(market.trades);
      gateway.session.cut();
      gateway.publish(market.next(500));
      await expect.poll(() => gateway.sessions.length, { timeout: 10_000 }).toBe(2);
      await expect.poll(told, { timeout: 10_000 }).toBe(market.trades);
      offTick(market, (records) => gateway.publish(records));
      gateway.publish(market.next(2_000));
      await expect.poll(told).toBe(market.trades);
      const hash = await session.end();
      expect(session.faults).toHaveLength(1);
      expect(session.faults[0]).toContain('not a multiple of its tick');
      expect(line!.mapper.tally.gaps).toBeGreaterThan(0);
      const again = await replayed();
      expect(again.hash.hex()).toBe(hash);
      expect(again.engine.inputSequence).toBe(session.terminal.engine.inputSequence);
    } finally {
      await gateway.close();
    }
  }, 30_000);

  test('Kraken and Databento side by side, from one capture each', async () => {
    const market = new DatabentoMarket('6EZ6', 42, 50_000, 22_000, Date.UTC(2026, 10, 18, 13) * 1000);
    const gateway = await DatabentoGateway.listen({
      key: KEY,
      resolve: () => [{ rawSymbol: '6EZ6', instrumentId: 42 }],
    });
    const pair = { symbol: 'BTC/USD', priceDecimals: 1, qtyDecimals: 8, start: 600_000 };
    const kraken = await KrakenServer.listen({ pairs: [pair] });
    const settings = settingsSchema.parse({
      feeds: {
        databento: { url: gateway.url, symbols: ['6E.v.0'] },
        kraken: { url: kraken.url, symbols: ['BTC/USD'], depth: 25 },
      },
    });
    const plans = (['databento', 'kraken'] as const).map((venue) => venuePlan(venue, settings, () => KEY));
    const session = liveSession(plans, folder);
    try {
      const updates = () => session.lines[1]!.mapper.tally.symbols.get('BTC/USD')?.updates;
      await expect.poll(() => gateway.sessions[0]?.started).toBe(true);
      await expect.poll(updates).toBe(1);
      for (let round = 0; round < 30; round++) {
        gateway.publish(market.next(50));
        await kraken.run(40);
      }
      kraken.cutMidFrame();
      gateway.publish(market.next(500));
      await expect.poll(() => session.lines[1]!.feed.reconnects, { timeout: 10_000 }).toBe(1);
      await expect.poll(() => kraken.subscribed('BTC/USD')).toBe(true);
      await kraken.run(500);
      const book = () => session.lines[1]!.mapper.bookText('BTC/USD', 25);
      await expect.poll(book).toEqual(kraken.rows('BTC/USD', 25));
      const future = () => session.terminal.engine.markets.find(({ instrument }) => instrument.rawSymbol === '6EZ6');
      await expect.poll(() => future()?.trades).toBe(market.trades);
      const hash = await session.end();
      const again = await replayed();
      expect(captures()).toHaveLength(2);
      expect(again.hash.hex()).toBe(hash);
      expect(again.engine.inputSequence).toBe(session.terminal.engine.inputSequence);
    } finally {
      await gateway.close();
      await kraken.close();
    }
  }, 30_000);
});
