import { afterEach, describe, expect, test } from 'vitest';
import { SessionCalendar } from '../../../main/core/calendar/session-calendar.ts';
import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import { Random } from '../../../main/core/clock/random.ts';
import { Engine } from '../../../main/core/engine.ts';
import type { Feed, FeedFrame, FeedOutlet, FrameMapper } from '../../../main/core/feed-port.ts';
import { InboundQueue } from '../../../main/core/inbound-queue.ts';
import type { Market } from '../../../main/core/market.ts';
import { type VenueBatch, VenueLine } from '../../../main/entry/venues/venue-line.ts';
import { LiveDatabentoFeed } from '../../../main/feeds/databento/live-feed.ts';
import { LiveDatabentoMapper } from '../../../main/feeds/databento/live-mapper.ts';
import { DatabentoGateway } from '../../venues/databento-gateway.ts';
import { DatabentoMarket } from '../../venues/databento-market.ts';

const KEY = 'db-unittestapikey1234567890FFFFF';
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A feed that hands out what a test gives it. */
class ScriptedFeed implements Feed {
  readonly name = 'scripted';
  readonly reconnects = 0;
  catchingUp = false;
  refusals = 0;
  readonly outlet: FeedOutlet;

  constructor(outlet: FeedOutlet) {
    this.outlet = outlet;
  }

  hand(): void {
    const frame: FeedFrame = { kind: 'message', name: 'live', bytes: new Uint8Array(10), localUs: 1 };
    this.outlet.frame(frame);
  }
  refused(): void {
    this.refusals++;
  }
  start(): void {}
  async stop(): Promise<void> {}
  resync(): void {}
}

const DEAF: FrameMapper = {
  apply: () => undefined,
  bookText: () => undefined,
  tally: { gaps: 0, checksumFailures: 0, recordCounts: {}, symbols: new Map() },
  snapshot: () => undefined,
  restore: () => undefined,
};

describe('a line is catching up', () => {
  function scripted(maxBytes: number) {
    const engine = new Engine({ continuity: 'live' });
    const queue = new InboundQueue<VenueBatch>({
      maxBytes,
      take: (batch) => batch.line.take(batch),
      onOverflow: () => undefined,
    });
    let feed: ScriptedFeed | undefined;
    const line = new VenueLine({
      name: 'scripted',
      engine,
      clock: new LiveClock(),
      queue,
      makeFeed: (outlet) => {
        feed = new ScriptedFeed(outlet);
        return feed;
      },
      makeMapper: () => DEAF,
      onState: () => undefined,
      onFault: () => undefined,
    });
    return { line, queue, feed: feed! };
  }

  test('until every replayed frame was played, the one with the last notice included', () => {
    const { line, queue, feed } = scripted(1_000);
    feed.hand();
    expect(line.catchingUp).toBe(false);
    feed.catchingUp = true;
    expect(line.catchingUp).toBe(true);
    feed.hand();
    feed.catchingUp = false;
    expect(line.catchingUp).toBe(true);
    feed.hand();
    feed.hand();
    queue.drain();
    expect(line.catchingUp).toBe(false);
  });

  test('and frames that found no room are told to the feed and not waited for', () => {
    const { line, queue, feed } = scripted(15);
    feed.catchingUp = true;
    feed.hand();
    feed.hand();
    feed.hand();
    expect(feed.refusals).toBe(2);
    feed.catchingUp = false;
    expect(line.catchingUp).toBe(true);
    queue.drain();
    expect(line.catchingUp).toBe(false);
  });
});

test('Databento: what found no room in the queue is replayed, each record once', async () => {
  const market = new DatabentoMarket('6EZ6', 42, 50_000, 23_000, Date.UTC(2026, 10, 18, 14) * 1000);
  const gateway = await DatabentoGateway.listen({
    key: KEY,
    resolve: () => [{ rawSymbol: '6EZ6', instrumentId: 42 }],
  });
  const engine = new Engine({ continuity: 'live' });
  let lots = 0;
  engine.addStage({
    name: 'lots',
    onTrade: (_market: Market, _ticks: number, traded: number) => {
      lots += traded;
    },
    snapshot: () => undefined,
    restore: () => undefined,
  });
  const lines: VenueLine[] = [];
  let overflows = 0;
  let crowded = 0;
  const queue = new InboundQueue<VenueBatch>({
    maxBytes: 1_000_000,
    take: (batch) => {
      if (batch.name !== 'filler') batch.line.take(batch);
    },
    onOverflow: () => {
      overflows++;
      for (const line of lines) line.lost('messages were lost before the engine');
    },
  });
  const line: VenueLine = new VenueLine({
    name: 'databento',
    engine,
    clock: new LiveClock(),
    queue,
    makeFeed: (outlet) =>
      new LiveDatabentoFeed({
        clock: new LiveClock(),
        random: new Random(1),
        outlet: {
          state: outlet.state,
          frame: (frame) => {
            // Something else leaves no room for what comes now.
            if (crowded > 0 && frame.kind === 'message') {
              crowded--;
              const bytes = new Uint8Array(999_999);
              queue.push({ kind: 'message', name: 'filler', bytes, localUs: frame.localUs, line });
            }
            outlet.frame(frame);
          },
        },
        key: KEY,
        url: gateway.url,
        symbols: ['6E.v.0'],
        schemas: ['mbp-10', 'trades'],
        baseMs: 20,
        mostMs: 40,
        leastMs: 5,
        calendar: new SessionCalendar('crypto'),
      }),
    makeMapper: (resync) => new LiveDatabentoMapper(engine, { resync }),
    onState: () => undefined,
    onFault: () => undefined,
  });
  lines.push(line);
  open.push({ close: () => line.feed.stop() }, gateway);
  line.feed.start();
  await expect.poll(() => gateway.sessions.at(0)?.began, { timeout: 10_000 }).toBe(true);
  gateway.publish(market.next(50));
  await expect.poll(() => lots, { timeout: 10_000 }).toBe(market.volume);
  for (let round = 1; round <= 3; round++) {
    crowded = 1;
    gateway.publish(market.next(400));
    await expect.poll(() => overflows, { timeout: 10_000 }).toBe(round);
    await expect.poll(() => line.feed.reconnects, { timeout: 10_000 }).toBe(round);
  }
  await expect.poll(() => lots, { timeout: 20_000 }).toBe(market.volume);
  await expect.poll(() => line.mapper.tally.recordCounts['mbp-10'], { timeout: 10_000 }).toBe(market.updates);
  expect(line.mapper.tally.recordCounts['trades']).toBe(market.trades);
  await expect.poll(() => line.catchingUp, { timeout: 10_000 }).toBe(false);
});
