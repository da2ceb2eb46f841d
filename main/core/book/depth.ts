/** Levels a side that features, signals and the screen look at. */
export const TOP_LEVELS = 10;

/**
 * The ten best levels a side in integer ticks and lots, level 0 the best. A missing bid has price −∞, a missing ask +∞,
 * both size 0, so that order-flow formulas need no special case. Writers mark every level that they change in
 * `changedBids`/`changedAsks` (bit m = level m); the engine clears the marks when an event has been judged.
 */
export class Depth {
  readonly bidPrice = new Float64Array(TOP_LEVELS).fill(Number.NEGATIVE_INFINITY);
  readonly bidSize = new Float64Array(TOP_LEVELS);
  readonly bidOrders = new Float64Array(TOP_LEVELS);
  readonly askPrice = new Float64Array(TOP_LEVELS).fill(Number.POSITIVE_INFINITY);
  readonly askSize = new Float64Array(TOP_LEVELS);
  readonly askOrders = new Float64Array(TOP_LEVELS);
  changedBids = 0;
  changedAsks = 0;

  /** Sets one bid level and marks it when price or size differ. A level with size 0 is written by `clearBid`. */
  setBid(level: number, ticks: number, lots: number, orders: number): void {
    if (this.bidPrice[level] !== ticks || this.bidSize[level] !== lots) {
      this.bidPrice[level] = ticks;
      this.bidSize[level] = lots;
      this.changedBids |= 1 << level;
    }
    this.bidOrders[level] = orders;
  }

  /** Sets one ask level and marks it when price or size differ. */
  setAsk(level: number, ticks: number, lots: number, orders: number): void {
    if (this.askPrice[level] !== ticks || this.askSize[level] !== lots) {
      this.askPrice[level] = ticks;
      this.askSize[level] = lots;
      this.changedAsks |= 1 << level;
    }
    this.askOrders[level] = orders;
  }

  /** Sets the size of a bid level whose price stays; a missing level stays missing. */
  resizeBid(level: number, lots: number, orders: number): void {
    if (this.bidPrice[level] === Number.NEGATIVE_INFINITY) return;
    if (this.bidSize[level] !== lots) {
      this.bidSize[level] = lots;
      this.changedBids |= 1 << level;
    }
    this.bidOrders[level] = orders;
  }

  /** Sets the size of an ask level whose price stays; a missing level stays missing. */
  resizeAsk(level: number, lots: number, orders: number): void {
    if (this.askPrice[level] === Number.POSITIVE_INFINITY) return;
    if (this.askSize[level] !== lots) {
      this.askSize[level] = lots;
      this.changedAsks |= 1 << level;
    }
    this.askOrders[level] = orders;
  }

  clearBid(level: number): void {
    this.setBid(level, Number.NEGATIVE_INFINITY, 0, 0);
  }

  clearAsk(level: number): void {
    this.setAsk(level, Number.POSITIVE_INFINITY, 0, 0);
  }

  /** Empties both sides. */
  clear(): void {
    for (let level = 0; level < TOP_LEVELS; level++) {
      this.clearBid(level);
      this.clearAsk(level);
    }
  }

  /** Forgets which levels changed: the event has been judged. */
  settle(): void {
    this.changedBids = 0;
    this.changedAsks = 0;
  }

  get hasBid(): boolean {
    return this.bidSize[0]! > 0;
  }

  get hasAsk(): boolean {
    return this.askSize[0]! > 0;
  }

  /** Both sides are there. */
  get twoSided(): boolean {
    return this.bidSize[0]! > 0 && this.askSize[0]! > 0;
  }

  /** Best bid above best ask: a book that cannot be traded on and is said to be so. */
  get crossed(): boolean {
    return this.bidPrice[0]! > this.askPrice[0]!;
  }

  snapshot(): DepthSnapshot {
    return {
      bidPrice: this.bidPrice.slice(),
      bidSize: this.bidSize.slice(),
      bidOrders: this.bidOrders.slice(),
      askPrice: this.askPrice.slice(),
      askSize: this.askSize.slice(),
      askOrders: this.askOrders.slice(),
      changedBids: this.changedBids,
      changedAsks: this.changedAsks,
    };
  }

  restore(snapshot: DepthSnapshot): void {
    this.bidPrice.set(snapshot.bidPrice);
    this.bidSize.set(snapshot.bidSize);
    this.bidOrders.set(snapshot.bidOrders);
    this.askPrice.set(snapshot.askPrice);
    this.askSize.set(snapshot.askSize);
    this.askOrders.set(snapshot.askOrders);
    this.changedBids = snapshot.changedBids;
    this.changedAsks = snapshot.changedAsks;
  }
}

export interface DepthSnapshot {
  readonly bidPrice: Float64Array;
  readonly bidSize: Float64Array;
  readonly bidOrders: Float64Array;
  readonly askPrice: Float64Array;
  readonly askSize: Float64Array;
  readonly askOrders: Float64Array;
  readonly changedBids: number;
  readonly changedAsks: number;
}
