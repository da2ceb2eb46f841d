import type { Clock } from './clock.ts';

/**
 * Wall time anchored once, at construction, to the monotonic clock: later steps of the system's wall clock (NTP, a hand)
 * move nothing, so it never runs backwards. Over a long session it may drift from the wall; a new anchor is a new clock.
 */
export class LiveClock implements Clock {
  readonly #anchorUs: number;

  constructor() {
    this.#anchorUs = Date.now() * 1000 - this.monotonicUs();
  }

  nowUs(): number {
    return this.#anchorUs + this.monotonicUs();
  }

  /** Integer microseconds of the monotonic clock since an arbitrary origin: for durations and latency. */
  monotonicUs(): number {
    return Math.floor(performance.now() * 1000);
  }

  /** How far the system's wall clock now lies ahead of this clock, in microseconds; resolution one millisecond. */
  wallDriftUs(): number {
    return Date.now() * 1000 - this.nowUs();
  }
}
