import type { Clock } from '../../core/clock/clock.ts';
import { afterMs, type Cancel } from '../../core/clock/wall-timer.ts';
import type { Backoff } from './backoff.ts';
import { type HttpAnswer, HttpFault, httpRequest, retryAfterMs } from './http-request.ts';
import type { RateBudget } from './rate-budget.ts';

/** A request for public data. */
export interface RestJob {
  /** Name of its answer frame; a name that is waiting or on its way is not asked for again. */
  readonly name: string;
  readonly path: string;
  /** Cost by the venue's own table. */
  readonly weight: number;
}

/** Why answers fail to come. */
export type RestTrouble =
  | { readonly kind: 'quota'; readonly status: number; readonly untilUs: number }
  | { readonly kind: 'not-offered'; readonly status: number }
  | { readonly kind: 'refused'; readonly status: number; readonly job: RestJob }
  | { readonly kind: 'failing'; readonly words: string };

export interface RestQueueOptions {
  readonly clock: Clock;
  /** `https://data-api.binance.vision` */
  readonly base: string;
  readonly budget: RateBudget;
  /** Waits after answers that failed. */
  readonly backoff: Backoff;
  readonly timeoutMs: number;
  /** Shortest time between two requests of the same name. */
  readonly leastGapMs: number;
  readonly onAnswer: (job: RestJob, bytes: Uint8Array, localUs: number) => void;
  /** Undefined: answers come again. */
  readonly onTrouble: (trouble: RestTrouble | undefined) => void;
}

/** Waits where the venue asks for one without saying how long: a limit is counted by the minute, a ban begins at two. */
const LIMIT_MS = 60_000;
const BAN_MS = 120_000;

/**
 * Requests for public data one after the other, within a venue's rate limit. After 429 and 418 (a ban, at Binance) nothing is
 * asked before the venue allows it: asking on during a ban prolongs it. What failed otherwise is asked again later.
 */
export class RestQueue {
  readonly #options: RestQueueOptions;
  #jobs: RestJob[] = [];
  #asking: RestJob | undefined;
  #abort = new AbortController();
  #timer: Cancel | undefined;
  #blockedUntilUs = 0;
  readonly #askedUs = new Map<string, number>();
  #stopped = false;

  constructor(options: RestQueueOptions) {
    this.#options = options;
  }

  /** Whether a request of this name waits or is on its way. */
  pending(name: string): boolean {
    return this.#asking?.name === name || this.#jobs.some((job) => job.name === name);
  }

  ask(job: RestJob): void {
    if (this.#stopped || this.pending(job.name)) return;
    this.#jobs.push(job);
    this.#next();
  }

  /** Forgets what waits and what is on its way: no answer to it comes any more. A wait that the venue asked for goes on. */
  cancel(): void {
    this.#jobs = [];
    this.#asking = undefined;
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#timer?.();
    this.#timer = undefined;
  }

  /** No answer comes after this. */
  stop(): void {
    this.cancel();
    this.#stopped = true;
  }

  #next(): void {
    if (this.#asking !== undefined || this.#timer !== undefined) return;
    const job = this.#jobs[0];
    if (job === undefined) return;
    const { clock, leastGapMs, budget } = this.#options;
    const nowUs = clock.nowUs();
    const earliestUs = Math.max(
      this.#blockedUntilUs,
      (this.#askedUs.get(job.name) ?? Number.NEGATIVE_INFINITY) + leastGapMs * 1000,
    );
    const waitMs = earliestUs > nowUs ? Math.ceil((earliestUs - nowUs) / 1000) : budget.take(job.weight);
    if (waitMs > 0) {
      this.#wait(waitMs);
      return;
    }
    this.#jobs.shift();
    this.#asking = job;
    this.#askedUs.set(job.name, nowUs);
    void this.#send(job, this.#abort.signal);
  }

  #wait(ms: number): void {
    // What is longer than a timer can count is looked at again.
    this.#timer = afterMs(Math.min(ms, 3_600_000), () => {
      this.#timer = undefined;
      this.#next();
    });
  }

  async #send(job: RestJob, signal: AbortSignal): Promise<void> {
    const { base, timeoutMs } = this.#options;
    try {
      const answer = await httpRequest({ url: `${base}${job.path}`, timeoutMs, signal });
      if (signal.aborted) return;
      this.#asking = undefined;
      this.#answered(job, answer);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof HttpFault)) throw error;
      this.#asking = undefined;
      this.#failed(job, error.message);
    }
    this.#next();
  }

  #answered(job: RestJob, { status, headers, bytes }: HttpAnswer): void {
    const { clock, onAnswer, onTrouble, backoff } = this.#options;
    const nowUs = clock.nowUs();
    if (status === 200) {
      backoff.reset();
      onTrouble(undefined);
      onAnswer(job, bytes, nowUs);
    } else if (status === 429 || status === 418) {
      const waitMs = retryAfterMs(headers, nowUs) ?? (status === 418 ? BAN_MS : LIMIT_MS);
      this.#blockedUntilUs = nowUs + waitMs * 1000;
      this.#jobs.unshift(job);
      onTrouble({ kind: 'quota', status, untilUs: this.#blockedUntilUs });
    } else if (status === 451 || status === 403) {
      onTrouble({ kind: 'not-offered', status });
    } else if (status >= 500) {
      this.#failed(job, `the venue answers HTTP ${status}`);
    } else {
      onTrouble({ kind: 'refused', status, job });
    }
  }

  /** Asked again later, behind what else waits. */
  #failed(job: RestJob, words: string): void {
    this.#jobs.push(job);
    this.#wait(this.#options.backoff.nextMs());
    this.#options.onTrouble({ kind: 'failing', words });
  }
}
