import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Engine } from '../../../main/core/engine.ts';
import { FrameError } from '../../../main/core/feed-port.ts';
import { FeatureStage } from '../../../main/features/feature-stage.ts';
import { CoinbaseFeed, type CoinbaseFeedOptions } from '../../../main/feeds/coinbase/coinbase-feed.ts';
import { CoinbaseMapper } from '../../../main/feeds/coinbase/coinbase-mapper.ts';
import { CoinbaseServer } from '../../venues/coinbase-server.ts';
import { type LiveRig, liveRig } from '../live-rig.ts';

const PRODUCTS = ['BTC-USD', 'ETH-USD'];
let server: CoinbaseServer;
let rig: LiveRig | undefined;

beforeEach(async () => {
  server = await CoinbaseServer.open(PRODUCTS);
});

afterEach(async () => {
  await rig?.feed.stop();
  rig = undefined;
  await server.close();
});

function start(options: Partial<CoinbaseFeedOptions> = {}): LiveRig {
  rig = liveRig(
    (surroundings) =>
      new CoinbaseFeed({
        ...surroundings,
        symbols: PRODUCTS,
        url: server.url,
        baseMs: 20,
        mostMs: 60,
        tickMs: 10,
        ...options,
      }),
    (engine, resync) => new CoinbaseMapper(engine, resync),
  );
  rig.feed.start();
  return rig;
}

/** Both books are trusted and equal to the server's. */
async function followed({ trusted, mapper }: LiveRig): Promise<void> {
  for (const product of PRODUCTS) {
    await expect.poll(() => trusted(product), { timeout: 5000 }).toBe(true);
    server.update(product);
    await expect.poll(() => mapper.bookText(product, 1000), { timeout: 5000 }).toEqual(server.text(product, 1000));
  }
}

const said = ({ states }: LiveRig, condition: string) => states.filter((state) => state.startsWith(`${condition}: `));
const tradesOf = ({ mapper }: LiveRig, product: string) => mapper.tally.symbols.get(product)?.trades;

describe('the Coinbase feed', () => {
  test('follows 100,000 messages and every trade, and a replay of its frames is the same', async () => {
    const live = start();
    await followed(live);
    for (let round = 0; round < 1000; round++) {
      server.update('BTC-USD', 50);
      server.update('ETH-USD', 50);
      server.trade(PRODUCTS[round % 2]!, 1 + (round % 4));
      if (round % 50 === 0) server.heartbeat();
      if (round % 20 === 0) await new Promise((done) => setImmediate(done));
    }
    await followed(live);
    for (const product of PRODUCTS) expect(tradesOf(live, product)).toBe(server.trades(product));
    expect(live.mapper.tally).toMatchObject({ gaps: 0, checksumFailures: 0 });
    await expect.poll(() => live.state()?.condition).toBe('live');
    expect(live.engine.markets[0]?.instrument).toMatchObject({ tradeBatchMs: 250, tickSource: 'definition' });
    const engine = new Engine({ continuity: 'live' });
    engine.addStage(new FeatureStage());
    const mapper = new CoinbaseMapper(engine, () => undefined);
    for (const frame of live.frames) {
      engine.arrive(frame.localUs);
      mapper.apply(frame);
    }
    expect(engine.snapshot()).toEqual(live.engine.snapshot());
    expect(mapper.snapshot()).toEqual(live.mapper.snapshot());
  }, 60_000);

  test('takes snapshots of several megabytes, and learns increments that it can not ask for', async () => {
    server.hasProducts = false;
    server.farLevels = 60_000;
    const live = start();
    await expect.poll(() => live.trusted('ETH-USD'), { timeout: 10_000 }).toBe(true);
    server.update('BTC-USD', 30);
    await expect.poll(() => live.mapper.bookText('BTC-USD', 30)).toEqual(server.text('BTC-USD', 30));
    expect(Math.max(...live.frames.map(({ bytes }) => bytes.length))).toBeGreaterThan(5_000_000);
    expect(live.engine.markets[0]?.instrument).toMatchObject({
      tickNano: 10_000_000,
      lotDecimals: 5,
      tickSource: 'raw',
    });
    expect(server.requests).toHaveLength(2);
  }, 20_000);

  test('a hole in the numbers voids every book; the next connection brings them anew', async () => {
    const live = start();
    await followed(live);
    server.trade('BTC-USD');
    await expect.poll(() => tradesOf(live, 'BTC-USD')).toBe(1);
    server.loseMessage('ETH-USD');
    server.update('BTC-USD');
    await expect.poll(() => live.mapper.tally.gaps).toBeGreaterThan(0);
    await followed(live);
    expect(live.mapper.tally.gaps).toBe(2);
    expect(live.feed.reconnects).toBe(1);
    expect(said(live, 'gap').join()).toMatch(/built anew: messages \d+ to \d+ are missing/);
    expect(tradesOf(live, 'BTC-USD')).toBe(1);
    await expect.poll(() => live.state()?.condition).toBe('live');
  });

  test('what comes again, subscriptions, and a snapshot in the middle change nothing', async () => {
    const live = start();
    await followed(live);
    server.subscriptions();
    server.removeUnknown('BTC-USD');
    server.snapshot('BTC-USD');
    await followed(live);
    server.stepBack(1);
    server.removeUnknown('ETH-USD');
    await expect.poll(() => live.mapper.tally.recordCounts['repeated']).toBe(1);
    await followed(live);
    expect([live.mapper.tally.gaps, live.feed.reconnects]).toEqual([0, 0]);
  });

  test('subscribes in time, one channel a message, and is closed where it does not', async () => {
    server.subscribeWithinMs = 150;
    const live = start();
    await followed(live);
    await expect.poll(() => live.mapper.tally.recordCounts['subscriptions']).toBe(3);
    expect(server.desk.connections).toBe(1);
    const idle = new WebSocket(server.url);
    const closed = await new Promise<number>((done) => idle.addEventListener('close', ({ code }) => done(code)));
    expect(closed).toBe(1008);
    expect(live.trusted('BTC-USD')).toBe(true);
  });

  test('without a heartbeat it connects anew, even where the server pings', async () => {
    const live = start({ silenceMs: 600 });
    await followed(live);
    const [first] = server.desk.seats;
    first!.mute = true;
    const pinged = () => {
      server.desk.pingAll();
      return server.desk.connections;
    };
    await expect.poll(pinged, { interval: 20, timeout: 5_000 }).toBeGreaterThanOrEqual(2);
    expect(said(live, 'connecting').join()).toMatch(/no heartbeat came for 0.6 s/);
    await followed(live);
  });

  test('heartbeats alone are no data', async () => {
    const live = start({ staleMs: 80 });
    await followed(live);
    await expect
      .poll(() => {
        server.heartbeat();
        return live.state()?.condition;
      })
      .toBe('stale');
    expect(live.state()?.words).toMatch(/heartbeats come, but no market data since/);
    await expect
      .poll(() => {
        server.update('BTC-USD');
        return live.state()?.condition;
      })
      .toBe('live');
    expect(live.feed.reconnects).toBe(0);
  });

  test('notes the trades that it missed while it was away, and counts none twice', async () => {
    const live = start();
    await followed(live);
    server.trade('BTC-USD', 3);
    await expect.poll(() => tradesOf(live, 'BTC-USD')).toBe(3);
    server.desk.dropAll();
    server.missTrade('BTC-USD');
    server.missTrade('BTC-USD');
    await expect.poll(() => server.desk.connections).toBe(2);
    await followed(live);
    server.trade('BTC-USD', 2);
    await expect.poll(() => tradesOf(live, 'BTC-USD')).toBe(5);
    expect(live.mapper.tally.recordCounts['missed-trade']).toBe(2);
  });

  test('says in the words of the venue what is wrong with a subscription', async () => {
    const live = start({ symbols: ['NO-SUCH'] });
    await expect.poll(() => live.state()?.condition).toBe('refused');
    expect(live.state()?.words).toMatch(/NO-SUCH is not a valid product; check the symbols in the settings/);
  });

  test('refusals of the connection: 451 ends it, 429 is waited for, 503 is tried again', async () => {
    server.desk.refusals.push({ status: 503 }, { status: 429, headers: { 'retry-after': '0.3' } });
    const live = start();
    await followed(live);
    expect(live.states.join()).toMatch(/refused with HTTP 503/);
    expect(said(live, 'quota').join()).toMatch(/asks to wait/);
    await live.feed.stop();
    server.desk.refusals.push({ status: 451 });
    const second = start();
    await expect.poll(() => second.state()?.condition).toBe('refused');
    expect(second.state()?.words).toMatch(/^not offered here/);
  });

  test('stops in order: nothing comes afterwards', async () => {
    const live = start();
    await followed(live);
    await live.feed.stop();
    const frames = live.frames.length;
    server.update('BTC-USD');
    await expect.poll(() => server.desk.seats.length).toBe(0);
    expect([live.frames.length, live.state()?.condition]).toEqual([frames, 'stopped']);
  });
});

describe('a Coinbase connection in trouble', () => {
  const faults: readonly [string, () => void, RegExp][] = [
    ['cut in mid-frame', () => server.desk.cutInMidFrame(), /closed the connection|connection failed/],
    ['half-open and silent', () => server.desk.fallSilent(), /came for 0.7 s/],
    ['closed by the server', () => server.desk.dropAll(1012), /closed the connection \(1012\)/],
  ];

  test.each(faults)('%s: comes back with the book of the server', async (_name, fault, words) => {
    const live = start({ silenceMs: 700 });
    await followed(live);
    server.trade('BTC-USD');
    await expect.poll(() => tradesOf(live, 'BTC-USD')).toBe(1);
    fault();
    server.update('BTC-USD', 20);
    await expect.poll(() => said(live, 'connecting').join(), { timeout: 5000 }).toMatch(words);
    await followed(live);
    expect(tradesOf(live, 'BTC-USD')).toBe(1);
    expect(live.engine.gaps).toBe(2);
  });

  test.each(['}{', '{"channel":"l2_data","sequence_num":7,"events":[{"type":"upd', '\u0000\u0001'])(
    'garbage is refused, and the books come back: %j',
    async (garbage) => {
      const live = start();
      await followed(live);
      server.sendAll(garbage);
      await expect.poll(() => live.refused.length).toBe(1);
      await followed(live);
      expect(live.feed.reconnects).toBe(1);
    },
  );

  test('a server that closes every few milliseconds is outlived', async () => {
    const live = start();
    await followed(live);
    for (let i = 0; i < 12; i++) {
      const before = server.desk.connections;
      server.update('BTC-USD', 3);
      server.desk.dropAll(1001);
      await expect.poll(() => server.desk.connections, { timeout: 5000, interval: 5 }).toBeGreaterThan(before);
    }
    await followed(live);
    expect(live.feed.reconnects).toBeGreaterThanOrEqual(12);
  }, 20_000);

  test('keeps up with a flood of 50,000 messages', async () => {
    const live = start();
    await followed(live);
    const before = live.mapper.tally.symbols.get('BTC-USD')!.updates;
    for (let i = 0; i < 50; i++) {
      server.update('BTC-USD', 1000);
      await new Promise((done) => setImmediate(done));
    }
    await expect
      .poll(() => live.mapper.tally.symbols.get('BTC-USD')!.updates, { timeout: 20_000 })
      .toBe(before + 50_000);
    await followed(live);
    expect([live.mapper.tally.gaps, live.refused]).toEqual([0, []]);
  }, 40_000);
});

test('a frame that is refused is a FrameError that does not hold the frame', () => {
  const mapper = new CoinbaseMapper(new Engine({ continuity: 'live' }), () => undefined);
  const bytes = new TextEncoder().encode('{"channel":"l2_data","sequence_num":0,"secret":"abc"');
  const apply = () => mapper.apply({ kind: 'message', name: 'public', bytes, localUs: 0 });
  expect(apply).toThrow(FrameError);
  expect(apply).not.toThrow(/abc/);
});
