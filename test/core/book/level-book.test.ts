import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Depth } from '../../../main/core/book/depth.ts';
import { LevelBook } from '../../../main/core/book/level-book.ts';
import { Engine } from '../../../main/core/engine.ts';
import { FeatureStage } from '../../../main/features/feature-stage.ts';
import { FEATURE } from '../../../shared/features.ts';
import { instrumentOf } from '../../../shared/instruments.ts';

describe('a book by price level', () => {
  test('the golden book: mid, spread, microprice, queue imbalance and no flow', () => {
    const engine = new Engine({ continuity: 'live' });
    engine.addStage(new FeatureStage());
    const market = engine.addMarket(instrumentOf('6EZ6', 1, 7, undefined));
    market.depthSchema = 'l2';
    const book = new LevelBook();
    const ticks = (price: number) => Math.round(price / 0.00005);
    for (const [price, lots] of [
      [1.1, 100],
      [1.0999, 150],
      [1.0998, 200],
    ] as const)
      book.setBid(ticks(price), lots);
    for (const [price, lots] of [
      [1.1001, 80],
      [1.1002, 120],
      [1.1003, 180],
    ] as const)
      book.setAsk(ticks(price), lots);
    book.fill(market.depth);
    engine.arrive(1_000_000);
    engine.endEvent(market, 1_000_000, 1_000_000, true);
    const value = (name: keyof typeof FEATURE) => market.features[FEATURE[name]]!;
    expect(value('mid')).toBe(1.10005);
    expect(value('spread')).toBeCloseTo(0.0001, 15);
    expect((value('spread') / value('mid')) * 10_000).toBeCloseTo(0.909, 3);
    expect(value('microprice')).toBeCloseTo(1.100_055_555_555_555_6, 15);
    expect(value('microprice').toFixed(5)).toBe('1.10006');
    expect(value('qi1')).toBeCloseTo(0.111, 3);
    expect([value('ofi'), value('mlofi')]).toEqual([0, 0]);
    // The same book again is no flow either.
    book.fill(market.depth);
    engine.endEvent(market, 1_000_100, 1_000_100, true);
    expect([value('ofi'), value('mlofi'), value('ofi1s')]).toEqual([0, 0, 0]);
  });

  const changes = fc.array(
    fc.record({
      bid: fc.boolean(),
      ticks: fc.integer({ min: 1, max: 40 }),
      lots: fc.integer({ min: 0, max: 5 }),
    }),
    { maxLength: 200, size: 'max' },
  );

  test('marks in a depth exactly the levels that differ from those that were filled before', () => {
    fc.assert(
      fc.property(changes, changes, fc.integer({ min: 1, max: 15 }), (first, then, maxDepth) => {
        const book = new LevelBook(maxDepth);
        const depth = new Depth();
        const apply = (list: typeof first) => {
          for (const { bid, ticks, lots } of list) {
            if (bid) book.setBid(ticks, lots);
            else book.setAsk(ticks + 100, lots);
          }
          book.settle();
          book.fill(depth);
        };
        apply(first);
        depth.settle();
        const before = depth.snapshot();
        apply(then);
        expect(book.bids.count).toBeLessThanOrEqual(maxDepth);
        expect(book.asks.count).toBeLessThanOrEqual(maxDepth);
        for (let level = 0; level < 10; level++) {
          const bid =
            depth.bidPrice[level] !== before.bidPrice[level] || depth.bidSize[level] !== before.bidSize[level];
          const ask =
            depth.askPrice[level] !== before.askPrice[level] || depth.askSize[level] !== before.askSize[level];
          expect([(depth.changedBids >> level) & 1, (depth.changedAsks >> level) & 1]).toEqual([
            Number(bid),
            Number(ask),
          ]);
        }
      }),
    );
  });
});
