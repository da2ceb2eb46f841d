import { log } from '../core/numeric.ts';
import type { MidSeries } from './hayashi-yoshida.ts';

/** Changes kept: minutes of the busiest market; beyond, the window that can be cut is shorter. */
const CAPACITY = 8_192;

/** The last changes of a mid with their times. Adding allocates nothing. */
export class MidRing {
  readonly #times = new Float64Array(CAPACITY);
  readonly #mids = new Float64Array(CAPACITY);
  #written = 0;

  /** The mid now; one that has not changed is nothing new, and of several at one time the last counts. */
  add(us: number, mid: number): void {
    const last = (this.#written - 1 + CAPACITY) % CAPACITY;
    if (this.#written > 0 && this.#mids[last] === mid) return;
    if (this.#written === 0 || us > this.#times[last]!) this.#written++;
    const at = (this.#written - 1) % CAPACITY;
    this.#times[at] = us;
    this.#mids[at] = mid;
  }

  clear(): void {
    this.#written = 0;
  }

  /** A copy of the changes after a time, and of where the mid stood before them. Empty where nothing was added. */
  since(us: number): MidSeries {
    const from = this.#lastAtOrBefore(us);
    const series = { timesUs: new Float64Array(this.#written - from), logMids: new Float64Array(this.#written - from) };
    for (let i = from; i < this.#written; i++) {
      series.timesUs[i - from] = this.#times[i % CAPACITY]!;
      series.logMids[i - from] = log(this.#mids[i % CAPACITY]!);
    }
    return series;
  }

  /** @param windowUs how far back changes still matter from the last one on */
  snapshot(windowUs: number): MidRingSnapshot {
    const newestUs = this.#written === 0 ? 0 : this.#times[(this.#written - 1) % CAPACITY]!;
    const from = this.#lastAtOrBefore(newestUs - windowUs);
    const indices = Array.from({ length: this.#written - from }, (_, i) => (from + i) % CAPACITY);
    return {
      times: Float64Array.from(indices, (i) => this.#times[i]!),
      mids: Float64Array.from(indices, (i) => this.#mids[i]!),
    };
  }

  restore(snapshot: MidRingSnapshot): void {
    this.#times.set(snapshot.times);
    this.#mids.set(snapshot.mids);
    this.#written = snapshot.times.length;
  }

  /** Position of the last change that is not after a time, else of the oldest one kept. */
  #lastAtOrBefore(us: number): number {
    const oldest = Math.max(0, this.#written - CAPACITY);
    let at = this.#written - 1;
    while (at > oldest && this.#times[at % CAPACITY]! > us) at--;
    return Math.max(at, oldest);
  }
}

export interface MidRingSnapshot {
  readonly times: Float64Array;
  readonly mids: Float64Array;
}
