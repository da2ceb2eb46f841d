/** Restarts of the engine that are allowed within the window. */
const RESTARTS_MAX = 3;
export const RESTART_WINDOW_MS = 60_000;

/**
 * Whether an engine that died is started again: at once, but three times a minute at most, since one that keeps dying
 * would otherwise trade on and off unseen. The same for the browser host and the shell.
 */
export class RestartPolicy {
  /** Times of the restarts within the window, on the caller's monotonic clock. */
  #recentMs: readonly number[] = [];
  #restarts = 0;

  /** Restarts granted so far. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The engine died: true grants a restart. @param nowMs a monotonic time in milliseconds */
  grant(nowMs: number): boolean {
    this.#recentMs = this.#recentMs.filter((ms) => nowMs - ms < RESTART_WINDOW_MS);
    if (this.#recentMs.length >= RESTARTS_MAX) return false;
    this.#recentMs = [...this.#recentMs, nowMs];
    this.#restarts++;
    return true;
  }
}

/** What the trader is told when the engine is not started again. */
export const GIVE_UP_WORDS =
  `The engine died more than ${RESTARTS_MAX} times within a minute and is not started again. ` +
  'Stops and targets that the broker holds stay in force; look at open positions before starting Fathom anew.';
