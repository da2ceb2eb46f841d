import type { Clock } from './clock.ts';

/** A clock that stands still until it is told to advance: replay, backtests, tests. */
export class SimulatedClock implements Clock {
  #nowUs: number;

  constructor(startUs: number) {
    this.#nowUs = checked(startUs);
  }

  nowUs(): number {
    return this.#nowUs;
  }

  /** Moves to `us`; the same instant again is allowed. Throws when that lies in the past: time has one direction. */
  advanceTo(us: number): void {
    if (checked(us) < this.#nowUs) {
      throw new RangeError(`Simulated clock stands at ${this.#nowUs} µs and can't go back to ${us} µs.`);
    }
    this.#nowUs = us;
  }

  snapshot(): number {
    return this.#nowUs;
  }

  /** Puts the clock where a snapshot left it, be that earlier or later than now. */
  restore(snapshot: number): void {
    this.#nowUs = checked(snapshot);
  }
}

function checked(us: number): number {
  if (!Number.isSafeInteger(us)) throw new RangeError(`Time must be integer microseconds since the epoch, got ${us}.`);
  return us;
}
