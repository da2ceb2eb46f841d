import type { Depth } from './depth.ts';

/** Levels in one block; a full block is cut in two. */
const BLOCK = 64;

/** A run of neighbouring levels, worst first. */
interface Block {
  readonly price: Float64Array;
  readonly size: Float64Array;
  readonly orders: Float64Array;
  count: number;
}

/**
 * One side of a book as a sorted list of blocks of price levels, the best at the end: most changes of a market happen near
 * the inside and are found there at once, and a change anywhere moves no more than a block. Prices are ticks, sizes lots.
 */
export class PriceLadder {
  readonly #sign: 1 | -1;
  readonly #blocks: Block[] = [newBlock()];
  readonly #spare: Block[] = [];
  #count = 0;

  /** @param side bids improve upwards, asks downwards */
  constructor(side: 'bid' | 'ask') {
    this.#sign = side === 'bid' ? 1 : -1;
  }

  /** Levels held. */
  get count(): number {
    return this.#count;
  }

  /** Price of the worst level, NaN when there is none. */
  get worst(): number {
    return this.#count === 0 ? Number.NaN : this.#blocks[0]!.price[0]! * this.#sign;
  }

  /** Size at a price, 0 when there is no such level. */
  sizeOf(ticks: number): number {
    const key = ticks * this.#sign;
    const block = this.#blocks[this.#blockOf(key)]!;
    const at = slotOf(block, key);
    return at < block.count && block.price[at] === key ? block.size[at]! : 0;
  }

  /** Sets size and orders of a level; 0 lots removes it, and removing what is not there does nothing. */
  set(ticks: number, lots: number, orders: number): void {
    const key = ticks * this.#sign;
    const index = this.#blockOf(key);
    const block = this.#blocks[index]!;
    const at = slotOf(block, key);
    if (at < block.count && block.price[at] === key) {
      if (lots > 0) {
        block.size[at] = lots;
        block.orders[at] = orders;
      } else {
        this.#close(index, at);
      }
    } else if (lots > 0) {
      this.#open(index, at, key, lots, orders);
    }
  }

  /** Adds lots and orders (may be negative) to a level; the level goes when its lots reach 0. */
  add(ticks: number, lots: number, orders: number): void {
    const key = ticks * this.#sign;
    const index = this.#blockOf(key);
    const block = this.#blocks[index]!;
    const at = slotOf(block, key);
    if (at < block.count && block.price[at] === key) {
      const size = block.size[at]! + lots;
      if (size > 0) {
        block.size[at] = size;
        block.orders[at] = block.orders[at]! + orders;
      } else {
        this.#close(index, at);
      }
    } else if (lots > 0) {
      this.#open(index, at, key, lots, orders);
    }
  }

  /** Keeps the best `depth` levels: feeds of limited depth leave ghosts behind otherwise. */
  truncate(depth: number): void {
    while (this.#count > depth) {
      const surplus = this.#count - depth;
      const block = this.#blocks[0]!;
      if (block.count <= surplus && this.#blocks.length > 1) {
        this.#count -= block.count;
        this.#retire(0);
        continue;
      }
      for (const values of [block.price, block.size, block.orders]) values.copyWithin(0, surplus, block.count);
      block.count -= surplus;
      this.#count = depth;
    }
  }

  clear(): void {
    while (this.#blocks.length > 1) this.#retire(0);
    this.#blocks[0]!.count = 0;
    this.#count = 0;
  }

  /** Writes the best levels into the bids or asks of a depth, which marks what changed; missing ones are cleared. */
  fill(depth: Depth, levels: number): void {
    let index = this.#blocks.length - 1;
    let block = this.#blocks[index]!;
    let at = block.count - 1;
    for (let rank = 0; rank < levels; rank++) {
      while (at < 0 && index > 0) {
        block = this.#blocks[--index]!;
        at = block.count - 1;
      }
      if (this.#sign === 1) {
        if (at < 0) depth.clearBid(rank);
        else depth.setBid(rank, block.price[at]!, block.size[at]!, block.orders[at]!);
      } else if (at < 0) {
        depth.clearAsk(rank);
      } else {
        depth.setAsk(rank, -block.price[at]!, block.size[at]!, block.orders[at]!);
      }
      at--;
    }
  }

  /** Writes the best levels, best first, as [ticks, lots] pairs from `at` on. @returns how many, at most `most` */
  copy(to: Float64Array, at: number, most: number): number {
    let left = Math.min(most, this.#count);
    let next = at;
    for (let index = this.#blocks.length - 1; left > 0; index--) {
      const { price, size, count } = this.#blocks[index]!;
      for (let slot = count - 1; slot >= 0 && left > 0; slot--, left--) {
        to[next++] = price[slot]! * this.#sign;
        to[next++] = size[slot]!;
      }
    }
    return (next - at) / 2;
  }

  /** Every level, best first. Allocates: not for hot code. */
  levels(): readonly { readonly ticks: number; readonly lots: number; readonly orders: number }[] {
    const rows: { ticks: number; lots: number; orders: number }[] = [];
    for (const block of this.#blocks.toReversed()) {
      for (let at = block.count - 1; at >= 0; at--) {
        rows.push({ ticks: block.price[at]! * this.#sign, lots: block.size[at]!, orders: block.orders[at]! });
      }
    }
    return rows;
  }

  snapshot(): PriceLadderSnapshot {
    const rows = this.levels();
    return {
      ticks: Float64Array.from(rows, (row) => row.ticks),
      lots: Float64Array.from(rows, (row) => row.lots),
      orders: Float64Array.from(rows, (row) => row.orders),
    };
  }

  restore(snapshot: PriceLadderSnapshot): void {
    this.clear();
    for (let i = snapshot.ticks.length - 1; i >= 0; i--)
      this.set(snapshot.ticks[i]!, snapshot.lots[i]!, snapshot.orders[i]!);
  }

  /** Index of the block that holds the key or should: the last one whose first price is not beyond it. */
  #blockOf(key: number): number {
    const blocks = this.#blocks;
    let high = blocks.length - 1;
    if (high === 0 || key >= blocks[high]!.price[0]!) return high;
    let low = 0;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (blocks[middle]!.price[0]! <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #open(index: number, slot: number, key: number, lots: number, orders: number): void {
    let block = this.#blocks[index]!;
    let at = slot;
    if (block.count === BLOCK) {
      const upper = this.#spare.pop() ?? newBlock();
      const half = BLOCK / 2;
      upper.price.set(block.price.subarray(half));
      upper.size.set(block.size.subarray(half));
      upper.orders.set(block.orders.subarray(half));
      upper.count = BLOCK - half;
      block.count = half;
      this.#blocks.splice(index + 1, 0, upper);
      if (at > half) {
        block = upper;
        at -= half;
      }
    }
    for (let i = block.count; i > at; i--) {
      block.price[i] = block.price[i - 1]!;
      block.size[i] = block.size[i - 1]!;
      block.orders[i] = block.orders[i - 1]!;
    }
    block.price[at] = key;
    block.size[at] = lots;
    block.orders[at] = orders;
    block.count++;
    this.#count++;
  }

  #close(index: number, at: number): void {
    const block = this.#blocks[index]!;
    block.count--;
    this.#count--;
    for (let i = at; i < block.count; i++) {
      block.price[i] = block.price[i + 1]!;
      block.size[i] = block.size[i + 1]!;
      block.orders[i] = block.orders[i + 1]!;
    }
    if (block.count === 0 && this.#blocks.length > 1) this.#retire(index);
  }

  #retire(index: number): void {
    const [block] = this.#blocks.splice(index, 1);
    block!.count = 0;
    this.#spare.push(block!);
  }
}

export interface PriceLadderSnapshot {
  /** Best first. */
  readonly ticks: Float64Array;
  readonly lots: Float64Array;
  readonly orders: Float64Array;
}

function newBlock(): Block {
  return { price: new Float64Array(BLOCK), size: new Float64Array(BLOCK), orders: new Float64Array(BLOCK), count: 0 };
}

/** First slot of a block whose price is not below the key; `count` when there is none. */
function slotOf(block: Block, key: number): number {
  const price = block.price;
  let high = block.count;
  for (let probe = 0; probe < 4; probe++) {
    if (high === 0 || price[high - 1]! < key) return high;
    high--;
  }
  let low = 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (price[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
