import { afterEach, expect, test } from 'vitest';
import { ACCOUNT, type FeedRig, startRig } from './feed-rig.ts';

let rig: FeedRig;
afterEach(() => rig.close());

const LONG = { timeout: 20_000 };
const settled = () => expect.poll(() => rig.same() && rig.whole, LONG).toBe(true);
const condition = (wanted: string) =>
  expect.poll(() => rig.states.map((state) => state.condition), LONG).toContain(wanted);
const words = (pattern: RegExp) =>
  expect.poll(() => rig.states.map((state) => state.words).join('\n'), LONG).toMatch(pattern);
const tally = () => rig.mapped.mapper.tally;

/** Trades that the engine counted twice or that it counted and the server never made. */
function tradesAreOnce(): void {
  for (const [symbol, sent] of rig.server.sent) {
    expect(tally().symbols.get(symbol)!.trades).toBeLessThanOrEqual(sent.trades);
    expect(rig.mapped.market(symbol).trades).toBe(tally().symbols.get(symbol)!.trades);
  }
}

test('a wrong checksum: gap marked, book had anew, gap closed, and the other symbol untouched', async () => {
  rig = await startRig();
  await settled();
  await rig.server.run(100);
  rig.server.wrongChecksums.add('BTC/USD');
  await rig.server.run(200);
  await expect.poll(() => tally().checksumFailures).toBe(1);
  await settled();
  await rig.server.run(300);
  await settled();
  expect(tally()).toMatchObject({ checksumFailures: 1, gaps: 1 });
  expect(rig.mapped.asked).toEqual([['BTC/USD', 'the checksum of its book is not the venue’s']]);
  expect(rig.mapped.seen.filter((line) => line.startsWith('gap'))).toEqual(['gap BTC/USD feed-gap']);
  expect(rig.server.requests.filter((line) => line.startsWith('unsubscribe'))).toEqual(['unsubscribe book BTC/USD']);
  expect(tally().symbols.get('XRP/USD')!.updates).toBe(rig.server.sent.get('XRP/USD')!.updates + 1);
  expect(rig.feed.reconnects).toBe(0);
  await condition('gap');
  await expect.poll(() => rig.condition).toBe('live');
});

test('a wrong checksum of a book by order is made good in the same way', async () => {
  rig = await startRig(ACCOUNT, (server) => ({
    level3: { account: ACCOUNT, url: server.level3Url, restUrl: server.restUrl },
  }));
  await settled();
  rig.server.wrongChecksums.add('XRP/USD');
  await rig.server.run(300);
  await expect.poll(() => tally().checksumFailures).toBe(1);
  await settled();
  await rig.server.run(300);
  await settled();
  expect(tally()).toMatchObject({ checksumFailures: 1, gaps: 1 });
  expect(rig.server.requests).toContain('unsubscribe level3 XRP/USD');
});

test('a book that fails again and again is had anew with pauses', async () => {
  rig = await startRig({}, () => ({ resyncGapMs: 150 }));
  await settled();
  const started = Date.now();
  while (tally().checksumFailures < 4) {
    rig.server.wrongChecksums.add('BTC/USD');
    await rig.server.run(20);
  }
  expect(Date.now() - started).toBeGreaterThan(2 * 150);
  rig.server.wrongChecksums.clear();
  await settled();
  expect(rig.server.requests.filter((line) => line === 'unsubscribe book BTC/USD').length).toBeLessThanOrEqual(5);
});

test('garbage: every book is rebuilt, since nobody knows which one it was', async () => {
  rig = await startRig();
  await settled();
  rig.server.garbage('{"channel":"book","type":"upd\u0000\u0001}}}');
  await expect.poll(() => rig.faults.length).toBe(1);
  await settled();
  await rig.server.run(200);
  await settled();
  expect(tally().gaps).toBe(2);
  expect(rig.feed.reconnects).toBe(0);
  tradesAreOnce();
});

test('a connection cut in the middle of a frame', async () => {
  rig = await startRig();
  await settled();
  await rig.server.run(500);
  rig.server.cutMidFrame();
  await expect.poll(() => rig.feed.reconnects, LONG).toBe(1);
  await rig.server.run(500);
  await settled();
  expect(rig.frames.map((frame) => frame.kind).filter((kind) => kind !== 'message')).toEqual([
    'opened',
    'lost',
    'opened',
  ]);
  expect(tally().gaps).toBe(2);
  tradesAreOnce();
});

test('silence and a half-open connection are taken for death', async () => {
  rig = await startRig({}, () => ({ silenceMs: 1_000, answerMs: 700 }));
  await settled();
  rig.server.halfOpen();
  await rig.server.run(200);
  await words(/nothing came for 1 s/);
  await expect.poll(() => rig.feed.reconnects, LONG).toBe(1);
  await settled();
  rig.server.silent = true;
  await rig.server.run(200);
  await expect.poll(() => rig.feed.reconnects, LONG).toBe(2);
  rig.server.silent = false;
  await settled();
  expect(tally().gaps).toBe(4);
  tradesAreOnce();
});

test('a server that closes again and again is met with patience, and nothing is counted twice', async () => {
  rig = await startRig({}, () => ({ leastGapMs: 100, baseMs: 100, mostMs: 100 }));
  await settled();
  rig.server.closeEvery(80);
  for (let round = 0; round < 6; round++) {
    const before = rig.feed.reconnects;
    await rig.server.run(200);
    await expect.poll(() => rig.feed.reconnects, LONG).toBeGreaterThan(before);
  }
  rig.server.closeEvery(0);
  await settled();
  const waits = rig.server.attempts.slice(1).map((at, index) => at - rig.server.attempts[index]!);
  expect(Math.min(...waits)).toBeGreaterThan(95);
  tradesAreOnce();
});

test('prices named twice in one update: the last one counts', async () => {
  rig = await startRig();
  await settled();
  for (let round = 0; round < 50; round++) {
    rig.server.doubled.add('BTC/USD').add('XRP/USD');
    await rig.server.run(4);
  }
  await settled();
  expect(tally()).toMatchObject({ checksumFailures: 0, gaps: 0 });
});

test('updates out of order fail their checksum and the book is had anew', async () => {
  rig = await startRig();
  await settled();
  rig.server.swapped.add('BTC/USD');
  await rig.server.run(300);
  await expect.poll(() => tally().checksumFailures).toBeGreaterThan(0);
  await settled();
  await rig.server.run(200);
  await settled();
  expect(tally().gaps).toBe(1);
});

test('frames lost before the engine: every book is had anew', async () => {
  rig = await startRig();
  await settled();
  rig.mapped.frame('lost', 'messages were lost before the engine');
  expect(rig.whole).toBe(false);
  await rig.server.run(200);
  await settled();
  expect(rig.server.requests).toContain('unsubscribe book BTC/USD,XRP/USD');
  expect(rig.feed.reconnects).toBe(0);
});

test('a flood is followed to the last message', async () => {
  rig = await startRig({}, () => ({ depth: 10 }));
  await expect.poll(() => rig.same(10) && rig.whole, LONG).toBe(true);
  const before = rig.frames.length;
  await rig.server.flood(30_000);
  const started = rig.frames[before]!.localUs;
  await expect.poll(() => rig.same(10) && rig.whole, LONG).toBe(true);
  expect(tally()).toMatchObject({ gaps: 0, checksumFailures: 0 });
  const seconds = (rig.frames.at(-1)!.localUs - started) / 1e6;
  // What is asked for is 50,000 a second; on a busy machine that still has to hold for a fifth of it.
  expect((rig.frames.length - before) / seconds).toBeGreaterThan(10_000);
});

test('an unknown pair is named, and the others flow', async () => {
  rig = await startRig({}, () => ({ symbols: ['BTC/USD', 'FOO/BAR', 'XRP/USD'] }));
  await settled();
  await words(/Kraken refuses FOO\/BAR \(Currency pair not supported FOO\/BAR\); correct feeds.kraken.symbols/);
  expect(rig.condition).toBe('refused');
  expect(rig.mapped.mapper.bookText('FOO/BAR', 10)).toBeUndefined();
});

test('maintenance is waited out on the same connection, and trading halts', async () => {
  rig = await startRig();
  await settled();
  rig.server.announce('maintenance');
  await expect.poll(() => rig.condition).toBe('closed');
  expect(rig.mapped.market('BTC/USD').venueStatus).toBe('halt');
  rig.server.announce('online');
  await expect.poll(() => rig.mapped.market('BTC/USD').venueStatus).toBe('trading');
  await rig.server.run(100);
  await settled();
  await expect.poll(() => rig.condition).toBe('live');
  expect(rig.feed.reconnects).toBe(0);
});

test('heartbeats without data are no life', async () => {
  rig = await startRig({}, () => ({ staleMs: 200 }));
  await settled();
  await expect.poll(() => rig.condition).toBe('stale');
  await expect
    .poll(async () => {
      await rig.server.run(1);
      return rig.condition;
    })
    .toBe('live');
  expect(rig.feed.reconnects).toBe(0);
});

test.each([503, 429])('a handshake refused with HTTP %i is tried again', async (status) => {
  rig = await startRig({}, () => ({ symbols: ['BTC/USD', 'XRP/USD'] }));
  await settled();
  rig.server.refusal = { status, times: 2, retryAfter: '0' };
  rig.server.closeAll();
  await words(new RegExp(`refused with HTTP ${status}`));
  await settled();
});

test('a token that ran out is replaced by a fresh one', async () => {
  rig = await startRig(ACCOUNT, (server) => ({
    level3: { account: ACCOUNT, url: server.level3Url, restUrl: server.restUrl },
  }));
  await settled();
  expect(rig.server.tokensGiven).toBe(1);
  rig.server.expireTokens();
  rig.server.wrongChecksums.add('BTC/USD');
  await rig.server.run(100);
  await expect.poll(() => rig.server.tokensGiven, LONG).toBe(2);
  await settled();
  expect(JSON.stringify(rig.states)).not.toMatch(/token-\d/);
});

test('a key that is not taken is said with its setting, and never shown', async () => {
  rig = await startRig({ key: 'another', secret: ACCOUNT.secret }, (server) => ({
    level3: { account: ACCOUNT, url: server.level3Url, restUrl: server.restUrl },
  }));
  await condition('bad-credentials');
  await words(/EAPI:Invalid key; check KRAKEN_API_KEY and KRAKEN_API_SECRET/);
  const all = JSON.stringify([rig.states, rig.faults, rig.frames.map((frame) => Buffer.from(frame.bytes).toString())]);
  expect(all).not.toContain(ACCOUNT.key);
  expect(all).not.toContain(ACCOUNT.secret);
});

test('without a key, books come by level and the words say what to set', async () => {
  rig = await startRig({}, () => ({ level3: { account: {} } }));
  await settled();
  await words(/set KRAKEN_API_KEY and KRAKEN_API_SECRET; until then they come by level/);
  expect(rig.mapped.market('BTC/USD').depthSchema).toBe('l2');
});
