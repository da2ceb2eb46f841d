import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { IgFeedOptions } from '../../../main/feeds/ig/ig-feed.ts';
import { FEATURE, FEATURES } from '../../../shared/features.ts';
import { IG_ACCOUNT, IgServer } from '../../venues/ig-server.ts';
import { everythingOf, IgRig, QUICK, SECRETS } from './ig-rig.ts';

const EURUSD = 'CS.D.EURUSD.CFD.IP';
const GBPUSD = 'CS.D.GBPUSD.CFD.IP';
const USDJPY = 'CS.D.USDJPY.CFD.IP';
/** 2026-11-18, a Wednesday. */
const MS = 1_795_000_000_000;

let server: IgServer;
let rig: IgRig;

beforeEach(async () => {
  server = await IgServer.start(500);
  quote(EURUSD, '1.15587', '1.15593');
  quote(GBPUSD, '1.30210', '1.30219');
  quote(USDJPY, '155.201', '155.208');
});
afterEach(async () => {
  await rig.feed.stop();
  const left = everythingOf(rig);
  await server.close();
  expect(left).not.toMatch(SECRETS);
  expect(left).not.toContain(IG_ACCOUNT);
});

function quote(epic: string, bid: string | null, ask: string | null, more: Record<string, string | null> = {}): void {
  server.quote(epic, {
    BIDPRICE1: bid,
    ASKPRICE1: ask,
    BIDSIZE1: '500000',
    ASKSIZE1: '750000',
    TIMESTAMP: String(MS),
    DLG_FLAG: 'DEAL',
    ...more,
  });
}

async function connected(options: Partial<IgFeedOptions> = {}): Promise<void> {
  rig = new IgRig(server, options);
  rig.feed.start();
  await rig.becomes('live');
}

describe('prices', () => {
  test("of the three pairs come, one subscription each, and are the server's", async () => {
    await connected();
    await rig.agrees(server, EURUSD, 'EURUSD');
    await rig.agrees(server, GBPUSD, 'GBPUSD');
    await rig.agrees(server, USDJPY, 'USD/JPY');
    const market = rig.market('USDJPY')!;
    expect([market.depth.bidPrice[0], market.depth.askPrice[0], market.depth.bidSize[0]]).toEqual([
      155_201, 155_208, 500_000,
    ]);
    expect(market).toMatchObject({ depthSchema: 'mbp-1', venueStatus: 'trading', tsEventUs: MS * 1000 });
    const adds = server.stream.controls.filter((request) => request['LS_op'] === 'add');
    expect(adds.map((request) => request['LS_group'])).toEqual(
      [EURUSD, GBPUSD, USDJPY].map((epic) => `PRICE:${IG_ACCOUNT}:${epic}`),
    );
    expect(adds[0]).toMatchObject({ LS_mode: 'MERGE', LS_data_adapter: 'Pricing', LS_snapshot: 'true' });
    expect(rig.frames.slice(0, 4).map(({ kind, name }) => [kind, name])).toEqual([
      ['answer', `market ${EURUSD}`],
      ['answer', `market ${GBPUSD}`],
      ['answer', `market ${USDJPY}`],
      ['opened', 'prices'],
    ]);
    expect(rig.feed.markets.map(({ rules }) => rules.minDealSize)).toEqual([1, 1, 1]);
  });

  test('give mid, spread and volatility, and no order flow, since a dealer made their sizes', async () => {
    await connected({ symbols: [EURUSD] });
    await rig.agrees(server, EURUSD, 'EURUSD');
    quote(EURUSD, '1.15590', '1.15595', { BIDSIZE1: '900000' });
    await rig.agrees(server, EURUSD, 'EURUSD');
    const values = rig.market('EURUSD')!.features;
    expect(values[FEATURE.mid]).toBeCloseTo(1.155925, 12);
    expect(values[FEATURE.spread]).toBeCloseTo(0.00005, 12);
    const absent = FEATURES.map(({ name }) => name).filter((name) => Number.isNaN(values[FEATURE[name]]!));
    expect(absent).toEqual(FEATURES.map(({ name }) => name).filter((name) => name !== 'mid' && name !== 'spread'));
  });

  test('that vanish clear their side, and stand without a size as one lot', async () => {
    await connected({ symbols: [EURUSD] });
    await rig.agrees(server, EURUSD, 'EURUSD');
    quote(EURUSD, null, '1.15593', { ASKSIZE1: null });
    await rig.agrees(server, EURUSD, 'EURUSD');
    const { depth } = rig.market('EURUSD')!;
    expect([depth.hasBid, depth.askPrice[0], depth.askSize[0]]).toEqual([false, 115_593, 1]);
    quote(EURUSD, '1.15580', '', { BIDSIZE1: '' });
    await rig.agrees(server, EURUSD, 'EURUSD');
    expect([depth.hasBid, depth.hasAsk]).toEqual([true, false]);
  });

  test("equal the server's after 100,000 updates of three markets", async () => {
    await connected();
    rig.keeps = false;
    const before = rig.messages;
    let seed = 12345;
    const next = (most: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return seed % most;
    };
    const epics = [EURUSD, GBPUSD, USDJPY];
    for (let i = 0; i < 100_000; i++) {
      const epic = epics[next(3)]!;
      const decimals = epic === USDJPY ? 3 : 5;
      const bid = 100_000 + next(20_000);
      const price = (ticks: number) => (ticks / 10 ** decimals).toFixed(decimals);
      const fields: Record<string, string | null> = { TIMESTAMP: String(MS + i) };
      if (next(4) > 0) fields['BIDPRICE1'] = next(50) === 0 ? null : price(bid);
      if (next(4) > 0) fields['ASKPRICE1'] = next(50) === 0 ? null : price(bid + 1 + next(30));
      if (next(3) === 0) fields['BIDSIZE1'] = next(9) === 0 ? null : String(next(1_000_000));
      if (next(3) === 0) fields['ASKSIZE1'] = String(next(1_000_000));
      server.quote(epic, fields);
      if (i % 200 === 199) await new Promise((turn) => setImmediate(turn));
    }
    await expect.poll(() => rig.messages - before, { timeout: 30_000, interval: 5 }).toBe(100_000);
    await rig.agrees(server, EURUSD, 'EURUSD');
    await rig.agrees(server, GBPUSD, 'GBPUSD');
    await rig.agrees(server, USDJPY, 'USDJPY');
    const { symbols, recordCounts, gaps } = rig.mapper.tally;
    expect([...symbols.values()].reduce((sum, { updates }) => sum + updates, 0)).toBe(recordCounts['quote']);
    expect(gaps).toBe(0);
    expect(rig.feed.reconnects).toBe(0);
  });

  test('are asked for anew on demand, once at a time', async () => {
    await connected({ symbols: [EURUSD] });
    await rig.agrees(server, EURUSD, 'EURUSD');
    const before = rig.messages;
    rig.feed.resync('EURUSD', 'test');
    rig.feed.resync('EURUSD', 'test');
    await expect.poll(() => rig.messages).toBe(before + 1);
    const ops = server.stream.controls.map((request) => request['LS_op']);
    expect(ops).toEqual(['add', 'delete', 'add']);
  });
});

describe('the connection', () => {
  test('that was cut is recovered with nothing lost', async () => {
    await connected();
    server.stream.cut();
    quote(EURUSD, '1.15601', '1.15610');
    await rig.agrees(server, EURUSD, 'EURUSD');
    expect(server.stream.recovered).toBe(1);
    await rig.becomes('live');
    expect([server.logins, rig.feed.reconnects, rig.mapper.tally.gaps]).toEqual([1, 0, 0]);
  });

  test('that was cut inside a message is recovered, and the half of it forgotten', async () => {
    await connected();
    const before = rig.messages;
    server.stream.cutInside();
    await expect.poll(() => server.stream.recovered).toBe(1);
    quote(EURUSD, '1.15608', '1.15617');
    await rig.agrees(server, EURUSD, 'EURUSD');
    expect([server.stream.recovered, rig.messages - before, rig.mapper.tally.gaps]).toEqual([1, 1, 0]);
  });

  test('that the server asks to bind anew is', async () => {
    await connected();
    const { bound } = server.stream;
    server.stream.loop();
    await expect.poll(() => server.stream.bound).toBe(bound + 1);
    quote(EURUSD, '1.15602', '1.15611');
    await rig.agrees(server, EURUSD, 'EURUSD');
    expect([server.logins, rig.feed.reconnects, rig.mapper.tally.gaps]).toEqual([1, 0, 0]);
  });

  test.each([
    [48, 'The session is too old', /lost/],
    [41, 'Rebind', /lost/],
    [32, 'Destroyed by the administrator', /ended/],
    [35, 'Another session', /another program/],
  ] as const)('that the server ends with %i begins again with a login', async (code, text, words) => {
    await connected();
    server.stream.end(code, text);
    await rig.becomes('connecting', words);
    expect(rig.frames.some(({ kind }) => kind === 'lost')).toBe(true);
    quote(EURUSD, '1.15603', '1.15612');
    await rig.becomes('live');
    await rig.agrees(server, EURUSD, 'EURUSD');
    expect([server.logins, rig.feed.reconnects, rig.mapper.tally.gaps]).toEqual([2, 1, 3]);
    expect(rig.market('EURUSD')?.gapped).toBe(false);
  });

  test('whose tokens ended stays; a new one logs in by itself', async () => {
    await connected();
    server.expireTokens();
    quote(EURUSD, '1.15604', '1.15613');
    await rig.agrees(server, EURUSD, 'EURUSD');
    expect(server.logins).toBe(1);
    server.stream.forget();
    await rig.becomes('connecting');
    await rig.becomes('live');
    quote(EURUSD, '1.15605', '1.15614');
    await rig.agrees(server, EURUSD, 'EURUSD');
    expect(server.logins).toBeGreaterThan(1);
    expect(rig.feed.reconnects).toBe(1);
  });

  test('that is silent without an end is stale, then given up, and comes back', async () => {
    await connected();
    server.stream.mute(true);
    await rig.becomes('stale');
    server.stream.forget();
    server.stream.mute(false);
    await rig.becomes('live');
    await rig.agrees(server, EURUSD, 'EURUSD');
  });

  test('that is up but tells no price is stale until it does', async () => {
    await connected({ timings: { ...QUICK, silenceMs: 300 }, clock: openMarket() });
    await rig.becomes('stale', /No price has come/);
    quote(EURUSD, '1.15606', '1.15615');
    await rig.becomes('live');
  });

  test('closed by the server again and again is rebuilt each time', async () => {
    await connected({ symbols: [EURUSD] });
    for (let round = 1; round <= 8; round++) {
      server.stream.end(round % 2 === 0 ? 48 : 33, 'again');
      quote(EURUSD, `1.1560${round}`, `1.1561${round}`);
      await rig.agrees(server, EURUSD, 'EURUSD');
      expect(rig.feed.reconnects).toBe(round);
    }
    expect(server.stream.subscribed).toHaveLength(1);
  });

  test('on which garbage comes is given up, and the next one is right', async () => {
    await connected();
    server.stream.line('$%&/(), no line of the protocol');
    await rig.becomes('connecting', /not its protocol/);
    quote(EURUSD, '1.15607', '1.15616');
    await rig.becomes('live');
    await rig.agrees(server, EURUSD, 'EURUSD');
  });

  test('that left out updates puts that market in doubt until its values have come again', async () => {
    await connected();
    server.stream.line('OV,$sub,1,33', `PRICE:${IG_ACCOUNT}:${GBPUSD}`);
    await expect.poll(() => rig.frames.some(({ name }) => name === `left out ${GBPUSD}`)).toBe(true);
    expect(rig.market('EURUSD')?.gapped).toBe(false);
    // Its values are asked for anew: nobody has to wait for the next change.
    await expect.poll(() => rig.market('GBPUSD')?.gapped).toBe(false);
    await rig.agrees(server, GBPUSD, 'GBPUSD');
  });

  test('is refused for good by a server that speaks another version', async () => {
    server.stream.conerr = [65, 'Unsupported protocol version'];
    rig = new IgRig(server);
    rig.feed.start();
    await rig.becomes('refused', /newer version of Fathom/);
    expect(server.logins).toBe(1);
  });

  test('refused for its session is tried again with a new one', async () => {
    server.stream.conerr = [1, 'User/password check failed'];
    rig = new IgRig(server);
    rig.feed.start();
    await rig.becomes('connecting', /does not take the session/);
    server.stream.conerr = undefined;
    await rig.becomes('live');
    expect(server.logins).toBeGreaterThan(1);
  });

  test('with OAuth fetches tokens for the stream', async () => {
    await connected({ sessionVersion: 3 });
    await rig.agrees(server, EURUSD, 'EURUSD');
  });

  test('stopped while it is being made ends at once', async () => {
    rig = new IgRig(server);
    rig.feed.start();
    expect(() => rig.feed.start()).toThrow('once');
    await rig.feed.stop();
    expect(rig.states.map(({ condition }) => condition)).toEqual(['connecting', 'stopped']);
  });

  test('stops in order: unsubscribed, logged out, and silent', async () => {
    await connected();
    await rig.feed.stop();
    const { messages } = rig;
    quote(EURUSD, '1.15699', '1.15700');
    await expect.poll(() => server.requests.at(-1)).toMatchObject({ method: 'DELETE', path: '/session' });
    expect(server.stream.connected).toBe(0);
    expect(rig.messages).toBe(messages);
    expect(rig.state?.condition).toBe('stopped');
  });
});

describe('a refusal', () => {
  test.each([
    [{ password: 'wrong' }, /IG_IDENTIFIER and IG_PASSWORD/],
    [{ identifier: 'wrong' }, /IG_IDENTIFIER and IG_PASSWORD/],
    [{ apiKey: 'wrong' }, /IG_API_KEY/],
  ] as const)('of %o names the setting, and nothing is tried again', async (keys, words) => {
    rig = new IgRig(server, keys);
    rig.feed.start();
    await rig.becomes('bad-credentials', words);
    expect(server.requests).toHaveLength(1);
  });

  test('of keys that are not there comes before any request', async () => {
    rig = new IgRig(server, { identifier: '', password: '' });
    rig.feed.start();
    await rig.becomes('bad-credentials', /Set IG_IDENTIFIER, IG_PASSWORD\./);
    expect(server.requests).toHaveLength(0);
  });

  test('for the allowance waits as long as IG says', async () => {
    server.refuse('/markets/', 403, 'error.public-api.exceeded-api-key-allowance', 1, { 'retry-after': '0.4' });
    rig = new IgRig(server);
    rig.feed.start();
    await rig.becomes('quota', /used up.*Next attempt in 1 s/);
    await rig.becomes('live');
  });

  test.each([500, 503])('with HTTP %i is tried again', async (status) => {
    server.refuse('/session', status, undefined, 2);
    rig = new IgRig(server, { clock: openMarket() });
    rig.feed.start();
    await rig.becomes('connecting', new RegExp(`HTTP ${status}`));
    await rig.becomes('live');
  });

  test('in the weekend is its maintenance, no error', async () => {
    server.refuse('/session', 503, undefined, 2);
    rig = new IgRig(server, { clock: { nowUs: () => Date.UTC(2026, 10, 21, 12) * 1000 } });
    rig.feed.start();
    await rig.becomes('closed', /until Sun 22:00 UTC.*site is down/);
    await rig.becomes('live');
  });

  test('of more markets than one connection may have comes before any is asked for', async () => {
    const symbols = Array.from({ length: 41 }, (_, i) => `CS.D.PAIR${i}.CFD.IP`);
    rig = new IgRig(server, { symbols });
    rig.feed.start();
    await rig.becomes('refused', /allows 40 .* 41 markets .* Take 1 out of feeds.ig.symbols/);
    expect(server.requests).toHaveLength(0);
  });

  test('of one market leaves the others', async () => {
    server.stream.refused.set(`PRICE:${IG_ACCOUNT}:${GBPUSD}`, [-5, 'not allowed']);
    await connected({ symbols: [EURUSD, 'CS.D.NOSUCH.CFD.IP', GBPUSD] });
    await rig.becomes('live', /EUR\/USD\. Not there: .*NOSUCH.*GBPUSD.*code -5/);
    await rig.agrees(server, EURUSD, 'EURUSD');
  });

  test('of all markets says so', async () => {
    rig = new IgRig(server, { symbols: ['CS.D.NOSUCH.CFD.IP'] });
    rig.feed.start();
    await rig.becomes('refused', /none of the markets/);
  });
});

describe('a closed market', () => {
  test('is closed, no error, and live when dealing begins', async () => {
    for (const epic of [EURUSD, GBPUSD, USDJPY]) quote(epic, '1.15587', '1.15593', { DLG_FLAG: 'CLOSED' });
    quote(USDJPY, '155.201', '155.208', { DLG_FLAG: 'CLOSED' });
    rig = new IgRig(server);
    rig.feed.start();
    await rig.becomes('closed');
    expect(rig.market('EURUSD')?.venueStatus).toBe('close');
    quote(EURUSD, '1.15587', '1.15593');
    await rig.becomes('live');
    expect(rig.market('EURUSD')?.venueStatus).toBe('trading');
    quote(EURUSD, '1.15587', '1.15593', { DLG_FLAG: 'SUSPEND' });
    await rig.becomes('live', /No dealing in EUR\/USD/);
    expect(rig.market('EURUSD')?.venueStatus).toBe('halt');
  });
});

/** A clock that runs, in a Wednesday's trading. */
function openMarket() {
  const start = performance.now();
  return { nowUs: () => MS * 1000 + Math.floor((performance.now() - start) * 1000) };
}
