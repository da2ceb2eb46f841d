import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openDbn } from '../../main/codec/dbn/file.ts';
import { recordToJson } from '../../main/codec/dbn/record-json.ts';
import { Engine } from '../../main/core/engine.ts';
import type { Market } from '../../main/core/market.ts';
import type { Aggressor, Bar } from '../../main/core/ports.ts';
import { FeatureStage } from '../../main/features/feature-stage.ts';
import { MinuteBars } from '../../main/features/minute-bars.ts';
import { RecordMapper } from '../../main/feeds/databento/record-mapper.ts';
import { instrumentOf } from '../../shared/instruments.ts';
import { fixture, haveFixtures } from '../fixtures.ts';

const MINUTE = 60_000_000;
/** 2026-11-18 13:00 UTC, a Wednesday. */
const NOON = 1_795_006_800_000_000;

function setUp() {
  const engine = new Engine({ continuity: 'live' });
  const told: { market: number; bar: Bar; atUs: number }[] = [];
  const bars = new MinuteBars(engine.scheduler, {
    onBar: (market, bar, closed) => {
      expect(closed).toBe(true);
      told.push({ market: market.index, bar, atUs: engine.nowUs });
    },
  });
  engine.addStage(new FeatureStage());
  engine.addStage(bars);
  const market = engine.addMarket(instrumentOf('6EZ6', 1, 7, undefined));
  return { engine, bars, told, market };
}

function book(engine: Engine, market: Market, us: number, bid: number, ask: number, latencyUs = 1_000): void {
  engine.arrive(us + latencyUs);
  if (Number.isNaN(bid)) market.depth.clearBid(0);
  else market.depth.setBid(0, bid, 10, 1);
  market.depth.setAsk(0, ask, 10, 1);
  engine.endEvent(market, us, us + latencyUs, true);
}

function trade(engine: Engine, market: Market, us: number, ticks: number, lots: number, side: Aggressor): void {
  engine.arrive(us + 1_000);
  engine.trade(market, us, us + 1_000, ticks, lots, side);
}

describe('one-minute bars', () => {
  test('hold mids, volume, delta and VWAP of the tsEvent minute', () => {
    const { engine, told, market } = setUp();
    book(engine, market, NOON + 1, 20_000, 20_002);
    trade(engine, market, NOON + 2, 20_002, 3, 1);
    book(engine, market, NOON + 3, 20_004, 20_006);
    trade(engine, market, NOON + 4, 20_004, 1, -1);
    book(engine, market, NOON + 5, 19_996, 20_000);
    trade(engine, market, NOON + 6, 20_000, 4, 0);
    book(engine, market, NOON + 7, 20_000, 20_001);
    expect(told).toEqual([]);
    book(engine, market, NOON + MINUTE, 20_010, 20_012);
    expect(told).toHaveLength(1);
    const bar = told[0]!.bar;
    expect(bar).toMatchObject({ startUs: NOON, priceSource: 'mid', volume: 8, delta: 2 });
    expect([bar.open, bar.high, bar.low, bar.close]).toEqual([1.00005, 1.00025, 0.9999, 1.000025]);
    expect(bar.vwap).toBeCloseTo(((20_002 * 3 + 20_004 + 20_000 * 4) * 0.00005) / 8, 12);
    expect(bar.sessionVwap).toBeCloseTo(bar.vwap, 12);
  });

  test('close by the timer 500 ms past the minute, when nothing comes', () => {
    const { engine, told, market } = setUp();
    book(engine, market, NOON + 10, 20_000, 20_002);
    engine.advanceTo(NOON + MINUTE + 499_999);
    expect(told).toEqual([]);
    engine.advanceTo(NOON + 10 * MINUTE);
    expect(told.map(({ atUs }) => atUs)).toEqual([NOON + MINUTE + 500_000]);
  });

  test('of several markets close in the order in which they began, also after a restore', () => {
    const { engine, told, market } = setUp();
    const other = engine.addMarket(instrumentOf('6BZ6', 1, 8, undefined));
    book(engine, other, NOON + 10, 26_000, 26_002);
    book(engine, market, NOON + 20, 20_000, 20_002);
    const restored = setUp();
    restored.engine.restore(structuredClone(engine.snapshot()));
    const [, second] = restored.engine.markets;
    for (const [run, third] of [
      [engine, engine.addMarket(instrumentOf('6JZ6', 1, 9, undefined))],
      [restored.engine, restored.engine.addMarket(instrumentOf('6JZ6', 1, 9, undefined))],
    ] as const) {
      book(run, third, NOON + 30, 13_000, 13_002);
      run.advanceTo(NOON + 2 * MINUTE);
    }
    expect(second!.instrument.rawSymbol).toBe('6BZ6');
    expect(told.map(({ market: index }) => index)).toEqual([1, 0, 2]);
    expect(restored.told).toEqual(told);
  });

  test('a minute without an event has no bar', () => {
    const { engine, told, market } = setUp();
    book(engine, market, NOON, 20_000, 20_002);
    book(engine, market, NOON + 5 * MINUTE, 20_000, 20_002);
    engine.advanceTo(NOON + 10 * MINUTE);
    expect(told.map(({ bar }) => bar.startUs)).toEqual([NOON, NOON + 5 * MINUTE]);
  });

  test('an event for a minute that the timer has closed is told with the whole bar again', () => {
    const { engine, told, market } = setUp();
    book(engine, market, NOON + 1, 20_000, 20_002);
    trade(engine, market, NOON + 2, 20_002, 3, 1);
    engine.advanceTo(NOON + MINUTE + 600_000);
    book(engine, market, NOON + 59_999_999, 20_010, 20_012, 800_000);
    engine.advanceTo(NOON + 3 * MINUTE);
    expect(told.map(({ bar }) => [bar.startUs, bar.volume, bar.close])).toEqual([
      [NOON, 3, 1.00005],
      [NOON, 3, 1.00055],
    ]);
  });

  test('take trade prices where no book gives a mid, and stay silent without any price', () => {
    const { engine, told, market } = setUp();
    book(engine, market, NOON, Number.NaN, 20_002);
    trade(engine, market, NOON + MINUTE, 20_002, 3, 1);
    trade(engine, market, NOON + MINUTE + 1, 20_000, 1, -1);
    engine.advanceTo(NOON + 3 * MINUTE);
    expect(told.map(({ bar }) => bar)).toMatchObject([
      { startUs: NOON + MINUTE, open: 1.0001, high: 1.0001, low: 1, close: 1, priceSource: 'trade', delta: 2 },
    ]);
  });

  test('the open bar can be asked for', () => {
    const { engine, bars, market } = setUp();
    expect(bars.openBar(market)).toBeUndefined();
    book(engine, market, NOON, 20_000, 20_002);
    expect(bars.openBar(market)).toMatchObject({ startUs: NOON, close: 1.00005, volume: 0, vwap: Number.NaN });
    engine.advanceTo(NOON + 2 * MINUTE);
    expect(bars.openBar(market)).toBeUndefined();
  });

  const steps = fc.array(
    fc.record({
      afterUs: fc.oneof(fc.integer({ min: 0, max: 5_000_000 }), fc.integer({ min: 0, max: 3 * MINUTE })),
      ticks: fc.integer({ min: 19_990, max: 20_010 }),
      lots: fc.integer({ min: 0, max: 5 }),
      side: fc.constantFrom<Aggressor>(1, -1, 0),
    }),
    { minLength: 1, maxLength: 60 },
  );

  test('equal a plain grouping by minute, and a restored engine goes on as if never interrupted', () => {
    fc.assert(
      fc.property(steps, fc.nat(), (list, cut) => {
        const whole = setUp();
        let parted = setUp();
        const first: unknown[] = [];
        const groups = new Map<number, { mids: number[]; volume: number; delta: number }>();
        let us = NOON;
        for (const [index, step] of list.entries()) {
          us += step.afterUs;
          for (const { engine, market } of [whole, parted]) {
            if (step.lots > 0) trade(engine, market, us, step.ticks, step.lots, step.side);
            else book(engine, market, us, step.ticks, step.ticks + 2);
          }
          const start = us - (us % MINUTE);
          const group = groups.get(start) ?? { mids: [], volume: 0, delta: 0 };
          groups.set(start, group);
          if (step.lots === 0) group.mids.push(((step.ticks + 1) * 50_000) / 1e9);
          group.volume += step.lots;
          group.delta += step.side * step.lots;
          if (index === cut % list.length) {
            first.push(...parted.told);
            const fresh = setUp();
            fresh.engine.restore(structuredClone(parted.engine.snapshot()));
            parted = fresh;
          }
        }
        for (const { engine } of [whole, parted]) engine.advanceTo(us + 2 * MINUTE);
        expect([...first, ...parted.told]).toEqual(whole.told);
        const expected = [...groups]
          .filter(([, { mids }]) => mids.length > 0)
          .map(([startUs, { mids, volume, delta }]) => ({
            startUs,
            open: mids[0],
            high: Math.max(...mids),
            low: Math.min(...mids),
            close: mids.at(-1),
            volume,
            delta: delta + 0,
          }));
        const made = whole.told.filter(({ bar }) => bar.priceSource === 'mid').map(({ bar }) => bar);
        expect(made).toMatchObject(expected);
        expect(made).toHaveLength(expected.length);
      }),
      { numRuns: 150 },
    );
  });
});

describe('bars of a dealer that only quotes', () => {
  const SPOT = { ...instrumentOf('EURUSD', 65_010, 3, undefined), indicative: true };

  function dealer() {
    const { engine, bars, told } = setUp();
    return { engine, bars, told, market: engine.addMarket(SPOT) };
  }
  const mid = (bid: number) => ((bid + 1) * 10_000) / 1e9;

  test('count changes of bid or ask, and weigh each mid by the time that it stood', () => {
    const { engine, bars, told, market } = dealer();
    book(engine, market, NOON + 10_000_000, 100_000, 100_002);
    book(engine, market, NOON + 20_000_000, 100_000, 100_002);
    book(engine, market, NOON + 30_000_000, 100_010, 100_012);
    expect(bars.openBar(market)).toMatchObject({ volume: 2, volumeType: 'tick', vwap: mid(100_000) });
    book(engine, market, NOON + 50_000_000, 100_004, 100_006);
    engine.advanceTo(NOON + 2 * MINUTE);
    const { bar } = told[0]!;
    expect(bar).toMatchObject({ startUs: NOON, volume: 3, volumeType: 'tick', delta: 0, priceSource: 'mid' });
    expect(bar.vwap).toBeCloseTo((mid(100_000) * 20 + mid(100_010) * 20 + mid(100_004) * 10) / 50, 10);
    expect(bar.sessionVwap).toBeCloseTo((mid(100_000) + mid(100_010)) / 2, 10);
  });

  test('take the quote over that stood when the minute began, for a minute at most and never over a gap', () => {
    const { engine, told, market } = dealer();
    const averages = () => told.map(({ bar }) => bar.vwap);
    book(engine, market, NOON + 50_000_000, 100_000, 100_002);
    book(engine, market, NOON + MINUTE + 30_000_000, 100_010, 100_012);
    book(engine, market, NOON + 3 * MINUTE, 100_020, 100_022);
    engine.advanceTo(NOON + 3 * MINUTE + 1_000_000);
    engine.gap(market, 'feed-gap');
    book(engine, market, NOON + 3 * MINUTE + 30_000_000, 100_040, 100_042);
    engine.advanceTo(NOON + 10 * MINUTE);
    const expected = [mid(100_000), (mid(100_000) + mid(100_010)) / 2, mid(100_040)];
    for (const [index, average] of averages().entries()) expect(average).toBeCloseTo(expected[index]!, 10);
    expect(averages()).toHaveLength(3);
  });

  test('the session average begins anew with the trade date', () => {
    const { engine, bars, market } = dealer();
    const turn = engine.session(market, NOON).changesUs;
    book(engine, market, turn - 30_000_000, 100_000, 100_002);
    book(engine, market, turn - 10_000_000, 100_010, 100_012);
    const next = engine.session(market, turn + 3 * 3_600_000_000);
    expect(next.tradeDate).not.toBe(engine.session(market, NOON).tradeDate);
    const us = turn + 3 * 3_600_000_000;
    book(engine, market, us, 100_500, 100_502);
    expect(bars.openBar(market)!.sessionVwap).toBe(mid(100_500));
  });

  const quotes = fc.array(
    fc.record({
      afterUs: fc.oneof(fc.integer({ min: 0, max: 20_000_000 }), fc.integer({ min: 0, max: 2 * MINUTE })),
      ticks: fc.integer({ min: 100_000, max: 100_005 }),
    }),
    { minLength: 1, maxLength: 50 },
  );

  test('equal an average over every microsecond that a quote stood, also across a restart', () => {
    fc.assert(
      fc.property(quotes, fc.nat(), (list, cut) => {
        let it = dealer();
        const first: Bar[] = [];
        const stood: { from: number; to: number; mid: number }[] = [];
        const changes = new Map<number, number>();
        let us = NOON;
        let last = Number.NaN;
        for (const [index, { afterUs, ticks }] of list.entries()) {
          us += afterUs;
          book(it.engine, it.market, us, ticks, ticks + 2);
          const before = stood.at(-1);
          if (before !== undefined) {
            if (us - before.from <= MINUTE) before.to = us;
            else before.to = before.from - (before.from % MINUTE) + MINUTE;
          }
          const end = us - (us % MINUTE) + MINUTE;
          stood.push({ from: us, to: end, mid: mid(ticks) });
          const start = us - (us % MINUTE);
          changes.set(start, (changes.get(start) ?? 0) + (ticks === last ? 0 : 1));
          last = ticks;
          if (index !== cut % list.length) continue;
          first.push(...it.told.map(({ bar }) => bar));
          const fresh = dealer();
          fresh.engine.restore(structuredClone(it.engine.snapshot()));
          it = fresh;
        }
        it.engine.advanceTo(us + 2 * MINUTE);
        const made = [...first, ...it.told.map(({ bar }) => bar)];
        expect(made.map(({ startUs, volume }) => [startUs, volume])).toEqual([...changes]);
        for (const bar of made) {
          const parts = stood.map(({ from, to, mid: of }) => {
            const time = Math.min(to, bar.startUs + MINUTE) - Math.max(from, bar.startUs);
            return { time: Math.max(0, time), of };
          });
          const time = parts.reduce((sum, part) => sum + part.time, 0);
          expect(bar.vwap).toBeCloseTo(parts.reduce((sum, part) => sum + part.time * part.of, 0) / time, 9);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe.skipIf(!haveFixtures)('on a recorded market', () => {
  const folder = 'databento/nautilus/historical_bars_catalog';
  const ESU4 = 118;

  async function barsOf(file: string): Promise<Bar[]> {
    const engine = new Engine({ continuity: 'live' });
    const told: Bar[] = [];
    engine.addStage(new FeatureStage());
    engine.addStage(new MinuteBars(engine.scheduler, { onBar: (_market, bar) => told.push(bar) }));
    const mapper = new RecordMapper(engine);
    for await (const decoder of openDbn(fixture(file))) {
      while (decoder.next()) {
        engine.arrive(mapper.arrivalUs(decoder));
        mapper.apply(decoder);
      }
    }
    engine.advanceTo(engine.nowUs + 2 * MINUTE);
    return told;
  }

  test("bars of trades are the vendor's own one-minute bars, and those of quotes have their volume", async () => {
    const vendor = new Map<number, object>();
    for await (const decoder of openDbn(
      fixture(`${folder}/futures_ohlcv-1m_2024-07-01T23-40_2024-07-02T00-10.dbn.zst`),
    )) {
      while (decoder.next()) {
        const { hd, open, high, low, close, volume } = recordToJson(decoder);
        const { instrument_id: id, ts_event: start } = hd as { instrument_id: number; ts_event: string };
        if (id !== ESU4) continue;
        const [o, h, l, c] = [open, high, low, close].map(Number);
        vendor.set(Number(start.slice(0, -3)), { open: o, high: h, low: l, close: c, volume: Number(volume) });
      }
    }
    const trades = await barsOf(`${folder}/futures_trades_2024-07-01T23-58_2024-07-02T00-02.dbn.zst`);
    expect(trades).toHaveLength(4);
    for (const bar of trades) expect(bar).toMatchObject({ ...vendor.get(bar.startUs), priceSource: 'trade' });
    const quotes = await barsOf(`${folder}/futures_mbp-1_2024-07-01T23-58_2024-07-02T00-02.dbn.zst`);
    expect(quotes.map(({ startUs, volume, vwap }) => [startUs, volume, vwap])).toEqual(
      trades.map(({ startUs, volume, vwap }) => [startUs, volume, vwap]),
    );
    expect(new Set(quotes.map(({ priceSource }) => priceSource))).toEqual(new Set(['mid']));
  });
});
