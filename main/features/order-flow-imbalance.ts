import { type Depth, TOP_LEVELS } from '../core/book/depth.ts';

/** Weights exp(−0.5 (m − 1)) of levels m = 1…10, as constants so that no platform computes them. */
const LEVEL_WEIGHTS: readonly number[] = [
  1, 0.6065306597126334, 0.36787944117144233, 0.22313016014842982, 0.1353352832366127, 0.0820849986238988,
  0.049787068367863944, 0.0301973834223185, 0.01831563888873418, 0.011108996538242306,
];

/**
 * Order flow imbalance at the best level and over ten levels, from the changed levels of each event.
 *
 * For each level m with bid price b, size r and ask price a, size q: ΔW = r if b rose, r − r₋₁ if equal, −r₋₁ if it fell;
 * ΔV = −q₋₁ if a rose, q − q₋₁ if equal, q if it fell; e = ΔW − ΔV. A missing level has price −∞ (bid) or +∞ (ask) and
 * size 0. Level 1 is the OFI of Cont, Kukanov, Stoikov (2014), "The Price Impact of Order Book Events"; the levels together
 * are the MLOFI of Xu, Gould, Howison (2018), here summed with weights exp(−0.5 (m − 1)) (a heuristic scalar).
 * Units: lots.
 */
export class OrderFlowImbalance {
  readonly #bidPrice = new Float64Array(TOP_LEVELS);
  readonly #bidSize = new Float64Array(TOP_LEVELS);
  readonly #askPrice = new Float64Array(TOP_LEVELS);
  readonly #askSize = new Float64Array(TOP_LEVELS);
  /** Contribution of the last event at the best level, and weighted over ten levels. */
  best = 0;
  weighted = 0;

  /** Takes the book as the new starting point without a contribution. */
  start(depth: Depth): void {
    this.#bidPrice.set(depth.bidPrice);
    this.#bidSize.set(depth.bidSize);
    this.#askPrice.set(depth.askPrice);
    this.#askSize.set(depth.askSize);
    this.best = 0;
    this.weighted = 0;
  }

  /** Computes the contributions of an event from the levels that it changed. */
  update(depth: Depth): void {
    let best = 0;
    let weighted = 0;
    for (let mask = depth.changedBids; mask !== 0; mask &= mask - 1) {
      const level = 31 - Math.clz32(mask & -mask);
      const price = depth.bidPrice[level]!;
      const size = depth.bidSize[level]!;
      const priceBefore = this.#bidPrice[level]!;
      const sizeBefore = this.#bidSize[level]!;
      const flow = price > priceBefore ? size : price === priceBefore ? size - sizeBefore : -sizeBefore;
      this.#bidPrice[level] = price;
      this.#bidSize[level] = size;
      weighted += LEVEL_WEIGHTS[level]! * flow;
      if (level === 0) best = flow;
    }
    for (let mask = depth.changedAsks; mask !== 0; mask &= mask - 1) {
      const level = 31 - Math.clz32(mask & -mask);
      const price = depth.askPrice[level]!;
      const size = depth.askSize[level]!;
      const priceBefore = this.#askPrice[level]!;
      const sizeBefore = this.#askSize[level]!;
      const flow = price > priceBefore ? -sizeBefore : price === priceBefore ? size - sizeBefore : size;
      this.#askPrice[level] = price;
      this.#askSize[level] = size;
      weighted -= LEVEL_WEIGHTS[level]! * flow;
      if (level === 0) best -= flow;
    }
    this.best = best;
    this.weighted = weighted;
  }

  snapshot(): Float64Array {
    const state = new Float64Array(4 * TOP_LEVELS + 2);
    state.set(this.#bidPrice, 0);
    state.set(this.#bidSize, TOP_LEVELS);
    state.set(this.#askPrice, 2 * TOP_LEVELS);
    state.set(this.#askSize, 3 * TOP_LEVELS);
    state[4 * TOP_LEVELS] = this.best;
    state[4 * TOP_LEVELS + 1] = this.weighted;
    return state;
  }

  restore(state: Float64Array): void {
    this.#bidPrice.set(state.subarray(0, TOP_LEVELS));
    this.#bidSize.set(state.subarray(TOP_LEVELS, 2 * TOP_LEVELS));
    this.#askPrice.set(state.subarray(2 * TOP_LEVELS, 3 * TOP_LEVELS));
    this.#askSize.set(state.subarray(3 * TOP_LEVELS, 4 * TOP_LEVELS));
    this.best = state[4 * TOP_LEVELS]!;
    this.weighted = state[4 * TOP_LEVELS + 1]!;
  }
}
