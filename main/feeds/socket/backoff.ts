import type { Random } from '../../core/clock/random.ts';

/** Fits the limits on connections of the venues that allow many of them: a server that keeps closing is met this often. */
export const MOST_AFTER_UP_MS = 4_000;

export interface BackoffOptions {
  readonly random: Random;
  /** Upper bound of the first wait; it doubles with each failure. Default 500 ms. */
  readonly baseMs?: number;
  /** Upper bound of any wait. Default 30 s. */
  readonly mostMs?: number;
  /**
   * Upper bound of the wait after an attempt that came up and gave something: the server is there, and every second without
   * it is blind. Default: that of any wait.
   */
  readonly mostAfterUpMs?: number;
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
  #up = false;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Failures since the last reset. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure and gives the wait before the next attempt, ms. */
  nextMs(): number {
    const { random, baseMs = 500, mostMs = 30_000, mostAfterUpMs = mostMs, leastMs = 0 } = this.#options;
    const most = this.#up ? Math.min(mostMs, mostAfterUpMs) : mostMs;
    const bound = Math.min(most, baseMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    this.#up = false;
    return Math.max(leastMs, Math.floor(random.nextFloat() * bound));
  }

  /** The attempt under way came up and gives something. */
  up(): void {
    this.#up = true;
  }

  /** The connection has held: the next failure is a first one. */
  reset(): void {
    this.#failures = 0;
  }
}
