import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FeatureHistory } from '../../renderer/replica/feature-history.ts';
import { MarketReplica } from '../../renderer/replica/market-replica.ts';
import { Replica } from '../../renderer/replica/replica.ts';
import { RowRing } from '../../renderer/replica/row-ring.ts';
import {
  COLUMN_WIDTH,
  DEEP_COLUMN_WIDTH,
  DEPTH_HEAD,
  DEPTH_LEVELS,
  DEPTH_WIDTH,
  FrameWriter,
  LEVEL_WIDTH,
  SECTION,
  SECTION_SNAPSHOT,
  TRADE_WIDTH,
} from '../../shared/contract/frames.ts';
import { FEATURE, FEATURE_COUNT } from '../../shared/features.ts';

describe('row ring', () => {
  test('keeps the newest rows under their absolute numbers, like a plain list', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 8 }),
        (batches, capacity) => {
          const ring = new RowRing(2, capacity);
          const list: number[] = [];
          for (const size of batches) {
            const first = list.length;
            for (let i = 0; i < size; i++) list.push(first + i);
            const rows = Float64Array.from(list.slice(first).flatMap((n) => [n, n * 10]));
            expect(ring.append(first, size, rows, false)).toBe(0);
            const kept = list.slice(-capacity);
            expect(ring.next).toBe(list.length);
            expect(Array.from({ length: ring.size }, (_, i) => ring.values[ring.at(ring.first + i)])).toEqual(kept);
          }
        },
      ),
    );
  });

  test('rows that came before are not taken twice', () => {
    const ring = new RowRing(1, 4);
    ring.append(0, 2, Float64Array.of(10, 11), false);
    ring.append(1, 2, Float64Array.of(11, 12), false);
    expect([ring.first, ring.next]).toEqual([0, 3]);
    expect(ring.values[ring.at(2)]).toBe(12);
  });

  test('a hole is reported and what was before it dropped', () => {
    const ring = new RowRing(1, 4);
    ring.append(0, 2, Float64Array.of(10, 11), false);
    expect(ring.append(5, 1, Float64Array.of(15), false)).toBe(3);
    expect([ring.first, ring.next]).toEqual([5, 6]);
  });
});

describe('trades', () => {
  const row = (n: number): number[] => [n, n, 100 + n, 1, 1, 1];
  const rows = (...numbers: number[]): Float64Array => Float64Array.from(numbers.flatMap(row));

  test('a hole becomes a row of its own that says how many are missing', () => {
    const market = new MarketReplica();
    market.takeTrades(10, 2, rows(10, 11), true);
    market.takeTrades(12, 1, rows(12), false);
    market.takeTrades(17, 1, rows(17), false);
    expect(market.tradesSkipped).toBe(4);
    const { trades } = market;
    expect(trades.size).toBe(5);
    const hole = trades.at(trades.next - 2);
    expect(trades.values[hole + 2]).toBeNaN();
    expect(trades.values[hole + 3]).toBe(4);
    expect(trades.values[trades.at(trades.next - 1)]).toBe(17);
  });

  test('a snapshot heals the hole', () => {
    const market = new MarketReplica();
    market.takeTrades(0, 1, rows(0), false);
    market.takeTrades(3, 1, rows(3), false);
    market.takeTrades(0, 4, rows(0, 1, 2, 3), true);
    expect(market.tradesSkipped).toBe(0);
    expect(market.trades.size).toBe(4);
  });
});

describe('features', () => {
  const vector = (us: number, mid: number): Float64Array => {
    const values = new Float64Array(FEATURE_COUNT + 1).fill(Number.NaN);
    values[0] = us;
    values[1 + FEATURE.mid] = mid;
    return values;
  };

  test('are sampled ten times a second, with the last value held through silence', () => {
    const history = new FeatureHistory();
    history.take(vector(1_000_000, 1));
    history.take(vector(1_050_000, 2));
    history.take(vector(1_400_000, 3));
    expect(history.length).toBe(5);
    expect([0, 1, 2, 3, 4].map((age) => history.sample(FEATURE.mid, age))).toEqual([3, 2, 2, 2, 2]);
    expect(history.sample(FEATURE.cvd, 0)).toBeNaN();
  });

  test('start anew when time goes back', () => {
    const history = new FeatureHistory();
    history.take(vector(9_000_000, 1));
    history.take(vector(2_000_000, 2));
    expect(history.length).toBe(1);
    expect(history.current[FEATURE.mid]).toBe(2);
  });
});

describe('frames', () => {
  test('a features section with a past fills the sparklines at once', () => {
    const replica = new Replica(() => undefined);
    const writer = new FrameWriter();
    writer.begin(1, 0, 0);
    const width = 1 + FEATURE_COUNT;
    const at = writer.section(SECTION.features, 1, 0, 3, width, 0, 0);
    writer.floats.fill(0, at, at + 3 * width);
    for (const row of [0, 1, 2]) {
      writer.floats[at + row * width] = 1_000_000 + row * 250_000;
      writer.floats[at + row * width + 1 + FEATURE.mid] = row + 1;
    }
    replica.take(writer.finish().buffer, 0);
    const { features } = replica.market(0);
    expect(features.length).toBe(6);
    expect([0, 2, 5].map((age) => features.sample(FEATURE.mid, age))).toEqual([3, 2, 1]);
    expect(features.current[FEATURE.mid]).toBe(3);
  });

  test('go into the market that they name, and columns that do not follow on are asked for again', () => {
    const lost: string[] = [];
    const replica = new Replica((topic) => lost.push(topic));
    const writer = new FrameWriter();
    const depth = new Float64Array(DEPTH_WIDTH).fill(7);
    const send = (columnsFirst: number, snapshot: boolean): number => {
      writer.begin(41, 5_000_000, 99);
      writer.floats.set(depth, writer.section(SECTION.depth, 0, 3, 1, DEPTH_WIDTH, 0, 0));
      const at = writer.section(SECTION.columns, snapshot ? SECTION_SNAPSHOT : 0, 3, 1, 42, columnsFirst, 0);
      writer.floats.fill(1, at, at + 42);
      const trades = writer.section(SECTION.trades, 0, 2, 1, TRADE_WIDTH, 0, 0);
      writer.floats.fill(2, trades, trades + TRADE_WIDTH);
      return replica.take(writer.finish().buffer, 1_000);
    };
    expect(send(100, true)).toBe(41);
    expect(replica.market(3).bid).toBe(7);
    expect(replica.market(3).columns.first).toBe(100);
    expect(replica.market(2).trades.size).toBe(1);
    expect(replica.clock.nowUs(1_500)).toBe(5_500_000);
    expect(lost).toEqual([]);
    send(105, false);
    expect(lost).toEqual(['columns:3']);
  });

  test('levels of a deeper book take the place of the ten best until the next depth', () => {
    const replica = new Replica(() => undefined);
    const writer = new FrameWriter();
    const depth = new Float64Array(DEPTH_WIDTH).fill(Number.NaN);
    depth.set([100, 5, 1, 98, 6, 1], DEPTH_HEAD);
    depth.set([103, 7, 1], DEPTH_HEAD + DEPTH_LEVELS * 3);
    const levels = [100, 5, 98, 6, 90, 1, 103, 7, 110, 2];
    const send = (deep: boolean): void => {
      writer.begin(1, 0, 0);
      writer.floats.set(depth, writer.section(SECTION.depth, 0, 2, 1, DEPTH_WIDTH, 0, 0));
      if (deep) writer.floats.set(levels, writer.section(SECTION.levels, 0, 2, 5, LEVEL_WIDTH, 3, 0));
      replica.take(writer.finish().buffer, 0);
    };
    const market = replica.market(2);
    const known = () => [
      [...market.bids.subarray(0, market.bidLevels * LEVEL_WIDTH)],
      [...market.asks.subarray(0, market.askLevels * LEVEL_WIDTH)],
    ];
    send(true);
    expect(known()).toEqual([levels.slice(0, 6), levels.slice(6)]);
    send(false);
    expect(known()).toEqual([
      [100, 5, 98, 6],
      [103, 7],
    ]);
    replica.clear();
    expect(known()).toEqual([[], []]);
  });

  test('deep columns keep the numbers of their columns, and go with them', () => {
    const replica = new Replica(() => undefined);
    const writer = new FrameWriter();
    const send = (first: number, rows: number, deepFirst: number, snapshot: boolean): void => {
      const flags = snapshot ? SECTION_SNAPSHOT : 0;
      writer.begin(1, 0, 0);
      const at = writer.section(SECTION.columns, flags, 0, rows, COLUMN_WIDTH, first, 0);
      writer.floats.fill(1, at, at + rows * COLUMN_WIDTH);
      if (deepFirst < first + rows) {
        const deepRows = first + rows - deepFirst;
        const to = writer.section(SECTION.deepColumns, flags, 0, deepRows, DEEP_COLUMN_WIDTH, deepFirst, 0);
        for (let row = 0; row < deepRows; row++) {
          writer.floats.fill(deepFirst + row, to + row * DEEP_COLUMN_WIDTH, to + (row + 1) * DEEP_COLUMN_WIDTH);
        }
      }
      replica.take(writer.finish().buffer, 0);
    };
    const market = replica.market(0);
    send(10, 5, 99, true);
    expect(market.deepColumns).toBeUndefined();
    send(15, 2, 16, false);
    const deep = market.deepColumns!;
    expect([market.columns.next, deep.first, deep.next]).toEqual([17, 16, 17]);
    expect(deep.values[deep.at(16) + 3]).toBe(16);
    send(17, 1, 17, false);
    expect([deep.first, deep.next]).toEqual([16, 18]);
    send(10, 9, 99, true);
    expect(deep.size).toBe(0);
  });
});
