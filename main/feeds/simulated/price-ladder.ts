/** Levels a side that a depth image shows. */
export const SHOWN_LEVELS = 10;
/** Numbers of one level in an image (see DbnRecordWriter.mbp10): bid and ask price, lots and orders. */
export const LEVEL_NUMBERS = 6;
/** Prices that the arrays hold; a day's range is a few hundred ticks. */
const SPAN = 8192;
/** Nearer to the edge than this the arrays are moved under the price. */
const MARGIN = 256;

export interface LadderSnapshot {
  readonly size: Int32Array;
  readonly count: Int32Array;
  readonly origin: number;
  readonly bid: number;
  readonly ask: number;
}

/**
 * A book indexed by price: lots and orders at every tick, bids at and below `bid`, asks at and above `ask`, nothing in
 * between. Levels stay remembered when they leave the ten that are shown. All prices are ticks.
 */
export class PriceLadder {
  bid: number;
  ask: number;
  readonly #tickNano: number;
  #origin: number;
  readonly #size = new Int32Array(SPAN);
  readonly #count = new Int32Array(SPAN);

  constructor(bid: number, tickNano: number) {
    this.bid = bid;
    this.ask = bid + 1;
    this.#tickNano = tickNano;
    this.#origin = bid - SPAN / 2;
  }

  size(price: number): number {
    return this.#size[price - this.#origin]!;
  }

  count(price: number): number {
    return this.#count[price - this.#origin]!;
  }

  set(price: number, size: number, count: number): void {
    const at = price - this.#origin;
    this.#size[at] = size;
    this.#count[at] = size === 0 ? 0 : count < 1 ? 1 : count > size ? size : count;
  }

  /** Price of the level at a depth from the best. */
  priceAt(isBid: boolean, depth: number): number {
    return isBid ? this.bid - depth : this.ask + depth;
  }

  /** Fills the 60 numbers of a depth image (see DbnRecordWriter.mbp10): prices in 1e-9 units, lots, orders. */
  image(levels: Float64Array): void {
    const size = this.#size;
    const count = this.#count;
    let bidAt = this.bid - this.#origin;
    let askAt = this.ask - this.#origin;
    let bidNano = this.bid * this.#tickNano;
    let askNano = this.ask * this.#tickNano;
    for (let at = 0; at < SHOWN_LEVELS * LEVEL_NUMBERS; at += LEVEL_NUMBERS) {
      levels[at] = bidNano;
      levels[at + 1] = askNano;
      levels[at + 2] = size[bidAt]!;
      levels[at + 3] = size[askAt]!;
      levels[at + 4] = count[bidAt]!;
      levels[at + 5] = count[askAt]!;
      bidNano -= this.#tickNano;
      askNano += this.#tickNano;
      bidAt--;
      askAt++;
    }
  }

  /** Moves the arrays under the price when it has wandered near their edge; far levels that fall off are forgotten. */
  recentre(): void {
    const at = this.bid - this.#origin;
    if (at > MARGIN && at < SPAN - MARGIN) return;
    const shift = at - SPAN / 2;
    for (const array of [this.#size, this.#count]) {
      if (shift > 0) {
        array.copyWithin(0, shift);
        array.fill(0, SPAN - shift);
      } else {
        array.copyWithin(-shift, 0);
        array.fill(0, 0, -shift);
      }
    }
    this.#origin += shift;
  }

  snapshot(): LadderSnapshot {
    return {
      size: this.#size.slice(),
      count: this.#count.slice(),
      origin: this.#origin,
      bid: this.bid,
      ask: this.ask,
    };
  }

  restore(snapshot: LadderSnapshot): void {
    this.#size.set(snapshot.size);
    this.#count.set(snapshot.count);
    this.#origin = snapshot.origin;
    this.bid = snapshot.bid;
    this.ask = snapshot.ask;
  }
}
