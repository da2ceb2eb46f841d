import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Depth, TOP_LEVELS } from '../../../main/core/book/depth.ts';
import { PriceLadder } from '../../../main/core/book/price-ladder.ts';

type Level = { ticks: number; lots: number; orders: number };

/** A ladder as plainly as it goes: a list that is sorted anew whenever it is looked at. */
class PlainLadder {
  readonly #sign: number;
  #levels = new Map<number, Level>();

  constructor(side: 'bid' | 'ask') {
    this.#sign = side === 'bid' ? 1 : -1;
  }

  set(ticks: number, lots: number, orders: number): void {
    if (lots > 0) this.#levels.set(ticks, { ticks, lots, orders });
    else this.#levels.delete(ticks);
  }

  add(ticks: number, lots: number, orders: number): void {
    const level = this.#levels.get(ticks) ?? { ticks, lots: 0, orders: 0 };
    this.set(ticks, level.lots + lots, level.orders + orders);
  }

  truncate(depth: number): void {
    this.#levels = new Map(
      this.levels()
        .slice(0, depth)
        .map((level) => [level.ticks, level]),
    );
  }

  clear(): void {
    this.#levels.clear();
  }

  levels(): Level[] {
    return [...this.#levels.values()].sort((a, b) => this.#sign * (b.ticks - a.ticks));
  }
}

const side = fc.constantFrom<'bid' | 'ask'>('bid', 'ask');
/** Narrow ranges meet, wide ones fill many blocks. */
const ticks = fc.oneof(fc.integer({ min: -5, max: 20 }), fc.integer({ min: 0, max: 400 }));
const change = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant('set' as const), ticks, fc.integer({ min: 0, max: 9 })) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('add' as const), ticks, fc.integer({ min: -9, max: 9 })) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant('truncate' as const), fc.integer({ min: 0, max: 150 }), fc.constant(0)),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('restore' as const), fc.constant(0), fc.constant(0)) },
);

describe('a price ladder', () => {
  test('equals a plain sorted list after any changes, snapshots and restores', () => {
    fc.assert(
      fc.property(side, fc.array(change, { minLength: 1, maxLength: 500, size: 'max' }), (which, changes) => {
        let ladder = new PriceLadder(which);
        const plain = new PlainLadder(which);
        for (const [what, at, lots] of changes) {
          switch (what) {
            case 'set':
              ladder.set(at, lots, lots + 1);
              plain.set(at, lots, lots + 1);
              break;
            case 'add':
              ladder.add(at, lots, 1);
              plain.add(at, lots, 1);
              break;
            case 'truncate':
              ladder.truncate(at);
              plain.truncate(at);
              break;
            case 'restore': {
              const fresh = new PriceLadder(which);
              fresh.set(7, 7, 7);
              fresh.restore(structuredClone(ladder.snapshot()));
              ladder = fresh;
            }
          }
          expect(ladder.count).toBe(plain.levels().length);
          expect(ladder.sizeOf(at)).toBe(plain.levels().find((level) => level.ticks === at)?.lots ?? 0);
        }
        expect(ladder.levels()).toEqual(plain.levels());
        ladder.clear();
        expect([ladder.count, ladder.levels()]).toEqual([0, []]);
      }),
      { numRuns: 120 },
    );
  }, 30_000);

  test('fills a depth with its best levels and clears the rest', () => {
    fc.assert(
      fc.property(side, fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { maxLength: 200 }), (which, prices) => {
        const ladder = new PriceLadder(which);
        const depth = new Depth();
        for (let level = 0; level < TOP_LEVELS; level++) {
          depth.setBid(level, 1_000 - level, 1, 1);
          depth.setAsk(level, 2_000 + level, 1, 1);
        }
        for (const price of prices) ladder.set(price, price + 1, 2);
        ladder.fill(depth, TOP_LEVELS);
        const best = prices.toSorted((a, b) => (which === 'bid' ? b - a : a - b)).slice(0, TOP_LEVELS);
        const missing = TOP_LEVELS - best.length;
        const nothing = which === 'bid' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
        const [price, size] = which === 'bid' ? [depth.bidPrice, depth.bidSize] : [depth.askPrice, depth.askSize];
        expect([...price]).toEqual([...best, ...Array<number>(missing).fill(nothing)]);
        expect([...size]).toEqual([...best.map((ticks) => ticks + 1), ...Array<number>(missing).fill(0)]);
      }),
    );
  });
});

test('the best levels are copied as pairs, as many as are asked for', () => {
  fc.assert(
    fc.property(
      side,
      fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 1, max: 99 })), { maxLength: 400 }),
      fc.nat(250),
      (which, levels, most) => {
        const ladder = new PriceLadder(which);
        for (const [price, lots] of levels) ladder.set(price, lots, 1);
        const to = new Float64Array(2 * most + 6).fill(-1);
        const count = ladder.copy(to, 4, most);
        const best = ladder.levels().slice(0, most);
        expect(count).toBe(best.length);
        expect([...to.subarray(4, 4 + 2 * count)]).toEqual(best.flatMap(({ ticks, lots }) => [ticks, lots]));
        expect([...to.subarray(0, 4), ...to.subarray(4 + 2 * count)].every((value) => value === -1)).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});
