import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DbnDecoder } from '../../main/codec/dbn/decoder.ts';
import { openDbn } from '../../main/codec/dbn/file.ts';
import { recordToJson } from '../../main/codec/dbn/record-json.ts';
import { Engine } from '../../main/core/engine.ts';
import { OutputHash } from '../../main/core/output-hash.ts';
import type { Aggressor } from '../../main/core/ports.ts';
import { FeatureStage } from '../../main/features/feature-stage.ts';
import { MinuteBars } from '../../main/features/minute-bars.ts';
import { RecordMapper } from '../../main/feeds/databento/record-mapper.ts';
import { FEATURE, FEATURE_COUNT, FEATURES } from '../../shared/features.ts';
import { instrumentOf } from '../../shared/instruments.ts';
import { simulate } from '../feeds/simulated/simulate.ts';
import { fixture, haveFixtures } from '../fixtures.ts';
import { type Image, type Level, ReferenceFeatures, ReferenceReader } from './reference.ts';

const TOLERANCE = 1e-9;

function expectClose(got: number, want: number, what: string): void {
  if (Number.isNaN(got) && Number.isNaN(want)) return;
  if (Math.abs(got - want) <= TOLERANCE * Math.max(1, Math.abs(want))) return;
  expect.fail(`${what} is ${got}, the reference says ${want}`);
}

/** Plays what a decoder holds, comparing every feature after every complete event. */
class Comparison {
  readonly #engine = new Engine({ continuity: 'file' });
  readonly #mapper: RecordMapper;
  readonly #references = new Map<number, ReferenceReader>();
  /** How often each feature was present. */
  readonly present = new Float64Array(FEATURE_COUNT);
  events = 0;

  constructor() {
    this.#engine.addStage(new FeatureStage());
    this.#mapper = new RecordMapper(this.#engine);
  }

  play(decoder: DbnDecoder): void {
    while (decoder.next()) {
      this.#engine.arrive(this.#mapper.arrivalUs(decoder));
      this.#mapper.apply(decoder);
      const record = recordToJson(decoder);
      if (record['flags'] === undefined || record['action'] === undefined) continue;
      const { instrument_id: id } = record['hd'] as { instrument_id: number };
      const levels = (record['levels'] as readonly unknown[] | undefined)?.length ?? 10;
      let reference = this.#references.get(id);
      if (reference === undefined) {
        reference = new ReferenceReader(levels);
        this.#references.set(id, reference);
      }
      const expected = reference.read(record);
      expect(this.#mapper.judged).toBe(expected !== undefined);
      if (expected === undefined) continue;
      this.events++;
      const vector = this.#mapper.market!.features;
      for (const [index, { name }] of FEATURES.entries()) {
        if (!Number.isNaN(vector[index])) this.present[index]!++;
        expectClose(vector[index]!, expected[name], `event ${this.events} of ${id}: ${name}`);
      }
    }
  }
}

describe.skipIf(!haveFixtures)('on recorded files, every feature equals the slow reference after every event', () => {
  test.each([
    ['databento/derived/esm4-20240508-2s.mbp-10.derived.dbn.zst', 163],
    ['databento/dbn-repo/test_data.mbp-10.dbn', 1],
    ['databento/dbn-repo/test_data.mbp-10.v1.dbn.zst', 1],
    ['databento/dbn-repo/test_data.mbp-10.v2.dbn.zst', 1],
    ['databento/dbn-repo/test_data.mbp-10.v3.dbn.zst', 1],
    ['databento/databento-python/GLBX.MDP3/test_data.mbp-10.dbn.zst', 1],
    ['databento/databento-python/GLBX.MDP3/test_data.mbp-1.dbn.zst', 1],
    [
      'databento/nautilus/order_book_deltas_catalog/orderbooks_mbo_2024-05-08T00-00-00_2024-05-08T00-00-02.dbn.zst',
      100,
    ],
    ['databento/nautilus/historical_bars_catalog/futures_mbp-1_2024-07-01T23-58_2024-07-02T00-02.dbn.zst', 2_000],
  ])('%s', async (file, leastEvents) => {
    const comparison = new Comparison();
    for await (const decoder of openDbn(fixture(file))) comparison.play(decoder);
    expect(comparison.events).toBeGreaterThanOrEqual(leastEvents);
  });
});

describe('on a simulated market', () => {
  test('every feature equals the slow reference after every event', () => {
    const { bytes } = simulate(330, { products: ['6E'], eventsPerSecond: 10 });
    const comparison = new Comparison();
    const decoder = new DbnDecoder();
    decoder.push(bytes);
    comparison.play(decoder);
    expect(comparison.events).toBeGreaterThan(2_000);
    // Each feature was there to be compared, those of trades without a side apart.
    for (const [index, { name }] of FEATURES.entries())
      expect([name, comparison.present[index]! > 0]).toEqual([name, true]);
  }, 60_000);

  test('the prefix of a stream gives the prefix of the output', () => {
    const { bytes } = simulate(40);
    const whole = vectors(bytes);
    for (const share of [0.2, 0.5, 0.9]) {
      const prefix = vectors(bytes.subarray(0, Math.floor(bytes.length * share)));
      expect(prefix.length).toBeGreaterThan(100);
      expect(prefix).toEqual(whole.slice(0, prefix.length));
    }
  });

  test('restored from a snapshot at any point and continued, it is as if never interrupted', () => {
    const { bytes } = simulate(90);
    const whole = new Run();
    whole.play(bytes);
    for (const cuts of [[0], [1], [17, 18], [5_000], [400, 3_000, 6_543]]) {
      let run = new Run();
      const decoder = new DbnDecoder();
      decoder.push(bytes);
      for (const cut of cuts) {
        run.read(decoder, cut);
        const next = new Run();
        next.restore(structuredClone(run.snapshot()));
        run = next;
      }
      run.read(decoder, Number.POSITIVE_INFINITY);
      expect(run.finish()).toBe(whole.finish());
    }
  }, 30_000);
});

test('running sums of a file go on over the turn of the trade date; live, they start again', () => {
  const ofis = (['file', 'live'] as const).map((continuity) => {
    const engine = new Engine({ continuity });
    engine.addStage(new FeatureStage());
    const market = engine.addMarket(instrumentOf('6EZ6', 1, 7, undefined));
    // Before and after 17:00 in Chicago on Wednesday 2026-11-18.
    return ['2026-11-18T20:00Z', '2026-11-18T20:01Z', '2026-11-19T00:00Z'].map((time, index) => {
      const us = Date.parse(time) * 1_000;
      engine.arrive(us);
      engine.trade(market, us, us, 100, 2, 1);
      market.depth.setBid(0, 100, 10 + index * 5, 1);
      market.depth.setAsk(0, 101, 10, 1);
      engine.endEvent(market, us, us, true);
      return [market.features[FEATURE.ofi], market.features[FEATURE.mlofi], market.features[FEATURE.cvd]];
    });
  });
  expect(ofis).toEqual([
    [
      [0, 0, 2],
      [5, 5, 4],
      [10, 10, 6],
    ],
    [
      [0, 0, 2],
      [5, 5, 4],
      [5, 5, 2],
    ],
  ]);
});

describe('on any sequence of images and prints', () => {
  const side = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 9 })), {
    maxLength: 10,
    selector: ([distance]) => distance,
  });
  const step = fc.record({
    afterUs: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 3_000_000 })),
    bids: fc.option(side, { freq: 2 }),
    asks: fc.option(side, { freq: 2 }),
    /** Where a side is not new: another size at one of its levels. */
    resized: fc.record({ level: fc.integer({ min: 0, max: 9 }), size: fc.integer({ min: 1, max: 9 }) }),
    middle: fc.integer({ min: 100, max: 104 }),
    prints: fc.array(
      fc.record({
        ticks: fc.integer({ min: 95, max: 110 }),
        lots: fc.integer({ min: 1, max: 9 }),
        sign: fc.constantFrom<Aggressor>(1, -1, 0),
      }),
      { maxLength: 3 },
    ),
    complete: fc.boolean(),
  });

  test('every feature equals the slow reference: missing and crossed sides, prints without change, deep levels', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const engine = new Engine({ continuity: 'file' });
        engine.addStage(new FeatureStage());
        const market = engine.addMarket(instrumentOf('6EZ6', 1, 7, undefined));
        const { tickNano } = market.instrument;
        const reference = new ReferenceFeatures(10);
        let us = 1_795_006_800_000_000;
        let image: Image = { bids: [], asks: [] };
        for (const { afterUs, bids, asks, resized, middle, prints, complete } of steps) {
          us += afterUs;
          engine.arrive(us);
          for (const { ticks, lots, sign } of prints) {
            engine.trade(market, us, us, ticks, lots, sign);
            reference.print(us, ticks * tickNano, lots, sign);
          }
          const levels = (from: typeof bids, direction: 1 | -1, kept: readonly Level[]) =>
            from === null
              ? kept.map((level, at) => (at === resized.level ? ([level[0], resized.size] as const) : level))
              : from
                  .toSorted(([a], [b]) => a - b)
                  .map(([distance, size]) => [(middle + direction * distance) * tickNano, size] as const);
          image = { bids: levels(bids, -1, image.bids), asks: levels(asks, 1, image.asks) };
          for (let level = 0; level < 10; level++) {
            const [bid, ask] = [image.bids[level], image.asks[level]];
            if (bid === undefined) market.depth.clearBid(level);
            else market.depth.setBid(level, bid[0] / tickNano, bid[1], 1);
            if (ask === undefined) market.depth.clearAsk(level);
            else market.depth.setAsk(level, ask[0] / tickNano, ask[1], 1);
          }
          reference.image(image);
          if (!complete) continue;
          engine.endEvent(market, us, us, true);
          const expected = reference.judge(us);
          for (const [index, { name }] of FEATURES.entries()) {
            expectClose(market.features[index]!, expected[name], name);
          }
        }
      }),
      { numRuns: 400 },
    );
  }, 30_000);
});

/** An engine with features, bars and the hash of all that they put out. */
class Run {
  readonly engine = new Engine({ continuity: 'live' });
  readonly mapper = new RecordMapper(this.engine);
  readonly #hash = new OutputHash();
  #records = 0;

  constructor() {
    this.engine.addStage(new FeatureStage());
    this.engine.addStage(new MinuteBars(this.engine.scheduler, this.#hash));
    this.engine.addStage(this.#hash);
  }

  play(bytes: Uint8Array): void {
    const decoder = new DbnDecoder();
    decoder.push(bytes);
    this.read(decoder, Number.POSITIVE_INFINITY);
  }

  /** Plays records until so many have been played in all. */
  read(decoder: DbnDecoder, until: number): void {
    while (this.#records < until && decoder.next()) {
      this.#records++;
      this.engine.arrive(this.mapper.arrivalUs(decoder));
      this.mapper.apply(decoder);
    }
  }

  snapshot() {
    return { engine: this.engine.snapshot(), mapper: this.mapper.snapshot(), records: this.#records };
  }

  restore(snapshot: ReturnType<Run['snapshot']>): void {
    this.engine.restore(snapshot.engine);
    this.mapper.restore(snapshot.mapper);
    this.#records = snapshot.records;
  }

  finish(): string {
    this.engine.advanceTo(this.engine.nowUs + 120_000_000);
    return this.#hash.hex();
  }
}

/** Market, event and feature vector of every complete event. */
function vectors(bytes: Uint8Array): number[][] {
  const engine = new Engine({ continuity: 'file' });
  engine.addStage(new FeatureStage());
  const mapper = new RecordMapper(engine);
  const decoder = new DbnDecoder();
  decoder.push(bytes);
  const rows: number[][] = [];
  while (decoder.next()) {
    engine.arrive(mapper.arrivalUs(decoder));
    mapper.apply(decoder);
    if (mapper.judged) rows.push([mapper.market!.index, mapper.market!.events, ...mapper.market!.features]);
  }
  return rows;
}
