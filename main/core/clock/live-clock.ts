import type { Clock } from './clock.ts';

/**
 * Wall time anchored to the monotonic clock: steps of the system's wall clock (NTP, a hand) move nothing by themselves, so
 * it never runs backwards. `followWall` anchors it anew where the wall has gone ahead, as after a sleep of the machine.
 */
export class LiveClock implements Clock {
  #anchorUs: number;

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

  /**
   * Goes forward to the wall clock where that is ahead by more than a bound; backwards it never goes.
   * @returns the jump that was made, µs; 0 = none; negative = the wall lies so far behind that only a restart can follow it
   */
  followWall(boundUs: number): number {
    const driftUs = this.wallDriftUs();
    if (driftUs > boundUs) {
      this.#anchorUs += driftUs;
      return driftUs;
    }
    return driftUs < -boundUs ? driftUs : 0;
  }
}
