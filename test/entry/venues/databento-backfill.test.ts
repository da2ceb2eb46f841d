import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeSidecar, sidecarPath } from '../../../main/codec/capture/sidecar.ts';
import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import { Random } from '../../../main/core/clock/random.ts';
import { Engine } from '../../../main/core/engine.ts';
import type { FeedState } from '../../../main/core/feed-port.ts';
import { InboundQueue } from '../../../main/core/inbound-queue.ts';
import type { Market } from '../../../main/core/market.ts';
import type { Bar } from '../../../main/core/ports.ts';
import type { BackfillRequest } from '../../../main/entry/venues/backfill-requests.ts';
import type { PastOutlet } from '../../../main/entry/venues/past-outlet.ts';
import { type VenueBatch, VenueLine } from '../../../main/entry/venues/venue-line.ts';
import { venuePlan } from '../../../main/entry/venues/venues.ts';
import { FeatureStage } from '../../../main/features/feature-stage.ts';
import { MinuteBars } from '../../../main/features/minute-bars.ts';
import { openRecording } from '../../../main/feeds/replay/open-recording.ts';
import type { Announcement } from '../../../shared/contract/topics.ts';
import { settingsSchema } from '../../../shared/settings.ts';
import { DAY_US, HOUR_US, MINUTE_US } from '../../../shared/units.ts';
import { DatabentoGateway, type GatewayRecord } from '../../venues/databento-gateway.ts';
import { DatabentoHttp } from '../../venues/databento-http.ts';
import { DatabentoMarket } from '../../venues/databento-market.ts';

const KEY = 'db-unittestapikey1234567890FFFFF';
/** A Wednesday. */
const START_US = Date.UTC(2026, 10, 18, 14) * 1000;
const SYMBOL = [{ rawSymbol: '6EZ6', instrumentId: 42 }];

let folder: string;
const open: { close(): Promise<unknown> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fathom-past-'));
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A clock that runs on from where a test has set it. */
class SetClock {
  readonly #wall = new LiveClock();
  #aheadUs: number;

  constructor(nowUs: number) {
    this.#aheadUs = nowUs - this.#wall.nowUs();
  }
  nowUs(): number {
    return this.#wall.nowUs() + this.#aheadUs;
  }
  advance(us: number): void {
    this.#aheadUs += us;
  }
}

/** Databento's line with its past, an engine with bars behind it, and all that it told. */
class Run {
  readonly engine = new Engine({ continuity: 'live' });
  readonly line: VenueLine;
  readonly bars = new Map<number, Bar>();
  readonly states: FeedState[] = [];
  readonly said: { readonly kind: Announcement['kind']; readonly words: string }[] = [];
  readonly marks = new Map<number, string>();
  readonly asked: BackfillRequest[] = [];
  readonly #queue: InboundQueue<VenueBatch>;

  constructor(gateway: DatabentoGateway, history: DatabentoHttp, clock: SetClock, feed: object = {}) {
    const { engine } = this;
    engine.addStage(new FeatureStage());
    const told = (_market: Market, bar: Bar) => void this.bars.set(bar.startUs, bar);
    engine.addStage(new MinuteBars(engine.scheduler, { onBar: told }));
    const past: PastOutlet = {
      captures: join(folder, 'captures'),
      state: join(folder, 'state'),
      markets: engine.markets,
      bars: (market, rows) => {
        for (const bar of rows) told(market, bar);
      },
      mark: (_market, fromUs, words) => void this.marks.set(fromUs, words),
      announce: (kind, words) => void this.said.push({ kind, words }),
      ask: (request) => void this.asked.push(request),
    };
    const databento = {
      url: gateway.url,
      historicalUrl: history.url,
      symbols: ['6E.v.0'],
      schemas: ['mbp-10', 'trades'],
      ...feed,
    };
    const plan = venuePlan('databento', settingsSchema.parse({ feeds: { databento } }), () => KEY);
    this.#queue = new InboundQueue<VenueBatch>({
      maxBytes: 64 * 1024 * 1024,
      take: (batch) => batch.line.take(batch),
      onOverflow: () => expect.unreachable('the queue overflowed'),
    });
    this.line = new VenueLine({
      name: plan.name,
      engine,
      clock,
      queue: this.#queue,
      makeFeed: (outlet) => plan.makeFeed({ clock, random: new Random(1), outlet, past }),
      makeMapper: (resync) => plan.makeMapper(engine, resync),
      makeCapture: (mapperState) => plan.makeCapture(join(folder, 'captures'), mapperState),
      onState: ({ state }) => this.states.push(state),
      onFault: (words) => expect.unreachable(words),
    });
    this.line.feed.start();
  }

  get state(): FeedState {
    return this.line.state;
  }

  get trades(): number {
    return this.engine.markets[0]?.trades ?? 0;
  }

  async stop(): Promise<void> {
    await this.line.feed.stop();
    this.#queue.drain();
    await this.line.capture!.close();
    this.engine.advanceTo(this.engine.nowUs + 5 * MINUTE_US);
  }

  get volume(): number {
    return [...this.bars.values()].reduce((sum, bar) => sum + bar.volume, 0);
  }
}

function eventually<T>(value: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(value, { timeout: 15_000, interval: 5 });
}

/** Records of trades in the depth, each once, by minute: lots as the server traded them. */
function lotsByMinute(records: readonly GatewayRecord[]): Map<number, number> {
  const lots = new Map<number, number>();
  for (const { schema, tsEventNs, bytes } of records) {
    if (schema !== 'trades') continue;
    const minute = Math.floor(Number(tsEventNs / 1000n) / MINUTE_US) * MINUTE_US;
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(24, true);
    lots.set(minute, (lots.get(minute) ?? 0) + size);
  }
  return lots;
}

function captures(): string[] {
  return readdirSync(join(folder, 'captures'))
    .filter((name) => name.endsWith('.dbn.zst'))
    .map((name) => join(folder, 'captures', name));
}

/** Trades and lots of a replay of files. */
async function replayed(files: readonly string[]): Promise<{ trades: number; lots: number }> {
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
  const recording = openRecording(files, engine);
  for await (const _ of recording.pieces()) while (recording.next()) recording.apply();
  return { trades: engine.markets[0]?.trades ?? 0, lots };
}

/** Some minutes of a market from a time on, a few hundred events each. */
function minutes(market: DatabentoMarket, fromUs: number, count: number): GatewayRecord[] {
  return Array.from({ length: count }, (_, minute) => {
    market.rest(fromUs + minute * MINUTE_US + 7_000_000);
    return market.next(400);
  }).flat();
}

/** A stream that was away for a time, by default more than a day: its hole begins within a minute and ends within one. */
async function holed(script: { costUsd?: number; bytes?: number } = {}, awayUs = DAY_US + HOUR_US) {
  const market = new DatabentoMarket('6EZ6', 42, 50_000, 23_000, START_US);
  const gateway = await DatabentoGateway.listen({ key: KEY, resolve: () => SYMBOL });
  const history = await DatabentoHttp.listen({ key: KEY, records: gateway.log, ...script });
  const clock = new SetClock(START_US);
  const run = new Run(gateway, history, clock);
  open.push({ close: () => run.stop() }, gateway, history);
  await eventually(() => gateway.sessions.at(0)?.began).toBe(true);
  gateway.publish(minutes(market, START_US, 3));
  await eventually(() => run.trades).toBe(market.trades);
  const before = market.trades;
  const backUs = START_US + awayUs;
  gateway.script.oldestNs = BigInt(backUs - HOUR_US) * 1000n;
  // The minutes in which the stream breaks off and comes back have events on both sides.
  gateway.log.push(...market.next(300), ...minutes(market, START_US + 3 * MINUTE_US, 4));
  gateway.log.push(...minutes(market, backUs - 2 * MINUTE_US, 3));
  const within = market.trades - before;
  clock.advance(awayUs + 20_000_000);
  gateway.session.cut();
  await eventually(() => run.marks.size).toBe(1);
  await eventually(() => gateway.session.began).toBe(true);
  market.rest(backUs + 25_000_000);
  gateway.publish([...market.next(300), ...minutes(market, backUs + MINUTE_US, 2)]);
  await eventually(() => run.trades).toBe(market.trades - within);
  await eventually(() => run.state.condition).toBe('gap');
  return { market, gateway, history, clock, run, within };
}

describe('a hole that no replay brings', () => {
  test('is filled from history: whole bars, a capture of its own, each record once', async () => {
    const { market, gateway, history, clock, run, within } = await holed();
    expect(run.state.words).toMatch(/is missing \(.*aged out.*\); it will be fetched/);
    expect([...run.marks.values()]).toEqual([expect.stringContaining('is missing')]);
    clock.advance(2 * MINUTE_US);
    await eventually(() => run.said.at(-1)?.words).toContain('was filled from history');
    expect(run.states.map(({ condition }) => condition)).toContain('backfilling');
    expect(run.state.words).not.toContain('missing');
    expect(run.said.at(-1)?.words).toContain('VWAP');
    expect([...run.marks.values()]).toEqual([expect.stringContaining('filled from history')]);
    expect(run.asked).toEqual([]);
    await run.stop();
    const lots = lotsByMinute(gateway.log);
    expect(lots.size).toBe(12);
    expect(new Map([...run.bars].map(([startUs, { volume }]) => [startUs, volume]))).toEqual(lots);
    expect(run.volume).toBe(market.volume);
    expect(history.requests.filter(({ method }) => method === 'timeseries.get_range')).toHaveLength(2);

    const session = captures().filter((path) => !path.includes('backfill'));
    const [fetched] = captures().filter((path) => path.includes('databento-backfill-2026-11-18T14Z'));
    expect(await replayed(session)).toMatchObject({ trades: market.trades - within });
    expect(await replayed([fetched!])).toMatchObject({ trades: within });
    expect(await replayed([...session, fetched!])).toEqual({ trades: market.trades, lots: market.volume });
    const lines = decodeSidecar(readFileSync(sidecarPath(fetched!))).map(({ line }) => line);
    expect(lines[0]).toMatchObject({
      type: 'fetched',
      route: 'history',
      holes: [{ why: expect.stringContaining('aged') }],
    });
    expect(lines.at(-1)).toMatchObject({ type: 'close' });
  }, 60_000);

  test('is asked about where it is large, with size and cost, and fetched once it is confirmed', async () => {
    const { market, gateway, clock, run, history } = await holed({ costUsd: 1.25, bytes: 60_000_000 });
    clock.advance(2 * MINUTE_US);
    gateway.publish(market.next(10));
    await eventually(() => run.asked.length).toBe(1);
    expect(run.asked[0]!.words).toContain('120 MB for USD 2.50');
    await eventually(() => run.state.words).toContain('120 MB for USD 2.50');
    expect(run.state.condition).toBe('gap');
    expect(run.said.at(-1)).toMatchObject({ kind: 'caution', words: expect.stringContaining('Confirm it') });
    expect(history.requests.some(({ method }) => method === 'timeseries.get_range')).toBe(false);
    run.asked[0]!.confirm();
    await eventually(() => run.said.at(-1)?.words).toContain('was filled from history');
    await run.stop();
    expect(run.volume).toBe(market.volume);
  }, 60_000);

  test('of the last day is filled by a replay, free of charge', async () => {
    const { market, gateway, history, clock, run, within } = await holed({}, 3 * HOUR_US);
    // What the stream was refused in a hurry is there again.
    delete gateway.script.oldestNs;
    clock.advance(2 * MINUTE_US);
    gateway.publish(market.next(10));
    await eventually(() => run.said.at(-1)?.words).toContain('was filled by a replay');
    await eventually(() => run.state.condition).toBe('live');
    await run.stop();
    expect(run.volume).toBe(market.volume);
    expect(history.requests).toEqual([]);
    const fetched = captures().filter((path) => path.includes('backfill'));
    expect(await replayed(fetched)).toMatchObject({ trades: within });
    expect(await replayed(captures())).toEqual({ trades: market.trades, lots: market.volume });
  }, 60_000);

  test('that the gateway does not replay after all is filled from history', async () => {
    const { market, clock, run } = await holed({}, 3 * HOUR_US);
    clock.advance(2 * MINUTE_US);
    await eventually(() => run.said.at(-1)?.words).toContain('was filled from history');
    await run.stop();
    expect(run.volume).toBe(market.volume);
    expect(await replayed(captures())).toEqual({ trades: market.trades, lots: market.volume });
  }, 60_000);

  test('stays open and says why while history can’t be had', async () => {
    const { clock, run, history, market, gateway } = await holed();
    history.script.canned = [{ status: 402, body: '{"detail":"no credit"}' }];
    clock.advance(2 * MINUTE_US);
    gateway.publish(market.next(10));
    await eventually(() => run.said.at(-1)?.words).toContain('could not be fetched');
    await eventually(() => run.state.words).toContain('no credit');
    expect(run.state.condition).toBe('gap');
    expect(captures().some((path) => path.includes('backfill'))).toBe(false);
    await run.stop();
    expect(run.volume).toBeLessThan(market.volume);
  }, 60_000);
});

test('a hole that is open when the program ends is filled by the next run', async () => {
  const { market, gateway, history, clock, run, within } = await holed();
  await run.stop();
  clock.advance(2 * MINUTE_US);
  gateway.script.oldestNs = 0n;
  const next = new Run(gateway, history, clock);
  open.unshift({ close: () => next.stop() });
  await eventually(() => gateway.session.began).toBe(true);
  gateway.publish(market.next(300));
  await eventually(() => next.said.at(-1)?.words).toContain('was filled from history');
  await next.stop();
  expect(within).toBeGreaterThan(0);
  expect(await replayed(captures())).toEqual({ trades: market.trades, lots: market.volume });
}, 60_000);

describe('a restart', () => {
  const PLACE = 'databento-positions.json';

  async function begun() {
    const market = new DatabentoMarket('6EZ6', 42, 50_000, 23_000, START_US);
    const gateway = await DatabentoGateway.listen({ key: KEY, resolve: () => SYMBOL });
    const history = await DatabentoHttp.listen({ key: KEY, records: gateway.log });
    open.push(gateway, history);
    const clock = new SetClock(START_US);
    const runs: Run[] = [];
    /** Runs until it has all that the server told since `from` trades. */
    const run = async (from: number, feed: object = {}): Promise<Run> => {
      const next = new Run(gateway, history, clock, feed);
      runs.push(next);
      const sessions = gateway.sessions.length;
      await eventually(() => gateway.sessions.length > sessions && gateway.session.began).toBe(true);
      gateway.publish(market.next(400));
      await eventually(() => next.trades).toBe(market.trades - from);
      return next;
    };
    return { market, gateway, clock, run };
  }

  test('goes on where the run before it left off: nothing is missing, nothing twice, and no trading before it has caught up', async () => {
    const { market, gateway, clock, run } = await begun();
    const first = await run(0);
    await first.stop();
    const left = market.trades;
    gateway.log.push(...minutes(market, START_US + MINUTE_US, 5));
    clock.advance(20 * MINUTE_US);
    const second = await run(left);
    expect(gateway.session.subscriptions.every(({ startNs }) => startNs !== undefined)).toBe(true);
    expect(second.states.map(({ condition }) => condition)).toContain('backfilling');
    await eventually(() => second.line.catchingUp).toBe(false);
    await second.stop();
    expect(await replayed(captures())).toEqual({ trades: market.trades, lots: market.volume });
  }, 60_000);

  test('after a kill goes by what was recorded, be the place that was kept an older one', async () => {
    const { market, clock, run, gateway } = await begun();
    await (await run(0)).stop();
    const place = join(folder, 'state', PLACE);
    const older = readFileSync(place);
    clock.advance(MINUTE_US);
    const left = market.trades;
    await (await run(left)).stop();
    writeFileSync(place, older);
    const before = market.trades;
    gateway.log.push(...minutes(market, START_US + 2 * MINUTE_US, 2));
    clock.advance(5 * MINUTE_US);
    await (await run(before)).stop();
    expect(await replayed(captures())).toEqual({ trades: market.trades, lots: market.volume });
  }, 60_000);

  test('with other symbols, a day later, or without a place that can be read begins afresh', async () => {
    const { market, gateway, clock, run } = await begun();
    const place = join(folder, 'state', PLACE);
    const afresh = () => gateway.session.subscriptions.every(({ startNs }) => startNs === undefined);
    await (await run(0)).stop();
    clock.advance(MINUTE_US);
    const other = market.trades;
    await (await run(other, { symbols: ['6E.v.0', '6E.c.0'] })).stop();
    expect(afresh()).toBe(true);
    clock.advance(DAY_US);
    const late = market.trades;
    await (await run(late, { symbols: ['6E.v.0', '6E.c.0'] })).stop();
    expect(afresh()).toBe(true);
    writeFileSync(place, '{"version":1,');
    const torn = market.trades;
    await (await run(torn)).stop();
    expect(afresh()).toBe(true);
  }, 60_000);
});
