import { MS_US } from '../../../shared/units.ts';
import type { Clock } from '../../core/clock/clock.ts';

export interface RateBudgetOptions {
  readonly clock: Clock;
  /** Cost that may be spent in one period. */
  readonly amount: number;
  readonly periodMs: number;
  /** Share that is left alone, for what must not be refused (closing a position). Default 0. */
  readonly reserve?: number;
}

/** A venue's rate limit as a token bucket: full at first, refilled evenly. */
export class RateBudget {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #perUs: number;
  #left: number;
  #countedUs: number;

  constructor({ clock, amount, periodMs, reserve = 0 }: RateBudgetOptions) {
    this.#clock = clock;
    this.#most = amount * (1 - reserve);
    this.#perUs = this.#most / (periodMs * 1000);
    this.#left = this.#most;
    this.#countedUs = clock.nowUs();
  }

  /** What may be spent now. */
  get left(): number {
    const nowUs = this.#clock.nowUs();
    this.#left = Math.min(this.#most, this.#left + (nowUs - this.#countedUs) * this.#perUs);
    this.#countedUs = nowUs;
    return this.#left;
  }

  /** Spends a cost when it is there. @returns 0 when spent, else the wait after which it will be there, ms */
  take(cost = 1): number {
    if (cost > this.#most) throw new RangeError(`a cost of ${cost} is more than the whole budget of ${this.#most}`);
    const missing = cost - this.left;
    if (missing <= 0) {
      this.#left -= cost;
      return 0;
    }
    return Math.ceil(missing / this.#perUs / 1000);
  }

  /** The venue says that the limit is reached: nothing is spent for a while. */
  exhaust(forMs: number): void {
    this.#left = Math.min(this.left, 0) - this.#perUs * forMs * MS_US;
  }
}
