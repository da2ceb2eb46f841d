import { describe, expect, test } from 'vitest';
import { RowGrouping } from '../../renderer/drawing/row-grouping.ts';
import { MarketReplica } from '../../renderer/replica/market-replica.ts';
import { BOOK_STATE, DEPTH_HEAD, DEPTH_LEVELS, DEPTH_WIDTH } from '../../shared/contract/frames.ts';

const ROWS = 30;

/** A market whose ten levels a side are so many ticks apart. */
function marketApart(apart: number, spread = 2): MarketReplica {
  const market = new MarketReplica();
  setApart(market, apart, spread);
  return market;
}

function setApart(market: MarketReplica, apart: number, spread = 2): void {
  const depth = new Float64Array(DEPTH_WIDTH);
  depth[2] = BOOK_STATE.live;
  for (let level = 0; level < DEPTH_LEVELS; level++) {
    depth.set([600_000 - level * apart, 5, 1], DEPTH_HEAD + level * 3);
    depth.set([600_000 + spread + level * apart, 5, 1], DEPTH_HEAD + (DEPTH_LEVELS + level) * 3);
  }
  market.takeDepth(depth);
}

function groupingOf(adapts = true): RowGrouping {
  const grouping = new RowGrouping(adapts);
  grouping.ladder.rows = ROWS;
  return grouping;
}

/** Lets frames pass. */
function run(grouping: RowGrouping, market: MarketReplica, fromMs: number, toMs: number, keyHeld = false): void {
  for (let ms = fromMs; ms <= toMs; ms += 100) grouping.follow(market, ms, keyHeld);
}

describe('rows by themselves', () => {
  test('bring the ten best levels into sight with the first book', () => {
    for (const [apart, expected] of [
      [1, 1],
      [2, 2],
      [17, 20],
      [90, 100],
      [4_000, 5_000],
    ] as const) {
      const grouping = groupingOf();
      grouping.follow(marketApart(apart), 0, true);
      expect(grouping.ticks).toBe(expected);
      expect((10 * apart) / grouping.ticks).toBeLessThan(ROWS / 2);
    }
  });

  test('stay one tick where levels lie side by side', () => {
    const grouping = groupingOf(false);
    run(grouping, marketApart(60), 0, 60_000);
    expect(grouping.ticks).toBe(1);
  });

  test('wait for rows to be shown, for both sides, and for a book that is one', () => {
    const grouping = new RowGrouping(true);
    const market = marketApart(17);
    grouping.follow(market, 0, false);
    expect(grouping.ticks).toBe(1);
    grouping.heatmap.rows = ROWS;
    market.depth[DEPTH_HEAD] = Number.NaN;
    grouping.follow(market, 1, false);
    expect(grouping.ticks).toBe(1);
    setApart(market, 17);
    market.depth[2] = BOOK_STATE.gap;
    grouping.follow(market, 2, false);
    expect(grouping.ticks).toBe(1);
    setApart(market, 17);
    grouping.follow(market, 3, false);
    expect(grouping.ticks).toBe(20);
  });

  test('follow a book that has changed for good, after a while, and hold through what passes', () => {
    const grouping = groupingOf();
    const market = marketApart(17);
    run(grouping, market, 0, 20_000);
    setApart(market, 80);
    run(grouping, market, 20_100, 21_000);
    setApart(market, 17);
    run(grouping, market, 21_100, 60_000);
    expect(grouping.ticks).toBe(20);
    setApart(market, 80);
    run(grouping, market, 60_100, 120_000);
    expect(grouping.ticks).toBe(100);
    setApart(market, 3);
    run(grouping, market, 120_100, 200_000);
    expect(grouping.ticks).toBe(5);
  });

  test('hold still at every distance for as long as it lasts', () => {
    for (let apart = 1; apart < 400; apart += 7) {
      const grouping = groupingOf();
      const market = marketApart(apart);
      grouping.follow(market, 0, false);
      const first = grouping.ticks;
      run(grouping, market, 100, 60_000);
      expect(grouping.ticks).toBe(first);
    }
  });

  test('never change under the pointer or while a key is held', () => {
    const grouping = groupingOf();
    const market = marketApart(17);
    run(grouping, market, 0, 20_000);
    setApart(market, 300);
    grouping.ladder.hovered = true;
    run(grouping, market, 20_100, 80_000);
    grouping.ladder.hovered = false;
    grouping.heatmap.hovered = true;
    run(grouping, market, 80_100, 90_000);
    grouping.heatmap.hovered = false;
    run(grouping, market, 90_100, 99_000, true);
    expect(grouping.ticks).toBe(20);
    run(grouping, market, 99_100, 99_200);
    expect(grouping.ticks).toBe(500);
  });
});

describe('rows by key', () => {
  test('stay as they were set until the choice is given back', () => {
    const grouping = groupingOf();
    const market = marketApart(17);
    let told = 0;
    const stop = grouping.subscribe(() => told++);
    grouping.follow(market, 0, false);
    grouping.finer();
    expect([grouping.ticks, grouping.automatic]).toEqual([10, false]);
    run(grouping, market, 100, 60_000);
    expect(grouping.ticks).toBe(10);
    grouping.coarser();
    grouping.coarser();
    expect(grouping.ticks).toBe(50);
    grouping.adapt();
    grouping.follow(market, 60_100, true);
    expect([grouping.ticks, grouping.automatic]).toEqual([20, true]);
    expect(told).toBe(6);
    stop();
    grouping.finer();
    expect(told).toBe(6);
  });

  test('go back to one tick where levels lie side by side', () => {
    const grouping = groupingOf(false);
    grouping.coarser();
    expect(grouping.ticks).toBe(2);
    grouping.adapt();
    expect(grouping.ticks).toBe(1);
  });
});
