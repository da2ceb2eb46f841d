import { log } from '../core/numeric.ts';

const GRID_US = 1_000_000;
const RETURNS = 60;

/**
 * Realised volatility of the mid over one minute: the square root of the sum of squared log returns on a one-second grid
 * of event time, each grid point taking the last mid before it. Absent until sixty returns exist. Unit: log return
 * over one minute (multiply by the price for price units). Source: Barndorff-Nielsen & Shephard (2004), realised variance
 * Σ r²; a one-second grid of mids keeps bid-ask bounce out at the price of some noise.
 */
export class RealisedVolatility {
  readonly #squares = new Float64Array(RETURNS);
  #next = 0;
  #count = 0;
  #gridMid = Number.NaN;
  #mid = Number.NaN;
  #gridUs = 0;
  value = Number.NaN;

  /** Takes the mid after an event; NaN (a missing side) keeps the last one. @param mid in any constant unit, > 0 */
  update(tsEventUs: number, mid: number): void {
    if (tsEventUs >= this.#gridUs + GRID_US) this.#close(tsEventUs);
    if (!Number.isNaN(mid)) this.#mid = mid;
  }

  snapshot(): RealisedVolatilitySnapshot {
    return {
      squares: this.#squares.slice(),
      numbers: [this.#next, this.#count, this.#gridMid, this.#mid, this.#gridUs, this.value],
    };
  }

  restore(snapshot: RealisedVolatilitySnapshot): void {
    this.#squares.set(snapshot.squares);
    [this.#next, this.#count, this.#gridMid, this.#mid, this.#gridUs, this.value] = snapshot.numbers;
  }

  /** Closes the grid points that have passed; more than a minute of them says no more than a minute. */
  #close(tsEventUs: number): void {
    const grid = tsEventUs - (tsEventUs % GRID_US);
    if (this.#gridUs === 0 || Number.isNaN(this.#mid)) {
      this.#gridUs = grid;
      return;
    }
    let steps = (grid - this.#gridUs) / GRID_US;
    this.#gridUs = grid;
    if (!Number.isNaN(this.#gridMid)) this.#push(this.#mid === this.#gridMid ? 0 : log(this.#mid / this.#gridMid));
    this.#gridMid = this.#mid;
    if (steps > RETURNS) steps = RETURNS + 1;
    for (let step = 1; step < steps; step++) this.#push(0);
    if (this.#count < RETURNS) return;
    let sum = 0;
    for (let i = 0; i < RETURNS; i++) sum += this.#squares[i]!;
    this.value = Math.sqrt(sum);
  }

  #push(logReturn: number): void {
    this.#squares[this.#next] = logReturn * logReturn;
    this.#next = (this.#next + 1) % RETURNS;
    if (this.#count < RETURNS) this.#count++;
  }
}

export interface RealisedVolatilitySnapshot {
  readonly squares: Float64Array;
  readonly numbers: readonly [number, number, number, number, number, number];
}
