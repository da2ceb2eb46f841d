import { exp } from './numeric.ts';

const STEP_BITS = 10;
const STEPS = 1 << STEP_BITS;
const REACH_US = STEPS << STEP_BITS;

/**
 * exp(−Δt/τ) for integer microseconds: two table look-ups and a multiplication up to about one second, `core/numeric`'s
 * exp beyond. Exact to a few units in the last place and the same on every machine.
 */
export class ExponentialDecay {
  readonly tauUs: number;
  readonly #fine = new Float64Array(STEPS);
  readonly #coarse = new Float64Array(STEPS);

  /** @param tauUs time constant in microseconds (half-life = τ ln 2) */
  constructor(tauUs: number) {
    this.tauUs = tauUs;
    for (let i = 0; i < STEPS; i++) {
      this.#fine[i] = exp(-i / tauUs);
      this.#coarse[i] = exp(-(i * STEPS) / tauUs);
    }
  }

  /** Factor for a passed time ≥ 0 in whole microseconds. */
  factor(elapsedUs: number): number {
    if (elapsedUs < REACH_US) return this.#coarse[elapsedUs >> STEP_BITS]! * this.#fine[elapsedUs & (STEPS - 1)]!;
    return exp(-elapsedUs / this.tauUs);
  }
}
