import type { Random } from '../../core/clock/random.ts';

export interface BackoffOptions {
  readonly random: Random;
  /** Upper bound of the first wait; it doubles with each failure. Default 500 ms. */
  readonly baseMs?: number;
  /** Upper bound of any wait. Default 30 s. */
  readonly mostMs?: number;
  /** No wait is shorter: what the venue's limit on connections asks for. Default 0. */
  readonly leastMs?: number;
}

/**
 * Waits between attempts, with full jitter: uniform between 0 and a bound that doubles, so that many clients that lost the
 * same server do not come back together. (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.)
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Failures since the last reset. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure and gives the wait before the next attempt, ms. */
  nextMs(): number {
    const { random, baseMs = 500, mostMs = 30_000, leastMs = 0 } = this.#options;
    const bound = Math.min(mostMs, baseMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return Math.max(leastMs, Math.floor(random.nextFloat() * bound));
  }

  /** The connection has held: the next failure is a first one. */
  reset(): void {
    this.#failures = 0;
  }
}
