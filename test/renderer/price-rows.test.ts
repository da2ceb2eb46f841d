import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillLadderRows, ROW, ROW_WIDTH } from '../../renderer/drawing/ladder-rows.ts';
import {
  askRow,
  bidRow,
  coarserRows,
  finerRows,
  GATHERED,
  gatherSide,
  middleRow,
  priceRow,
  rowsReaching,
  tradeRow,
} from '../../renderer/drawing/price-rows.ts';
import type { MarketReplica } from '../../renderer/replica/market-replica.ts';
import { Replica } from '../../renderer/replica/replica.ts';
import {
  BOOK_STATE,
  DEPTH_HEAD,
  DEPTH_LEVELS,
  DEPTH_WIDTH,
  FrameWriter,
  LADDER_WIDTH,
  LEVEL_WIDTH,
  SECTION,
} from '../../shared/contract/frames.ts';

const rowTicks = fc.oneof(fc.constantFrom(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000), fc.integer({ min: 1, max: 700 }));
const lots = fc.integer({ min: 1, max: 2 ** 40 });

/** A book of one to ten levels a side, however far apart. */
const book: fc.Arbitrary<Shape> = fc.record({
  bid: fc.integer({ min: 100_000, max: 900_000 }),
  spread: fc.integer({ min: 1, max: 300 }),
  bids: fc.array(fc.tuple(fc.integer({ min: 1, max: 90 }), lots), { minLength: 1, maxLength: DEPTH_LEVELS }),
  asks: fc.array(fc.tuple(fc.integer({ min: 1, max: 90 }), lots), { minLength: 1, maxLength: DEPTH_LEVELS }),
});

interface Shape {
  readonly bid: number;
  readonly spread: number;
  readonly bids: readonly (readonly [step: number, lots: number])[];
  readonly asks: readonly (readonly [step: number, lots: number])[];
}

type Level = readonly [ticks: number, lots: number];

function sidesOf({ bid, spread, bids, asks }: Shape): { bids: Level[]; asks: Level[] } {
  const side = (best: number, away: 1 | -1, levels: readonly (readonly [number, number])[]): Level[] => {
    let at = best;
    return levels.map(([step, size], i) => {
      if (i > 0) at += away * step;
      return [at, size];
    });
  };
  return { bids: side(bid, -1, bids), asks: side(bid + spread, 1, asks) };
}

function gathered(levels: readonly Level[], side: 1 | -1, ticks: number): number[][] {
  const source = new Float64Array(DEPTH_LEVELS * LEVEL_WIDTH).fill(Number.NaN);
  for (const [i, level] of levels.entries()) source.set(level, i * LEVEL_WIDTH);
  const out = new Float64Array(DEPTH_LEVELS * GATHERED).fill(-7);
  const count = gatherSide(source, 0, DEPTH_LEVELS, side, ticks, out);
  return Array.from({ length: count }, (_, i) => [out[i * GATHERED]!, out[i * GATHERED + 1]!]);
}

/** The same by a map, slowly. */
function summed(levels: readonly Level[], rowOf: (ticks: number) => number): number[][] {
  const rows = new Map<number, number>();
  for (const [ticks, size] of levels) rows.set(rowOf(ticks), (rows.get(rowOf(ticks)) ?? 0) + size);
  return [...rows];
}

describe('rows of prices', () => {
  test('hold the sums of their levels, best first, and never both sides', () => {
    fc.assert(
      fc.property(book, rowTicks, (shape, ticks) => {
        const { bids, asks } = sidesOf(shape);
        const below = gathered(bids, 1, ticks);
        const above = gathered(asks, -1, ticks);
        expect(below).toEqual(summed(bids, (price) => bidRow(price, ticks)));
        expect(above).toEqual(summed(asks, (price) => askRow(price, ticks)));
        expect(below[0]![0]!).toBeLessThan(above[0]![0]!);
        for (const rows of [below, above.map(([row, size]) => [-row!, size!])]) {
          for (let i = 1; i < rows.length; i++) expect(rows[i]![0]!).toBeLessThan(rows[i - 1]![0]!);
        }
      }),
    );
  });

  test('take bids downwards and asks upwards; trades go with whom they hit, other prices with the book around them', () => {
    expect([1_000, 1_004, 1_005, 1_009].map((ticks) => bidRow(ticks, 5) * 5)).toEqual([1_000, 1_000, 1_005, 1_005]);
    expect([1_000, 1_001, 1_005, 1_006].map((ticks) => askRow(ticks, 5) * 5)).toEqual([1_000, 1_005, 1_005, 1_010]);
    expect(tradeRow(1_003, 1, 5)).toBe(201);
    expect(tradeRow(1_003, -1, 5)).toBe(200);
    expect(priceRow(1_003, 5, 1_003, 1_004)).toBe(200);
    expect(priceRow(1_004, 5, 1_003, 1_004)).toBe(201);
    expect(priceRow(1_003, 5, 1_003, Number.NaN)).toBe(200);
    expect(priceRow(1_003, 5, Number.NaN, 1_003)).toBe(201);
  });

  test('a price among the bids or asks is in the row of its level', () => {
    fc.assert(
      fc.property(book, rowTicks, (shape, ticks) => {
        const { bids, asks } = sidesOf(shape);
        const [bid, ask] = [bids[0]![0], asks[0]![0]];
        for (const [price] of bids) expect(priceRow(price, ticks, bid, ask)).toBe(bidRow(price, ticks));
        for (const [price] of asks) expect(priceRow(price, ticks, bid, ask)).toBe(askRow(price, ticks));
      }),
    );
  });

  test('of one tick are the ticks themselves', () => {
    for (const side of [1, -1, 0]) expect(tradeRow(64_251, side, 1)).toBe(64_251);
    expect(priceRow(64_251, 1, 64_250, 64_255)).toBe(64_251);
    expect(middleRow(64_250, 64_255, 1)).toBe(64_252.5);
  });

  test('go through 1, 2, 5, 10 … ticks', () => {
    const up = [1];
    for (let i = 0; i < 9; i++) up.push(coarserRows(up.at(-1)!));
    expect(up).toEqual([1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]);
    expect(up.map(finerRows)).toEqual([1, 1, 2, 5, 10, 20, 50, 100, 200, 500]);
    expect([8, 16, 17, 400, 401].map((ticks) => rowsReaching(ticks, 8))).toEqual([1, 2, 5, 50, 100]);
  });
});

describe('the ladder', () => {
  const COUNT = 400;

  const marketOf = (shape: Shape, flow: readonly number[][]): MarketReplica => {
    const { bids, asks } = sidesOf(shape);
    const replica = new Replica(() => undefined);
    const writer = new FrameWriter();
    writer.begin(1, 0, 0);
    const at = writer.section(SECTION.depth, 0, 0, 1, DEPTH_WIDTH, 0, 0);
    const depth = new Float64Array(DEPTH_WIDTH).fill(Number.NaN);
    depth.set([0, 0, BOOK_STATE.live, asks[0]![0], 7, 1, 1, 0]);
    for (const [i, [price, size]] of bids.entries()) depth.set([price, size, 1], DEPTH_HEAD + i * 3);
    for (const [i, [price, size]] of asks.entries()) depth.set([price, size, 1], DEPTH_HEAD + (DEPTH_LEVELS + i) * 3);
    writer.floats.set(depth, at);
    const to = writer.section(SECTION.ladder, 0, 0, flow.length, LADDER_WIDTH, 0, 0);
    writer.floats.set(flow.flat(), to);
    replica.take(writer.finish().buffer, 0);
    return replica.market(0);
  };

  const flow = fc.array(fc.tuple(fc.integer({ min: -900, max: 900 }), lots, lots, lots, lots), { maxLength: 40 });

  test('shows every lot of what it reaches once, with the exact inside', () => {
    fc.assert(
      fc.property(book, flow, rowTicks, (shape, moves, ticks) => {
        const unique = [...new Map(moves.map(([away, ...values]) => [away, [shape.bid + away, ...values]])).values()];
        const market = marketOf(shape, unique);
        const { bids, asks } = sidesOf(shape);
        const [bid, ask] = [bids[0]![0], asks[0]![0]];
        const rows = new Float64Array(COUNT * ROW_WIDTH);
        const top = Math.ceil((ask + 1_000) / ticks) + 1;
        fillLadderRows(rows, COUNT, top, market, ticks);
        const field = (row: number, name: keyof typeof ROW): number => rows[row * ROW_WIDTH + ROW[name]]!;
        const all = Array.from({ length: COUNT }, (_, row) => row);
        const shown = (row: number): boolean => top - row >= 0 && top - row < COUNT;
        const total = (name: keyof typeof ROW): number => all.reduce((sum, row) => sum + field(row, name), 0);
        const sum = (levels: readonly Level[], rowOf: (price: number) => number): number =>
          levels.filter(([price]) => shown(rowOf(price))).reduce((all, [, size]) => all + size, 0);
        expect(total('bid')).toBe(sum(bids, (price) => bidRow(price, ticks)));
        expect(total('ask')).toBe(sum(asks, (price) => askRow(price, ticks)));
        for (const [name, at] of [
          ['added', 1],
          ['pulled', 2],
        ] as const) {
          expect(total(name)).toBe(
            sum(
              unique.map((row): Level => [row[0]!, row[at]!]),
              (price) => priceRow(price, ticks, bid, ask),
            ),
          );
        }
        for (const [name, at, side] of [
          ['bought', 3, 1],
          ['sold', 4, -1],
        ] as const) {
          expect(total(name)).toBe(
            sum(
              unique.map((row): Level => [row[0]!, row[at]!]),
              (price) => tradeRow(price, side, ticks),
            ),
          );
        }
        for (const row of all) expect(field(row, 'bid') > 0 && field(row, 'ask') > 0).toBe(false);
        const inside = all.filter((row) => field(row, 'inside') !== 0);
        for (const row of inside) expect(field(row, 'price')).toBe(field(row, 'inside') > 0 ? bid : ask);
        if (shown(bidRow(bid, ticks))) expect(inside).toHaveLength(2);
        const last = all.filter((row) => field(row, 'last') !== 0);
        expect(last.map((row) => field(row, 'inside'))).toEqual(shown(askRow(ask, ticks)) ? [-1] : []);
      }),
      { numRuns: 60 },
    );
  });

  test('of one tick a row names every price', () => {
    const market = marketOf({ bid: 500, spread: 3, bids: [[1, 4]], asks: [[1, 9]] }, [[498, 2.4, 1.6, 5, 6]]);
    const rows = new Float64Array(6 * ROW_WIDTH);
    fillLadderRows(rows, 6, 503, market, 1);
    const columns = Array.from({ length: 6 }, (_, row) => [...rows.subarray(row * ROW_WIDTH, (row + 1) * ROW_WIDTH)]);
    expect(columns).toEqual([
      [503, 0, 9, 0, 0, 0, 0, 7, -1, 0],
      [502, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [501, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [500, 4, 0, 0, 0, 0, 0, 0, 1, 0],
      [499, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [498, 0, 0, 2, 2, 5, 6, 0, 0, 0],
    ]);
  });
});
