import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OrderBook, type OrderView, type RestingSnapshot } from '../../../main/core/book/order-book.ts';

/** A book as plainly as it goes: one list of orders in the order of their priority. */
class PlainBook {
  #orders: RestingSnapshot[] = [];

  add(order: RestingSnapshot): void {
    this.remove(order.key);
    this.#orders.push(order);
  }

  modify(order: RestingSnapshot): void {
    const at = this.#orders.findIndex(({ key }) => key === order.key);
    const before = this.#orders[at];
    if (order.lots <= 0) this.remove(order.key);
    else if (before?.side === order.side && before.ticks === order.ticks && order.lots <= before.lots) {
      this.#orders[at] = order;
    } else this.add(order);
  }

  cancel(key: unknown, lots: number): boolean {
    const at = this.#orders.findIndex((order) => order.key === key);
    const order = this.#orders[at];
    if (order === undefined) return false;
    if (lots >= order.lots) this.#orders.splice(at, 1);
    else this.#orders[at] = { ...order, lots: order.lots - lots };
    return true;
  }

  resize(key: unknown, lots: number): boolean {
    const order = this.#orders.find((other) => other.key === key);
    if (order === undefined) return false;
    if (lots <= 0) this.remove(key);
    else this.#orders = this.#orders.map((other) => (other === order ? { ...order, lots } : other));
    return true;
  }

  truncate(depth: number): void {
    for (const side of ['bid', 'ask'] as const) {
      const kept = this.levels(side).slice(0, depth);
      this.#orders = this.#orders.filter(
        (order) => order.side !== side || kept.some(({ ticks }) => ticks === order.ticks),
      );
    }
  }

  queue(side: string, ticks: number): readonly unknown[] {
    return this.#orders.filter((order) => order.side === side && order.ticks === ticks).map(({ key }) => key);
  }

  remove(key: unknown): void {
    this.#orders = this.#orders.filter((order) => order.key !== key);
  }

  clearSide(side: string): void {
    this.#orders = this.#orders.filter((order) => order.side !== side);
  }

  view(key: unknown): OrderView | undefined {
    const at = this.#orders.findIndex((order) => order.key === key);
    const order = this.#orders[at];
    if (order === undefined) return undefined;
    const { side, ticks, lots } = order;
    const ahead = this.#orders.slice(0, at).filter((other) => other.side === side && other.ticks === ticks);
    return {
      side,
      ticks,
      lots,
      lotsAhead: ahead.reduce((sum, other) => sum + other.lots, 0),
      ordersAhead: ahead.length,
    };
  }

  levels(side: 'bid' | 'ask') {
    const sums = new Map<number, { ticks: number; lots: number; orders: number }>();
    for (const order of this.#orders.filter((other) => other.side === side)) {
      const { lots, orders } = sums.get(order.ticks) ?? { lots: 0, orders: 0 };
      sums.set(order.ticks, { ticks: order.ticks, lots: lots + order.lots, orders: orders + 1 });
    }
    return [...sums.values()].sort((a, b) => (side === 'bid' ? b.ticks - a.ticks : a.ticks - b.ticks));
  }

  get keys(): readonly unknown[] {
    return this.#orders.map(({ key }) => key);
  }
}

const order = fc.record({
  key: fc.oneof(fc.integer({ min: 1, max: 25 }), fc.constantFrom(10_000_000_000_000_000_001n, 'OQ1')),
  side: fc.constantFrom<'bid' | 'ask'>('bid', 'ask'),
  ticks: fc.integer({ min: 1, max: 6 }),
  lots: fc.integer({ min: 1, max: 9 }),
});
const action = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('add' as const), order) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('modify' as const), order) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('cancel' as const), order) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('modify to nothing' as const), order) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('clear side' as const), order) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('resize' as const), order) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('resize to nothing' as const), order) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('truncate' as const), order) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('restore' as const), order) },
);

/** Keys at a price, oldest first. */
function queueOf(book: OrderBook, side: 'bid' | 'ask', ticks: number): readonly unknown[] {
  const keys: unknown[] = [];
  for (let order = book.oldest(side, ticks); order !== undefined; order = order.after) keys.push(order.key);
  return keys;
}

describe('a book by order', () => {
  test('has the levels, and every order the place in its queue, that a plain list has', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 120, size: 'max' }), (actions) => {
        let book = new OrderBook();
        const plain = new PlainBook();
        for (const [what, { key, side, ticks, lots }] of actions) {
          switch (what) {
            case 'add':
              book.add(key, side, ticks, lots);
              plain.add({ key, side, ticks, lots });
              break;
            case 'modify':
              book.modify(key, side, ticks, lots);
              plain.modify({ key, side, ticks, lots });
              break;
            case 'modify to nothing':
              book.modify(key, side, ticks, 0);
              plain.modify({ key, side, ticks, lots: 0 });
              break;
            case 'cancel':
              expect(book.cancel(key, lots)).toBe(plain.cancel(key, lots));
              break;
            case 'clear side':
              book.clearSide(side);
              plain.clearSide(side);
              break;
            case 'resize':
              expect(book.resize(key, lots)).toBe(plain.resize(key, lots));
              break;
            case 'resize to nothing':
              expect(book.resize(key, 0)).toBe(plain.resize(key, 0));
              break;
            case 'truncate':
              book.truncate(ticks);
              plain.truncate(ticks);
              break;
            case 'restore': {
              const fresh = new OrderBook();
              fresh.add('old', 'bid', 1, 1);
              fresh.restore(structuredClone(book.snapshot()));
              book = fresh;
            }
          }
          expect(book.orderCount).toBe(plain.keys.length);
          expect(book.order(key)).toEqual(plain.view(key));
          expect(queueOf(book, side, ticks)).toEqual(plain.queue(side, ticks));
          expect(book.bids.worst).toBe(plain.levels('bid').at(-1)?.ticks ?? Number.NaN);
        }
        for (const key of plain.keys) expect(book.order(key as number)).toEqual(plain.view(key));
        expect(book.bids.levels()).toEqual(plain.levels('bid'));
        expect(book.asks.levels()).toEqual(plain.levels('ask'));
        book.clear();
        expect([book.orderCount, book.bids.count, book.asks.count]).toEqual([0, 0, 0]);
      }),
      { numRuns: 200 },
    );
  }, 30_000);

  test('a larger size or another price goes to the back of the queue, a smaller size keeps its place', () => {
    const book = new OrderBook();
    for (const key of [1, 2, 3]) book.add(key, 'bid', 100, 5);
    book.modify(1, 'bid', 100, 3);
    expect(book.order(1)).toMatchObject({ lots: 3, lotsAhead: 0 });
    book.modify(1, 'bid', 100, 4);
    expect(book.order(1)).toMatchObject({ lots: 4, lotsAhead: 10, ordersAhead: 2 });
    book.modify(2, 'bid', 101, 5);
    book.modify(2, 'bid', 100, 5);
    expect(book.order(2)).toMatchObject({ lotsAhead: 9, ordersAhead: 2 });
  });
});
