import { type Depth, TOP_LEVELS } from '../core/book/depth.ts';
import type { ExponentialDecay } from '../core/exponential-decay.ts';
import type { Market } from '../core/market.ts';
import type { LevelFlowSink } from '../core/ports.ts';

/** Distinct prices of pending trades that are kept between two changes of a side; later ones join the last. */
const PENDING = 32;

/**
 * Cancelled over added size of one side, from the differences between ten-level images (a heuristic: adds and cancels
 * inside one update net out, so both are lower bounds; exact counts need orders).
 *
 * For a price p that is visible before and after: net = size after − size before + volume traded against this side at p
 * since its last change; adds grow by max(net, 0), cancels by max(−net, 0). A price counts only when no tenth level hides
 * it in either image. Both sums decay with τ and are combined when they change. Units: lots.
 */
export class CancelToAdd {
  readonly #decay: ExponentialDecay;
  readonly #sink: LevelFlowSink | undefined;
  /** +1 for bids, −1 for asks: prices times sign fall from level to level. */
  readonly #sign: 1 | -1;
  readonly #price = new Float64Array(TOP_LEVELS);
  readonly #size = new Float64Array(TOP_LEVELS);
  readonly #tradePrice = new Float64Array(PENDING);
  readonly #tradeLots = new Float64Array(PENDING);
  #tradeCount = 0;
  #adds = 0;
  #cancels = 0;
  #atUs = 0;
  /** Cancels over adds; absent before anything was added. */
  ratio = Number.NaN;

  /**
   * @param decay time constant over which adds and cancels are weighed (10 s)
   * @param sink is told every add and cancel with its price
   */
  constructor(side: 'bid' | 'ask', decay: ExponentialDecay, sink?: LevelFlowSink) {
    this.#sign = side === 'bid' ? 1 : -1;
    this.#decay = decay;
    this.#sink = sink;
    this.#price.fill(Number.NEGATIVE_INFINITY);
  }

  /** Remembers volume that traded against this side until the book shows it. */
  onTrade(ticks: number, lots: number): void {
    const price = ticks * this.#sign;
    for (let i = 0; i < this.#tradeCount; i++) {
      if (this.#tradePrice[i] === price) {
        this.#tradeLots[i] = this.#tradeLots[i]! + lots;
        return;
      }
    }
    if (this.#tradeCount < PENDING) this.#tradeCount++;
    this.#tradePrice[this.#tradeCount - 1] = price;
    this.#tradeLots[this.#tradeCount - 1] = lots;
  }

  /** Takes the book as the new starting point without counting a difference. */
  start(depth: Depth): void {
    this.#copy(depth, 0);
    this.#tradeCount = 0;
  }

  /** Counts the differences of an event that changed this side. @param changed bit mask of changed levels, not 0 */
  update(market: Market, changed: number): void {
    // Volume that traded at a price whose size stayed was refilled: then every level counts, not only the changed ones.
    if (this.#tradeCount > 0) {
      this.#walk(market, 0, 0, 0);
      return;
    }
    const depth = market.depth;
    const sign = this.#sign;
    const prices = sign === 1 ? depth.bidPrice : depth.askPrice;
    const sizes = sign === 1 ? depth.bidSize : depth.askSize;
    let adds = 0;
    let cancels = 0;
    for (let mask = changed; mask !== 0; mask &= mask - 1) {
      const level = 31 - Math.clz32(mask & -mask);
      const price = prices[level]! * sign;
      if (price !== this.#price[level]) {
        this.#walk(market, level, adds, cancels);
        return;
      }
      const net = sizes[level]! - this.#size[level]!;
      this.#size[level] = sizes[level]!;
      if (net > 0) adds += net;
      else cancels -= net;
      if (this.#sink !== undefined && net !== 0) this.#sink.onLevelFlow(market, sign, price * sign, net);
    }
    this.#add(market, adds, cancels);
  }

  snapshot(): CancelToAddSnapshot {
    return {
      price: this.#price.slice(),
      size: this.#size.slice(),
      tradePrice: this.#tradePrice.slice(0, this.#tradeCount),
      tradeLots: this.#tradeLots.slice(0, this.#tradeCount),
      sums: [this.#adds, this.#cancels, this.#atUs],
    };
  }

  restore(snapshot: CancelToAddSnapshot): void {
    this.#price.set(snapshot.price);
    this.#size.set(snapshot.size);
    this.#tradePrice.set(snapshot.tradePrice);
    this.#tradeLots.set(snapshot.tradeLots);
    this.#tradeCount = snapshot.tradePrice.length;
    [this.#adds, this.#cancels, this.#atUs] = snapshot.sums;
    this.ratio = this.#adds > 0 ? this.#cancels / this.#adds : Number.NaN;
  }

  /** Walks down both images from a level on, above which `adds` and `cancels` were counted. */
  #walk(market: Market, first: number, adds: number, cancels: number): void {
    const depth = market.depth;
    const sign = this.#sign;
    const sink = this.#sink;
    const prices = sign === 1 ? depth.bidPrice : depth.askPrice;
    const sizes = sign === 1 ? depth.bidSize : depth.askSize;
    const hiddenBefore = this.#size[TOP_LEVELS - 1]! > 0 ? this.#price[TOP_LEVELS - 1]! : Number.NEGATIVE_INFINITY;
    const hiddenAfter = sizes[TOP_LEVELS - 1]! > 0 ? prices[TOP_LEVELS - 1]! * sign : Number.NEGATIVE_INFINITY;
    const hidden = hiddenBefore > hiddenAfter ? hiddenBefore : hiddenAfter;
    let before = first;
    let after = first;
    while (before < TOP_LEVELS || after < TOP_LEVELS) {
      const priceBefore = before < TOP_LEVELS ? this.#price[before]! : Number.NEGATIVE_INFINITY;
      const priceAfter = after < TOP_LEVELS ? prices[after]! * sign : Number.NEGATIVE_INFINITY;
      const price = priceBefore > priceAfter ? priceBefore : priceAfter;
      if (price < hidden || price === Number.NEGATIVE_INFINITY) break;
      let net = this.#tradeCount === 0 ? 0 : this.#traded(price);
      if (priceAfter === price) net += sizes[after++]!;
      if (priceBefore === price) net -= this.#size[before++]!;
      if (net > 0) adds += net;
      else cancels -= net;
      if (sink !== undefined && net !== 0) sink.onLevelFlow(market, sign, price * sign, net);
    }
    this.#tradeCount = 0;
    this.#copy(depth, first);
    this.#add(market, adds, cancels);
  }

  #add(market: Market, adds: number, cancels: number): void {
    if (adds === 0 && cancels === 0) return;
    const elapsedUs = market.tsEventUs - this.#atUs;
    const fade = elapsedUs > 0 ? this.#decay.factor(elapsedUs) : 1;
    this.#adds = this.#adds * fade + adds;
    this.#cancels = this.#cancels * fade + cancels;
    this.#atUs = market.tsEventUs;
    this.ratio = this.#adds > 0 ? this.#cancels / this.#adds : Number.NaN;
  }

  #traded(price: number): number {
    for (let i = 0; i < this.#tradeCount; i++) if (this.#tradePrice[i] === price) return this.#tradeLots[i]!;
    return 0;
  }

  #copy(depth: Depth, from: number): void {
    const prices = this.#sign === 1 ? depth.bidPrice : depth.askPrice;
    const sizes = this.#sign === 1 ? depth.bidSize : depth.askSize;
    for (let level = from; level < TOP_LEVELS; level++) {
      this.#price[level] = prices[level]! * this.#sign;
      this.#size[level] = sizes[level]!;
    }
  }
}

export interface CancelToAddSnapshot {
  readonly price: Float64Array;
  readonly size: Float64Array;
  readonly tradePrice: Float64Array;
  readonly tradeLots: Float64Array;
  readonly sums: readonly [number, number, number];
}
