import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HeadlessVenue } from '../../../main/entry/venues/headless-venue.ts';
import { venuePlan } from '../../../main/entry/venues/venues.ts';
import { settingsSchema } from '../../../shared/settings.ts';
import { KrakenServer } from '../../venues/kraken-server.ts';

const SYMBOL = 'BTC/USD';
let folder: string;
let server: KrakenServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-headless-'));
  server = await KrakenServer.listen({ pairs: [{ symbol: SYMBOL, priceDecimals: 1, qtyDecimals: 8, start: 600_000 }] });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await server.close();
  rmSync(folder, { recursive: true });
});

function headless(symbols: readonly string[] = [SYMBOL]) {
  const settings = settingsSchema.parse({ feeds: { kraken: { url: server.url, symbols, depth: 25 } } });
  const faults: string[] = [];
  const states: string[] = [];
  const venue = new HeadlessVenue({
    plan: venuePlan('kraken', settings, () => undefined),
    captures: folder,
    onState: ({ condition }) => states.push(condition),
    onFault: (words) => faults.push(words),
  });
  venue.start();
  return { venue, faults, states };
}

const bookOf = (venue: HeadlessVenue) => venue.line.mapper.bookText(SYMBOL, 25);

test('a machine that slept is a gap that says so, and the books are rebuilt', async () => {
  const { venue, faults } = headless();
  try {
    await expect.poll(() => bookOf(venue)).toBeDefined();
    await server.run(200);
    await expect.poll(() => bookOf(venue)).toEqual(server.rows(SYMBOL, 25));
    const before = venue.engine.nowUs;
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + 3_600_000);
    await expect.poll(() => faults, { timeout: 5_000 }).toHaveLength(1);
    expect(faults[0]).toMatch(/slept or its clock was set forward by 3\d{3} s; books are rebuilt/);
    expect(venue.line.mapper.tally.gaps).toBe(1);
    await expect.poll(() => venue.engine.markets[0]!.gapped, { timeout: 5_000 }).toBe(false);
    await server.run(200);
    await expect.poll(() => bookOf(venue)).toEqual(server.rows(SYMBOL, 25));
    await expect.poll(() => venue.engine.nowUs - before).toBeGreaterThan(3_500_000_000);
  } finally {
    await venue.stop();
  }
}, 20_000);

test('closed by the server again and again, it has the server’s book in the end and counts nothing twice', async () => {
  const { venue, states } = headless();
  try {
    await expect.poll(() => bookOf(venue)).toBeDefined();
    for (let round = 0; round < 4; round++) {
      await server.run(300);
      server.closeAll();
      await expect.poll(() => venue.line.feed.reconnects, { timeout: 10_000 }).toBe(round + 1);
      await expect.poll(() => server.subscribed(SYMBOL)).toBe(true);
    }
    await server.run(500);
    await expect.poll(() => bookOf(venue)).toEqual(server.rows(SYMBOL, 25));
    expect(venue.report([SYMBOL]).symbols[SYMBOL]!.trades).toBeLessThanOrEqual(server.sent.get(SYMBOL)!.trades);
    expect(venue.line.mapper.tally.gaps).toBe(4);
    expect(states.filter((state, index) => state === 'live' && states[index - 1] !== 'live')).toHaveLength(5);
  } finally {
    await venue.stop();
  }
}, 40_000);

test('a symbol that the venue refuses is said so, and the others go on', async () => {
  const { venue, states } = headless([SYMBOL, 'FOO/BAR']);
  let ended = false;
  void venue.ended.then(() => {
    ended = true;
  });
  try {
    await expect.poll(() => states).toContain('refused');
    await expect.poll(() => bookOf(venue)).toBeDefined();
    await server.run(500);
    await expect.poll(() => bookOf(venue)).toEqual(server.rows(SYMBOL, 25));
    expect(ended).toBe(false);
  } finally {
    await venue.stop();
  }
});

test('where the venue refuses all that was asked for, it ends by itself', async () => {
  const { venue } = headless(['FOO/BAR']);
  try {
    expect(await venue.ended).toBe('final');
    expect(venue.report(['FOO/BAR'])).toMatchObject({ state: 'refused', symbols: { 'FOO/BAR': { updates: 0 } } });
  } finally {
    await venue.stop();
  }
}, 10_000);
