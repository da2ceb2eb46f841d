import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Engine } from '../../../main/core/engine.ts';
import { FrameError } from '../../../main/core/feed-port.ts';
import { FeatureStage } from '../../../main/features/feature-stage.ts';
import { BinanceFeed, type BinanceFeedOptions } from '../../../main/feeds/binance/binance-feed.ts';
import { BinanceMapper } from '../../../main/feeds/binance/binance-mapper.ts';
import { BinanceServer } from '../../venues/binance-server.ts';
import { type LiveRig, liveRig } from '../live-rig.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
let server: BinanceServer;
let rig: LiveRig;

beforeEach(async () => {
  server = await BinanceServer.open(SYMBOLS);
});

afterEach(async () => {
  await rig?.feed.stop();
  await server.close();
});

function start(options: Partial<BinanceFeedOptions> = {}): void {
  rig = liveRig(
    (surroundings) =>
      new BinanceFeed({
        ...surroundings,
        symbols: SYMBOLS,
        url: server.url,
        baseMs: 20,
        mostMs: 60,
        overlapMs: 40,
        snapshotGapMs: 5,
        tickMs: 10,
        weightPerMinute: 100_000,
        ...options,
      }),
    (engine, resync) => new BinanceMapper(engine, resync),
  );
  rig.feed.start();
}

/** Both books are trusted and equal to the server's. */
async function followed(): Promise<void> {
  for (const symbol of SYMBOLS) {
    await expect.poll(() => rig.trusted(symbol), { timeout: 5000 }).toBe(true);
    server.update(symbol);
    await expect.poll(() => rig.mapper.bookText(symbol, 1000), { timeout: 5000 }).toEqual(server.text(symbol, 1000));
  }
}

const said = (condition: string) => rig.states.filter((state) => state.startsWith(`${condition}: `));
const depthRequests = () => server.requests.filter((path) => path.startsWith('/api/v3/depth'));

/** Plays the frames that were taken into a new mapper and engine: what a capture of them would give. */
function replayed() {
  const engine = new Engine({ continuity: 'live' });
  engine.addStage(new FeatureStage());
  const mapper = new BinanceMapper(engine, () => undefined);
  for (const frame of rig.frames) {
    engine.arrive(frame.localUs);
    try {
      mapper.apply(frame);
    } catch (error) {
      expect(error).toBeInstanceOf(FrameError);
    }
  }
  return { engine, mapper };
}

describe('the Binance feed', () => {
  test('follows 100,000 diffs and every trade, and a replay of its frames is the same', async () => {
    start();
    await expect.poll(() => server.desk.seats.length).toBe(1);
    await followed();
    for (let round = 0; round < 1000; round++) {
      server.update('BTCUSDT', 50);
      server.update('ETHUSDT', 50);
      server.trade(SYMBOLS[round % 2]!);
      if (round % 20 === 0) await new Promise((done) => setImmediate(done));
    }
    await followed();
    expect(rig.mapper.tally).toMatchObject({ gaps: 0, checksumFailures: 0 });
    for (const symbol of SYMBOLS) expect(rig.mapper.tally.symbols.get(symbol)?.trades).toBe(server.trades(symbol));
    await expect.poll(() => rig.state()?.condition).toBe('live');
    expect(server.requests[0]).toBe('/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22%2C%22ETHUSDT%22%5D');
    expect(depthRequests()).toHaveLength(2);
    const again = replayed();
    expect(again.engine.snapshot()).toEqual(rig.engine.snapshot());
    expect(again.mapper.snapshot()).toEqual(rig.mapper.snapshot());
  }, 60_000);

  test('asks for a later snapshot when the first is older than the stream, and works without exchangeInfo', async () => {
    server.hasInfo = false;
    server.freeze('BTCUSDT');
    server.change('BTCUSDT');
    server.hide('BTCUSDT');
    server.beforeSnapshot = (symbol) => {
      if (symbol === 'BTCUSDT') server.update(symbol, 3);
      if (depthRequests().length > 3) server.thaw('BTCUSDT');
    };
    start();
    await followed();
    expect(said('gap').join()).toMatch(/older than the first update/);
    expect(rig.engine.markets[0]?.instrument.tickNano).toBe(10_000_000);
  });

  test('takes its book up again after a hole, and ignores what is old', async () => {
    start();
    await followed();
    server.tellOld('BTCUSDT');
    await followed();
    expect(rig.mapper.tally.gaps).toBe(0);
    server.change('BTCUSDT');
    server.hide('BTCUSDT');
    server.update('BTCUSDT');
    await followed();
    expect(rig.mapper.tally.gaps).toBe(1);
    expect(said('gap').join()).toMatch(/built anew: updates \d+ to \d+ of BTCUSDT are missing/);
    await expect.poll(() => rig.state()?.condition).toBe('live');
    expect(rig.feed.reconnects).toBe(0);
  });

  test('has a replacement before the venue ends a connection, and counts nothing twice', async () => {
    start({ rotateAfterMs: 120 });
    await followed();
    const [first] = server.desk.seats;
    for (const connections of [2, 3, 4]) {
      await expect.poll(() => server.desk.connections).toBeGreaterThanOrEqual(connections);
      server.update('BTCUSDT', 20);
      server.trade('ETHUSDT');
    }
    expect(server.desk.seats).not.toContain(first);
    await followed();
    await expect.poll(() => rig.mapper.tally.symbols.get('ETHUSDT')?.trades).toBe(server.trades('ETHUSDT'));
    expect(rig.mapper.tally.gaps).toBe(0);
    expect(rig.frames.some((frame) => frame.kind === 'lost')).toBe(false);
    expect(rig.frames.some((frame) => frame.name === 'public next')).toBe(true);
    expect(rig.feed.reconnects).toBeGreaterThanOrEqual(3);
    expect(depthRequests()).toHaveLength(2);
  });

  test('moves over when the venue announces a shutdown', async () => {
    start();
    await followed();
    const [first] = server.desk.seats;
    server.announceShutdown();
    await expect.poll(() => server.desk.connections).toBe(2);
    server.update('BTCUSDT');
    await expect.poll(() => server.desk.seats.includes(first!)).toBe(false);
    await followed();
    expect(rig.mapper.tally.gaps).toBe(0);
    expect(rig.mapper.tally.recordCounts).toMatchObject({ serverShutdown: 1 });
  });

  test('is told of trades that it missed while it was away', async () => {
    start();
    await followed();
    server.trade('BTCUSDT');
    await expect.poll(() => rig.mapper.tally.symbols.get('BTCUSDT')?.trades).toBe(1);
    server.desk.dropAll();
    await expect.poll(() => rig.engine.gaps).toBeGreaterThan(0);
    server.missTrade('BTCUSDT');
    server.missTrade('BTCUSDT');
    await followed();
    server.trade('BTCUSDT');
    await expect.poll(() => rig.mapper.tally.recordCounts['missed-trade']).toBe(2);
    expect(rig.mapper.tally.symbols.get('BTCUSDT')?.trades).toBe(2);
    expect(rig.feed.reconnects).toBe(1);
  });

  test('answers the pings of the venue', async () => {
    start();
    await followed();
    server.desk.pingAll();
    await expect.poll(() => server.desk.seats[0]?.pongs).toBe(1);
  });

  test('obeys 429 and 418 to the second, and says so', async () => {
    server.refusals.push(
      { status: 200, headers: {} },
      { status: 429, headers: { 'retry-after': '0.3' } },
      { status: 418, headers: { 'retry-after': '0.5' } },
    );
    start();
    await followed();
    expect(said('quota')[0]).toMatch(/asks to slow down; snapshots are asked for again at \d\d:\d\d:\d\d UTC/);
    expect(said('quota')[1]).toMatch(/has banned this address/);
    const times = server.requestTimesMs;
    expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(295);
    expect(times[3]! - times[2]!).toBeGreaterThanOrEqual(495);
    await expect.poll(() => rig.state()?.condition).toBe('live');
  });

  test.each([451, 403])('where the venue is not offered (HTTP %i) it says so and asks no more', async (status) => {
    server.refusals.push({ status });
    start();
    await expect.poll(() => rig.state()?.condition).toBe('refused');
    expect(rig.state()?.words).toMatch(/^not offered here/);
    await expect.poll(() => server.desk.seats.length).toBe(0);
    expect(server.requests).toHaveLength(1);
  });

  test('the same when the stream itself is refused', async () => {
    server.desk.refusals.push({ status: 451 });
    start();
    await expect.poll(() => rig.state()?.condition).toBe('refused');
    expect([server.requests.length, server.desk.connections]).toEqual([0, 0]);
  });

  test.each([500, 503])('an ailing REST host (HTTP %i) is asked again until it answers', async (status) => {
    server.refusals.push({ status }, { status }, { status });
    start();
    await followed();
    expect(rig.states.join()).toMatch(new RegExp(`the venue answers HTTP ${status}, asking again`));
  });

  test('names the symbol that the venue does not know, and follows the others', async () => {
    start({ symbols: ['BTCUSDT', 'NOSUCH'] });
    await expect.poll(() => rig.state()?.condition).toBe('refused');
    expect(rig.state()?.words).toMatch(/refuses depth NOSUCH \(HTTP 400\); check the symbols/);
    await expect.poll(() => rig.trusted('BTCUSDT')).toBe(true);
  });

  test('spends no more weight than the budget has', async () => {
    start({ weightPerMinute: 125, snapshotGapMs: 0 });
    await followed();
    for (let i = 0; i < 5; i++) {
      server.change('BTCUSDT');
      server.hide('BTCUSDT');
      server.update('BTCUSDT');
      await expect.poll(() => rig.trusted('BTCUSDT')).toBe(false);
    }
    expect(depthRequests()).toHaveLength(2);
    expect(rig.state()?.condition).toBe('gap');
  });

  test('says that nothing comes although the connection is up', async () => {
    start({ staleMs: 80 });
    await followed();
    await expect.poll(() => rig.state()?.condition).toBe('stale');
    await expect
      .poll(() => {
        server.update('BTCUSDT');
        return rig.state()?.condition;
      })
      .toBe('live');
  });

  test('stops in order: nothing comes afterwards', async () => {
    start();
    await followed();
    await rig.feed.stop();
    const frames = rig.frames.length;
    server.update('BTCUSDT');
    await expect.poll(() => server.desk.seats.length).toBe(0);
    expect([rig.frames.length, rig.state()?.condition]).toEqual([frames, 'stopped']);
  });
});

describe('a Binance connection in trouble', () => {
  const faults: readonly [string, () => void, RegExp][] = [
    ['cut in mid-frame', () => server.desk.cutInMidFrame(), /closed the connection|connection failed/],
    ['half-open and silent', () => server.desk.fallSilent(), /nothing came for 0.7 s/],
    ['closed by the server', () => server.desk.dropAll(1012), /closed the connection \(1012\)/],
  ];

  test.each(faults)('%s: comes back with the book of the server', async (_name, fault, words) => {
    start({ silenceMs: 700 });
    await followed();
    server.trade('BTCUSDT');
    await expect.poll(() => rig.mapper.tally.symbols.get('BTCUSDT')?.trades).toBe(1);
    fault();
    server.update('BTCUSDT', 20);
    await expect.poll(() => said('connecting').join(), { timeout: 5000 }).toMatch(words);
    await followed();
    expect(rig.mapper.tally.symbols.get('BTCUSDT')?.trades).toBe(1);
    // Both books were void meanwhile.
    expect(rig.engine.gaps).toBe(2);
    expect(rig.feed.reconnects).toBeGreaterThanOrEqual(1);
  });

  test.each([
    '}{',
    '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","s":"BTCUSDT","U":1,"u"',
    '\u0000\u0001',
  ])('garbage is refused, and the books go on: %j', async (garbage) => {
    start();
    await followed();
    server.sendAll(garbage);
    await expect.poll(() => rig.refused.length).toBe(1);
    await followed();
    expect(rig.feed.reconnects).toBe(0);
  });

  test('a server that closes every few milliseconds is outlived', async () => {
    start();
    await followed();
    for (let i = 0; i < 12; i++) {
      const before = server.desk.connections;
      server.update('BTCUSDT', 3);
      server.desk.dropAll(1001);
      await expect.poll(() => server.desk.connections, { timeout: 5000, interval: 5 }).toBeGreaterThan(before);
    }
    await followed();
    expect(rig.feed.reconnects).toBeGreaterThanOrEqual(12);
  }, 20_000);

  test('keeps up with a flood of 50,000 messages', async () => {
    start();
    await followed();
    const before = rig.mapper.tally.symbols.get('BTCUSDT')!.updates;
    const startedMs = performance.now();
    for (let i = 0; i < 50; i++) {
      server.update('BTCUSDT', 1000);
      await new Promise((done) => setImmediate(done));
    }
    await expect
      .poll(() => rig.mapper.tally.symbols.get('BTCUSDT')!.updates, { timeout: 20_000 })
      .toBe(before + 50_000);
    await followed();
    expect(rig.mapper.tally.gaps).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  }, 40_000);
});
