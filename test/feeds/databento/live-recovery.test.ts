import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import type { LiveHole } from '../../../main/feeds/databento/live-holes.ts';
import type { LiveDatabentoFeedOptions } from '../../../main/feeds/databento/live-options.ts';
import { openRecording } from '../../../main/feeds/replay/open-recording.ts';
import { DbnCapture } from '../../../main/storage/capture/dbn-capture.ts';
import { DatabentoGateway, type GatewayScript } from '../../venues/databento-gateway.ts';
import { DatabentoMarket } from '../../venues/databento-market.ts';
import { Desk, eventually, KEY, Listener, serverAccount } from './live-terminal.ts';

const START_US = Date.UTC(2026, 10, 18, 14) * 1000;
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A gateway with two markets, a feed on it, and an engine behind the feed. */
class Trading {
  readonly euro = new DatabentoMarket('6EZ6', 42, 50_000, 23_000, START_US);
  readonly yen = new DatabentoMarket('6JZ6', 43, 500, 13_000, START_US);
  readonly desk = new Desk();
  readonly gateway: DatabentoGateway;
  readonly listener: Listener;
  /** Whether the feed was catching up, at each frame. */
  readonly catching: boolean[] = [];
  capture: DbnCapture | undefined;
  /** Messages of the next connection that do not reach the mapper. */
  dropping = 0;

  private constructor(gateway: DatabentoGateway, options: Partial<LiveDatabentoFeedOptions>) {
    this.gateway = gateway;
    this.listener = new Listener(gateway.url, {
      symbols: ['6E.v.0', '6J.v.0'],
      ...options,
      outlet: {
        frame: (frame) => {
          this.catching.push(this.listener.feed.catchingUp);
          this.listener.frames.push(frame);
          this.capture?.write(frame, this.desk.engine.inputSequence);
          if (frame.kind === 'message' && this.dropping > 0 && this.listener.feed.reconnects > 0) this.dropping--;
          else this.desk.take(frame);
        },
        state: () => undefined,
      },
    });
  }

  static async begin(
    options: Partial<LiveDatabentoFeedOptions> = {},
    script: Partial<GatewayScript> = {},
    captures?: string,
  ): Promise<Trading> {
    const gateway = await DatabentoGateway.listen({ key: KEY, resolve: contracts, ...script });
    const trading = new Trading(gateway, options);
    if (captures !== undefined) trading.capture = new DbnCapture({ folder: captures, source: 'databento' });
    open.push({ close: () => trading.listener.feed.stop() }, gateway);
    trading.listener.feed.start();
    await trading.connected(1);
    return trading;
  }

  async connected(times: number): Promise<void> {
    await eventually(() => this.gateway.sessions.filter(({ began }) => began).length).toBeGreaterThanOrEqual(times);
  }

  /** Events of both markets, those of one schema and market in order. */
  next(events: number): ReturnType<DatabentoMarket['next']> {
    return [...this.euro.next(events), ...this.yen.next(events)];
  }

  /** Waits until the engine has what the server has. */
  async settled(): Promise<void> {
    for (const market of [this.euro, this.yen]) {
      await eventually(() => this.desk.account(market.rawSymbol)).toEqual(serverAccount(market));
    }
  }
}

function contracts(symbol: string) {
  if (symbol === '6E.v.0') return [{ rawSymbol: '6EZ6', instrumentId: 42 }];
  if (symbol === '6J.v.0') return [{ rawSymbol: '6JZ6', instrumentId: 43 }];
  return [];
}

test('after 100,000 updates both books and both volumes are the server’s', async () => {
  const trading = await Trading.begin();
  for (let batch = 0; batch < 50; batch++) {
    trading.gateway.publish(trading.next(1_000));
    await new Promise(setImmediate);
  }
  await trading.settled();
  const { tally } = trading.desk.mapper;
  expect(tally.gaps).toBe(0);
  expect(tally.recordCounts['mbp-10']).toBe(100_000);
  expect(tally.symbols.get('6E.v.0')).toEqual({ updates: trading.euro.updates, trades: trading.euro.trades });
  const [best] = trading.euro.side('bid');
  const text = trading.desk.mapper.bookText('6E.v.0', 10);
  expect(text?.bids[0]).toEqual([(best![0] * 0.00005).toFixed(5), String(best![1])]);
  expect(text?.asks).toHaveLength(10);
  expect(trading.desk.mapper.bookText('6EZ6', 3)?.bids).toHaveLength(3);
  expect(trading.listener.state?.condition).toBe('live');
  expect(trading.catching).not.toContain(true);
});

test('cut in mid-record again and again: a replay continues, nothing is missed nor counted twice', async () => {
  const trading = await Trading.begin();
  for (let round = 1; round <= 12; round++) {
    trading.gateway.publish(trading.next(40));
    trading.gateway.publishAndBreak(trading.next(40), 368 * (round % 4) + 48 * (round % 3) + 100 + round);
    trading.gateway.log.push(...trading.next(20));
    await trading.connected(round + 1);
  }
  await trading.settled();
  expect(trading.listener.feed.reconnects).toBe(12);
  expect(trading.desk.mapper.tally.recordCounts['mbp-10']).toBe(trading.euro.updates + trading.yen.updates);
  expect(trading.desk.mapper.tally.recordCounts['trades']).toBe(trading.euro.trades + trading.yen.trades);
  expect(trading.gateway.session.subscriptions.every(({ startNs }) => startNs !== undefined)).toBe(true);
  expect(trading.catching).toContain(true);
  await eventually(() => trading.listener.state?.condition).toBe('live');
  expect(trading.listener.feed.catchingUp).toBe(false);
  expect(trading.desk.mapper.tally.gaps).toBeGreaterThanOrEqual(12);
});

test('what was handed out plays again to the same, also from a snapshot in its midst', async () => {
  const trading = await Trading.begin();
  for (let round = 1; round <= 3; round++) {
    trading.gateway.publish(trading.next(200));
    trading.gateway.publishAndBreak(trading.next(50), 5_000);
    await trading.connected(round + 1);
  }
  await trading.settled();
  const again = new Desk();
  let continued: Desk | undefined;
  for (const [index, frame] of trading.listener.frames.entries()) {
    again.take(frame);
    continued?.take(frame);
    if (index !== Math.floor(trading.listener.frames.length / 2)) continue;
    continued = new Desk();
    continued.engine.restore(structuredClone(again.engine.snapshot()));
    continued.mapper.restore(structuredClone(again.mapper.snapshot()));
  }
  for (const desk of [again, continued!]) {
    expect(desk.engine.snapshot()).toEqual(trading.desk.engine.snapshot());
    expect(desk.mapper.snapshot()).toEqual(trading.desk.mapper.snapshot());
  }
  expect(trading.desk.faults).toEqual([]);
});

test('a half-open connection is left after the silence that the heartbeats allow', async () => {
  const trading = await Trading.begin({ silenceMs: 200 }, { heartbeatMs: 20 });
  trading.gateway.publish(trading.next(100));
  await trading.settled();
  trading.gateway.session.freeze();
  trading.gateway.publish(trading.next(100));
  await trading.connected(2);
  await trading.settled();
  const lost = trading.listener.frames.find(({ kind }) => kind === 'lost');
  expect(lost?.name).toContain('sent nothing for 0.2 s');
});

test('garbage in the stream ends the connection, not the books', async () => {
  const trading = await Trading.begin();
  for (let round = 1; round <= 5; round++) {
    trading.gateway.publish(trading.next(50));
    await trading.settled();
    trading.gateway.session.raw(Uint8Array.from({ length: 700 }, (_, index) => (index * 37 + round * 11) & 0xff));
    trading.gateway.publish(trading.next(50));
    await trading.connected(round + 1);
    await trading.settled();
  }
  expect(trading.listener.frames.filter(({ kind }) => kind === 'lost').map(({ name }) => name)).toHaveLength(5);
  expect(trading.listener.frames.find(({ kind }) => kind === 'lost')?.name).toContain('no DBN');
});

test('a price off the tick is refused and told; the book is whole again with the next record', async () => {
  const trading = await Trading.begin();
  trading.gateway.publish(trading.next(50));
  await trading.settled();
  const [good] = trading.euro.next(1).filter(({ schema }) => schema === 'mbp-10');
  const bad = good!.bytes.slice();
  bad[48]! ^= 1;
  trading.gateway.session.raw(bad);
  await eventually(() => trading.desk.faults.length).toBe(1);
  expect(trading.desk.faults[0]!.message).toContain('not a multiple of its tick');
  expect(trading.desk.market('6EZ6')!.gapped).toBe(true);
  trading.gateway.session.send(trading.euro.next(1));
  await eventually(() => trading.desk.market('6EZ6')!.gapped).toBe(false);
  expect(trading.desk.account('6EZ6')).toMatchObject({
    bids: trading.euro.side('bid'),
    asks: trading.euro.side('ask'),
  });
});

test('a frame lost before the mapper, be it the metadata: the stream begins anew', async () => {
  const trading = await Trading.begin();
  trading.gateway.publish(trading.next(20));
  await trading.settled();
  trading.desk.resync = (symbol, why) => trading.listener.feed.resync(symbol, why);
  trading.dropping = 1;
  trading.gateway.session.cut();
  await trading.connected(3);
  trading.gateway.publish(trading.next(20));
  await eventually(() => trading.desk.market('6EZ6')?.gapped).toBe(false);
  expect(trading.desk.faults[0]?.message).toContain('Databento');
  expect(trading.listener.frames.find(({ name }) => name.includes('begin anew'))?.kind).toBe('lost');
});

test('a server that closes all the time is come back to without losing a trade, and never sooner than is set', async () => {
  const trading = await Trading.begin({ baseMs: 10, mostMs: 10, leastMs: 10 });
  for (let round = 1; round <= 25; round++) {
    trading.gateway.publish(trading.next(30));
    trading.gateway.session.end();
    await trading.connected(round + 1);
  }
  await trading.settled();
  const { connectedMs } = trading.gateway;
  for (let at = 1; at < connectedMs.length; at++) expect(connectedMs[at]! - connectedMs[at - 1]!).toBeGreaterThan(8);
});

describe('what the gateway says', () => {
  test('skipped records are asked for again, once a minute at most', async () => {
    const trading = await Trading.begin();
    trading.gateway.publish(trading.next(100));
    const skipped = trading.next(60);
    trading.gateway.log.push(...skipped);
    trading.gateway.session.error(7, 'Slow client detected for mbp-10, skipped 60 records');
    trading.gateway.publish(trading.next(40));
    await trading.connected(2);
    await trading.settled();
    trading.gateway.session.error(7, 'Slow client detected for mbp-10, skipped 2 records');
    await eventually(() => trading.listener.state?.condition).toBe('gap');
    expect(trading.gateway.sessions).toHaveLength(2);
    expect(trading.listener.feed.holes).toHaveLength(1);
  });

  test('a replay that is too old: live without it, and what is missing is offered', async () => {
    const holes: LiveHole[] = [];
    const trading = await Trading.begin({ onHole: (hole) => holes.push(hole) });
    trading.gateway.publish(trading.next(100));
    await trading.settled();
    trading.gateway.script.oldestNs = BigInt(START_US) * 1000n + 86_400_000_000_000n;
    trading.gateway.log.push(...trading.next(100));
    trading.gateway.session.cut();
    await trading.connected(3);
    trading.gateway.publish(trading.next(10));
    await eventually(() => trading.listener.state?.condition).toBe('gap');
    expect(trading.gateway.session.subscriptions.every(({ startNs }) => startNs === undefined)).toBe(true);
    expect(holes).toHaveLength(1);
    expect(holes[0]).toMatchObject({ schemas: ['mbp-10', 'trades'], symbols: ['6E.v.0', '6J.v.0'] });
    expect(trading.listener.state?.words).toContain('aged out');
    trading.listener.feed.settle(holes[0]!);
    expect(trading.listener.state?.condition).toBe('live');
    expect(trading.desk.market('6EZ6')!.gapped).toBe(false);
  });

  test('until the gateway says that a replay has caught up, the feed says so', async () => {
    const trading = await Trading.begin({}, { withholdNotices: true });
    trading.gateway.publish(trading.next(20));
    await trading.settled();
    trading.gateway.session.cut();
    await trading.connected(2);
    trading.gateway.publish(trading.next(20));
    await trading.settled();
    expect(trading.listener.feed.catchingUp).toBe(true);
    expect(trading.listener.state).toEqual({
      condition: 'backfilling',
      words: 'replaying what was missed: mbp-10, trades',
    });
    trading.gateway.session.system(3, 'Finished mbp-10 replay');
    await eventually(() => trading.listener.state?.words).toBe('replaying what was missed: trades');
    trading.gateway.session.system(3, 'Finished trades replay');
    await eventually(() => trading.listener.state?.condition).toBe('live');
    expect(trading.listener.feed.catchingUp).toBe(false);
  });

  test('where the notice fails to come, records of events since the connection say it', async () => {
    const trading = await Trading.begin({}, { withholdNotices: true });
    trading.gateway.publish(trading.next(20));
    await trading.settled();
    trading.gateway.session.cut();
    await trading.connected(2);
    expect(trading.listener.feed.catchingUp).toBe(true);
    const later = new DatabentoMarket('6JZ6', 43, 500, 13_000, Math.floor(Date.now()) * 1000 + 60_000_000);
    trading.gateway.publish(later.next(200));
    await eventually(() => trading.listener.state?.condition).toBe('live');
    expect(trading.listener.feed.catchingUp).toBe(false);
  });

  test('an unresolved symbol is named, the others flow', async () => {
    const trading = await Trading.begin({ symbols: ['6E.v.0', '6X.v.0'] });
    trading.gateway.publish(trading.euro.next(20));
    await eventually(() => trading.listener.state?.condition).toBe('live');
    expect(trading.listener.state?.words).toContain('not resolved: Failed to resolve symbol 6X.v.0');
  });

  test('a warning of slow reading is shown', async () => {
    const trading = await Trading.begin();
    trading.gateway.publish(trading.next(20));
    trading.gateway.session.system(2, 'Warning: slow reading, client is 5 records behind');
    await eventually(() => trading.listener.state?.words).toContain('too slowly');
  });

  test('an internal error is come back from', async () => {
    const trading = await Trading.begin();
    trading.gateway.publish(trading.next(20));
    trading.gateway.session.error(6, 'Internal error');
    await trading.connected(2);
    trading.gateway.publish(trading.next(20));
    await trading.settled();
  });
});

test('a roll: the symbol is resolved again, the new contract has a book of its own, the old one is void', async () => {
  const wall = new LiveClock();
  let aheadUs = 0;
  const clock = { nowUs: () => wall.nowUs() + aheadUs };
  const folder = await mkdtemp(join(tmpdir(), 'roll-'));
  open.push({ close: () => rm(folder, { recursive: true }) });
  const trading = await Trading.begin(
    { clock, silenceMs: 7_200_000, rollCheck: (us) => us + 3_600_000_000 },
    {},
    folder,
  );
  trading.gateway.publish(trading.next(50));
  await trading.settled();
  const march = new DatabentoMarket('6EH7', 77, 50_000, 23_100, START_US + 60_000_000);
  trading.gateway.script.resolve = (symbol) =>
    symbol === '6E.v.0' ? [{ rawSymbol: '6EH7', instrumentId: 77 }] : contracts(symbol);
  aheadUs = 3_600_000_000;
  await trading.connected(2);
  trading.gateway.publish([...march.next(50), ...trading.yen.next(50)]);
  await eventually(() => trading.desk.account('6EH7')).toEqual(serverAccount(march));
  await eventually(() => trading.desk.account('6JZ6')).toEqual(serverAccount(trading.yen));
  expect(trading.listener.frames.find(({ kind }) => kind === 'lost')?.name).toContain('resolves symbols again');
  expect(trading.desk.rolls).toMatchObject([
    { asked: '6E.v.0', from: { rawSymbol: '6EZ6' }, to: { rawSymbol: '6EH7', instrumentId: 77 } },
  ]);
  expect(trading.desk.volume.gaps).toContain('6EZ6 roll');
  expect(trading.desk.market('6EZ6')!.gapped).toBe(true);
  expect(trading.desk.market('6EH7')!.gapped).toBe(false);
  expect(trading.listener.feed.contracts).toContainEqual({ asked: '6E.v.0', rawSymbol: '6EH7', instrumentId: 77 });
  expect(trading.desk.mapper.bookText('6E.v.0', 1)?.bids[0]?.[0]).toBe((march.side('bid')[0]![0] * 0.00005).toFixed(5));
  expect(trading.desk.mapper.tally.symbols.get('6E.v.0')?.updates).toBe(trading.euro.updates + march.updates);

  await trading.listener.feed.stop();
  await trading.capture?.close();
  const again = new Desk();
  const files = (await readdir(folder)).filter((name) => name.endsWith('.dbn.zst')).map((name) => join(folder, name));
  const recording = openRecording(files, again.engine);
  for await (const _ of recording.pieces()) while (recording.next()) recording.apply();
  expect(again.engine.snapshot()).toEqual(trading.desk.engine.snapshot());
});
