import type { DeepBook } from './deep-book.ts';
import { type Depth, TOP_LEVELS } from './depth.ts';
import { PriceLadder } from './price-ladder.ts';

/** Order id as the venue gives it: a number where it is exact, else bigint or text. */
export type OrderKey = number | bigint | string;

export type BookSide = 'bid' | 'ask';

const SIDES = ['bid', 'ask'] as const;

/** A resting order in its queue; `before`/`after` are its neighbours in time priority. */
interface Resting {
  key: OrderKey;
  side: BookSide;
  ticks: number;
  lots: number;
  before: Resting | undefined;
  after: Resting | undefined;
  queue: Queue | undefined;
}

/** The queue at one price: oldest order first. */
interface Queue {
  first: Resting | undefined;
  last: Resting | undefined;
}

/** A resting order as its queue shows it; valid until the book changes. */
export interface QueuedOrder {
  readonly key: OrderKey;
  readonly ticks: number;
  readonly lots: number;
  /** The next younger order at this price. */
  readonly after: QueuedOrder | undefined;
}

/** What the book knows of one order. */
export interface OrderView {
  readonly side: BookSide;
  readonly ticks: number;
  readonly lots: number;
  /** Lots that trade before it at its price, and orders that hold them. */
  readonly lotsAhead: number;
  readonly ordersAhead: number;
}

/** One order of a snapshot, in queue order within its price. */
export interface RestingSnapshot {
  readonly key: OrderKey;
  readonly side: BookSide;
  readonly ticks: number;
  readonly lots: number;
}

/**
 * A book by order (L3, market by order) with exact queue positions, which also yields price levels. Semantics after
 * Databento's MBO: a modify that changes the price or enlarges the size goes to the back of the queue, one that only
 * shrinks it keeps its place; a cancel takes its size off the order; trades and fills never change the book by themselves.
 */
export class OrderBook implements DeepBook {
  readonly bids = new PriceLadder('bid');
  readonly asks = new PriceLadder('ask');
  readonly #orders = new Map<OrderKey, Resting>();
  readonly #bidQueues = new Map<number, Queue>();
  readonly #askQueues = new Map<number, Queue>();
  readonly #spareOrders: Resting[] = [];
  readonly #spareQueues: Queue[] = [];

  /** Resting orders. */
  get orderCount(): number {
    return this.#orders.size;
  }

  /** Adds an order at the back of its queue. An id that is already there is replaced: the venue's word is newer. */
  add(key: OrderKey, side: BookSide, ticks: number, lots: number): void {
    if (this.#orders.has(key)) this.remove(key);
    const order = this.#spareOrders.pop() ?? blankOrder();
    order.key = key;
    order.side = side;
    order.ticks = ticks;
    order.lots = lots;
    this.#orders.set(key, order);
    this.#enqueue(order);
    this.#ladder(side).add(ticks, lots, 1);
  }

  /** Changes price or size of an order; an unknown id is added, as Databento's documentation says for modifies. */
  modify(key: OrderKey, side: BookSide, ticks: number, lots: number): void {
    const order = this.#orders.get(key);
    if (order === undefined || order.side !== side) {
      if (lots > 0) this.add(key, side, ticks, lots);
      else this.remove(key);
      return;
    }
    if (lots <= 0) {
      this.remove(key);
      return;
    }
    const ladder = this.#ladder(side);
    if (order.ticks !== ticks) {
      ladder.add(order.ticks, -order.lots, -1);
      this.#dequeue(order);
      order.ticks = ticks;
      order.lots = lots;
      this.#enqueue(order);
      ladder.add(ticks, lots, 1);
      return;
    }
    if (lots > order.lots) {
      this.#dequeue(order);
      this.#enqueue(order);
    }
    ladder.add(ticks, lots - order.lots, 0);
    order.lots = lots;
  }

  /**
   * Changes the size of an order, which keeps its place in the queue whatever the size: venues that tell a loss of priority
   * as an order taken away and added mean this by a modify. False when there is no such order.
   */
  resize(key: OrderKey, lots: number): boolean {
    const order = this.#orders.get(key);
    if (order === undefined) return false;
    if (lots <= 0) {
      this.remove(key);
      return true;
    }
    this.#ladder(order.side).add(order.ticks, lots - order.lots, 0);
    order.lots = lots;
    return true;
  }

  /** Takes lots off an order; the order goes when nothing is left. An unknown id is ignored and reported as false. */
  cancel(key: OrderKey, lots: number): boolean {
    const order = this.#orders.get(key);
    if (order === undefined) return false;
    if (lots >= order.lots) {
      this.remove(key);
      return true;
    }
    order.lots -= lots;
    this.#ladder(order.side).add(order.ticks, -lots, 0);
    return true;
  }

  /** Removes an order whatever its size. */
  remove(key: OrderKey): void {
    const order = this.#orders.get(key);
    if (order === undefined) return;
    this.#ladder(order.side).add(order.ticks, -order.lots, -1);
    this.#dequeue(order);
    this.#orders.delete(key);
    this.#spareOrders.push(order);
  }

  clear(): void {
    for (const order of this.#orders.values()) {
      this.#dequeue(order);
      this.#spareOrders.push(order);
    }
    this.#orders.clear();
    this.bids.clear();
    this.asks.clear();
  }

  /** Removes every order of one side. */
  clearSide(side: BookSide): void {
    for (const order of [...this.#orders.values()]) if (order.side === side) this.remove(order.key);
  }

  /** Removes every order beyond the best `depth` prices of each side: feeds of limited depth leave ghosts behind otherwise. */
  truncate(depth: number): void {
    for (const side of SIDES) {
      const ladder = this.#ladder(side);
      while (ladder.count > depth) {
        for (let order = this.oldest(side, ladder.worst); order !== undefined; ) {
          const { key, after } = order;
          this.remove(key);
          order = after;
        }
      }
    }
  }

  /** The order that trades first at a price, or undefined when none rests there. */
  oldest(side: BookSide, ticks: number): QueuedOrder | undefined {
    return this.#queues(side).get(ticks)?.first;
  }

  /** Where an order rests, without counting what is before it. */
  placeOf(key: OrderKey): { readonly side: BookSide; readonly ticks: number } | undefined {
    return this.#orders.get(key);
  }

  /** An order with its exact place in the queue, or undefined when it does not rest here. */
  order(key: OrderKey): OrderView | undefined {
    const order = this.#orders.get(key);
    if (order === undefined) return undefined;
    let lotsAhead = 0;
    let ordersAhead = 0;
    for (let other = order.before; other !== undefined; other = other.before) {
      lotsAhead += other.lots;
      ordersAhead++;
    }
    return { side: order.side, ticks: order.ticks, lots: order.lots, lotsAhead, ordersAhead };
  }

  /** Writes the ten best levels a side into `depth`, which marks what changed. */
  fill(depth: Depth): void {
    this.bids.fill(depth, TOP_LEVELS);
    this.asks.fill(depth, TOP_LEVELS);
  }

  copyBids(to: Float64Array, at: number, most: number): number {
    return this.bids.copy(to, at, most);
  }

  copyAsks(to: Float64Array, at: number, most: number): number {
    return this.asks.copy(to, at, most);
  }

  /** Every order, oldest first within its price, best price first within its side. */
  snapshot(): readonly RestingSnapshot[] {
    const rows: RestingSnapshot[] = [];
    for (const side of SIDES) {
      const ladder = this.#ladder(side);
      for (const { ticks } of ladder.levels()) {
        const queue = this.#queues(side).get(ticks);
        for (let order = queue?.first; order !== undefined; order = order.after) {
          rows.push({ key: order.key, side, ticks: order.ticks, lots: order.lots });
        }
      }
    }
    return rows;
  }

  restore(rows: readonly RestingSnapshot[]): void {
    this.clear();
    for (const row of rows) this.add(row.key, row.side, row.ticks, row.lots);
  }

  #ladder(side: BookSide): PriceLadder {
    return side === 'bid' ? this.bids : this.asks;
  }

  #queues(side: BookSide): Map<number, Queue> {
    return side === 'bid' ? this.#bidQueues : this.#askQueues;
  }

  #enqueue(order: Resting): void {
    const queues = this.#queues(order.side);
    let queue = queues.get(order.ticks);
    if (queue === undefined) {
      queue = this.#spareQueues.pop() ?? { first: undefined, last: undefined };
      queues.set(order.ticks, queue);
    }
    order.queue = queue;
    order.after = undefined;
    order.before = queue.last;
    if (queue.last === undefined) queue.first = order;
    else queue.last.after = order;
    queue.last = order;
  }

  #dequeue(order: Resting): void {
    const queue = order.queue;
    if (queue === undefined) throw new Error(`order ${String(order.key)} rests in no queue`);
    if (order.before === undefined) queue.first = order.after;
    else order.before.after = order.after;
    if (order.after === undefined) queue.last = order.before;
    else order.after.before = order.before;
    order.before = undefined;
    order.after = undefined;
    order.queue = undefined;
    if (queue.first === undefined) {
      this.#queues(order.side).delete(order.ticks);
      this.#spareQueues.push(queue);
    }
  }
}

function blankOrder(): Resting {
  return { key: 0, side: 'bid', ticks: 0, lots: 0, before: undefined, after: undefined, queue: undefined };
}
