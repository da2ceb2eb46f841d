/**
 * One side of a book as a sorted array of price levels with the best at the end: most changes of a market happen near the
 * inside, so an insertion moves only the few levels that are better. Prices are ticks, sizes lots.
 */
export class PriceLadder {
  readonly #sign: 1 | -1;
  #price = new Float64Array(64);
  #size = new Float64Array(64);
  #orders = new Float64Array(64);
  #count = 0;

  /** @param side bids improve upwards, asks downwards */
  constructor(side: 'bid' | 'ask') {
    this.#sign = side === 'bid' ? 1 : -1;
  }

  /** Levels held. */
  get count(): number {
    return this.#count;
  }

  /** Price of the level with this rank, 0 = best; the caller checks `count`. */
  priceAt(rank: number): number {
    return this.#price[this.#count - 1 - rank]! * this.#sign;
  }

  sizeAt(rank: number): number {
    return this.#size[this.#count - 1 - rank]!;
  }

  ordersAt(rank: number): number {
    return this.#orders[this.#count - 1 - rank]!;
  }

  /** Size at a price, 0 when there is no such level. */
  sizeOf(ticks: number): number {
    const at = this.#find(ticks * this.#sign);
    return at < 0 ? 0 : this.#size[at]!;
  }

  /**
   * Sets the size of a level; 0 removes it. Returns its rank (0 = best), or −1 when a removal found nothing.
   */
  set(ticks: number, lots: number, orders: number): number {
    const key = ticks * this.#sign;
    const at = this.#find(key);
    if (at >= 0) {
      if (lots > 0) {
        this.#size[at] = lots;
        this.#orders[at] = orders;
        return this.#count - 1 - at;
      }
      const rank = this.#count - 1 - at;
      this.#close(at);
      return rank;
    }
    if (lots <= 0) return -1;
    const slot = -at - 1;
    this.#open(slot);
    this.#price[slot] = key;
    this.#size[slot] = lots;
    this.#orders[slot] = orders;
    return this.#count - 1 - slot;
  }

  /** Adds lots and orders (may be negative) to a level; the level goes when its lots reach 0. */
  add(ticks: number, lots: number, orders: number): void {
    const key = ticks * this.#sign;
    const at = this.#find(key);
    if (at >= 0) {
      const size = this.#size[at]! + lots;
      if (size > 0) {
        this.#size[at] = size;
        this.#orders[at] = this.#orders[at]! + orders;
      } else {
        this.#close(at);
      }
      return;
    }
    if (lots <= 0) return;
    const slot = -at - 1;
    this.#open(slot);
    this.#price[slot] = key;
    this.#size[slot] = lots;
    this.#orders[slot] = orders;
  }

  /** Keeps the best `depth` levels: feeds of limited depth leave ghosts behind otherwise. */
  truncate(depth: number): void {
    const surplus = this.#count - depth;
    if (surplus <= 0) return;
    this.#price.copyWithin(0, surplus, this.#count);
    this.#size.copyWithin(0, surplus, this.#count);
    this.#orders.copyWithin(0, surplus, this.#count);
    this.#count = depth;
  }

  clear(): void {
    this.#count = 0;
  }

  snapshot(): PriceLadderSnapshot {
    return {
      price: this.#price.slice(0, this.#count),
      size: this.#size.slice(0, this.#count),
      orders: this.#orders.slice(0, this.#count),
    };
  }

  restore(snapshot: PriceLadderSnapshot): void {
    this.#count = 0;
    this.#reserve(snapshot.price.length);
    this.#price.set(snapshot.price);
    this.#size.set(snapshot.size);
    this.#orders.set(snapshot.orders);
    this.#count = snapshot.price.length;
  }

  /** Index of the key, or −(insertion index) − 1. */
  #find(key: number): number {
    const price = this.#price;
    let high = this.#count - 1;
    let low = 0;
    for (let probe = 0; probe < 8 && high >= 0; probe++, high--) {
      const here = price[high]!;
      if (here === key) return high;
      if (here < key) return -high - 2;
    }
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const here = price[middle]!;
      if (here === key) return middle;
      if (here < key) low = middle + 1;
      else high = middle - 1;
    }
    return -low - 1;
  }

  #open(slot: number): void {
    this.#reserve(this.#count + 1);
    for (let i = this.#count; i > slot; i--) {
      this.#price[i] = this.#price[i - 1]!;
      this.#size[i] = this.#size[i - 1]!;
      this.#orders[i] = this.#orders[i - 1]!;
    }
    this.#count++;
  }

  #close(at: number): void {
    this.#count--;
    for (let i = at; i < this.#count; i++) {
      this.#price[i] = this.#price[i + 1]!;
      this.#size[i] = this.#size[i + 1]!;
      this.#orders[i] = this.#orders[i + 1]!;
    }
  }

  #reserve(count: number): void {
    if (count <= this.#price.length) return;
    let capacity = this.#price.length;
    while (capacity < count) capacity *= 2;
    this.#price = grown(this.#price, capacity);
    this.#size = grown(this.#size, capacity);
    this.#orders = grown(this.#orders, capacity);
  }
}

export interface PriceLadderSnapshot {
  readonly price: Float64Array;
  readonly size: Float64Array;
  readonly orders: Float64Array;
}

function grown(values: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity);
  larger.set(values);
  return larger;
}
