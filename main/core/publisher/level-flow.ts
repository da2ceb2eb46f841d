import { SECOND_US } from '../../../shared/units.ts';
import type { ExponentialDecay } from '../exponential-decay.ts';

/** Prices that are kept apart; two that lie this many ticks apart share a place, and the later one takes it over. */
const PLACES = 4_096;

/** After this long without an add or pull, nothing is left to fade. */
export const FADED_US = 60 * SECOND_US;

/** Values a place has in a snapshot. */
const ROW = 6;

/**
 * What happened at each price of one market: lots added and pulled, decaying, and lots bought and sold since the session
 * began. A ring of prices by tick, so that a moving market needs no shifting. Nothing is allocated after construction.
 */
export class LevelFlow {
  readonly #decay: ExponentialDecay;
  readonly #ticks = new Float64Array(PLACES).fill(Number.NaN);
  readonly #added = new Float64Array(PLACES);
  readonly #pulled = new Float64Array(PLACES);
  readonly #fadedUs = new Float64Array(PLACES);
  readonly #bought = new Float64Array(PLACES);
  readonly #sold = new Float64Array(PLACES);
  #changedUs = 0;

  constructor(decay: ExponentialDecay) {
    this.#decay = decay;
  }

  /** Engine time of the last add or pull. */
  get changedUs(): number {
    return this.#changedUs;
  }

  /** @param lots + added, − pulled */
  flow(ticks: number, lots: number, nowUs: number): void {
    const place = this.#place(ticks);
    const elapsedUs = nowUs - this.#fadedUs[place]!;
    if (elapsedUs > 0) {
      const fade = this.#decay.factor(elapsedUs);
      this.#added[place]! *= fade;
      this.#pulled[place]! *= fade;
      this.#fadedUs[place] = nowUs;
    }
    if (lots > 0) this.#added[place]! += lots;
    else this.#pulled[place]! -= lots;
    this.#changedUs = nowUs;
  }

  /** @param aggressor +1 lots bought at the price, −1 sold, 0 counted nowhere */
  trade(ticks: number, lots: number, aggressor: number): void {
    const place = this.#place(ticks);
    if (aggressor > 0) this.#bought[place]! += lots;
    else if (aggressor < 0) this.#sold[place]! += lots;
  }

  /** A new session: bought and sold start again. */
  resetSession(): void {
    this.#bought.fill(0);
    this.#sold.fill(0);
  }

  /** Writes the row of a price, [ticks, added, pulled, bought, sold]; false, and nothing written, where all is nought. */
  write(ticks: number, nowUs: number, to: Float64Array, at: number): boolean {
    const place = ticks & (PLACES - 1);
    if (this.#ticks[place] !== ticks) return false;
    const elapsedUs = Math.max(0, nowUs - this.#fadedUs[place]!);
    const bought = this.#bought[place]!;
    const sold = this.#sold[place]!;
    const faded = elapsedUs > FADED_US;
    if (faded && bought === 0 && sold === 0) return false;
    const fade = faded ? 0 : this.#decay.factor(elapsedUs);
    to[at] = ticks;
    to[at + 1] = this.#added[place]! * fade;
    to[at + 2] = this.#pulled[place]! * fade;
    to[at + 3] = bought;
    to[at + 4] = sold;
    return true;
  }

  snapshot(): LevelFlowSnapshot {
    const rows = new Float64Array(PLACES * ROW);
    let at = 0;
    for (let place = 0; place < PLACES; place++) {
      if (Number.isNaN(this.#ticks[place]!)) continue;
      rows[at++] = this.#ticks[place]!;
      rows[at++] = this.#added[place]!;
      rows[at++] = this.#pulled[place]!;
      rows[at++] = this.#fadedUs[place]!;
      rows[at++] = this.#bought[place]!;
      rows[at++] = this.#sold[place]!;
    }
    return { changedUs: this.#changedUs, rows: rows.slice(0, at) };
  }

  restore(snapshot: LevelFlowSnapshot): void {
    this.#ticks.fill(Number.NaN);
    this.#changedUs = snapshot.changedUs;
    const rows = snapshot.rows;
    for (let at = 0; at < rows.length; at += ROW) {
      const place = this.#place(rows[at]!);
      this.#added[place] = rows[at + 1]!;
      this.#pulled[place] = rows[at + 2]!;
      this.#fadedUs[place] = rows[at + 3]!;
      this.#bought[place] = rows[at + 4]!;
      this.#sold[place] = rows[at + 5]!;
    }
  }

  #place(ticks: number): number {
    const place = ticks & (PLACES - 1);
    if (this.#ticks[place] !== ticks) {
      this.#ticks[place] = ticks;
      this.#added[place] = 0;
      this.#pulled[place] = 0;
      this.#fadedUs[place] = 0;
      this.#bought[place] = 0;
      this.#sold[place] = 0;
    }
    return place;
  }
}

export interface LevelFlowSnapshot {
  readonly changedUs: number;
  /** Places in use as [ticks, added, pulled, faded at, bought, sold]. */
  readonly rows: Float64Array;
}
