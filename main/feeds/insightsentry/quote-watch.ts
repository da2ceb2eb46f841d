import { z } from 'zod';
import { MINUTE_US, SECOND_US } from '../../../shared/units.ts';
import type { WatchedQuote } from '../../../shared/watched-quote.ts';
import type { Clock } from '../../core/clock/clock.ts';
import type { DayStream } from './day-stream.ts';
import { InsightSentryError, type InsightSentryRest } from './rest.ts';
import { quotesAnswer, WatchedQuotes } from './watched-quotes.ts';

export interface QuoteWatchOptions {
  /** `EXCHANGE:SYMBOL`, at least one. */
  readonly codes: readonly string[];
  /** How often they are asked for while they are not streamed. */
  readonly everySeconds: number;
  readonly rest: InsightSentryRest;
  readonly clock: Clock;
  readonly onQuotes: (rows: readonly WatchedQuote[]) => void;
}

/** What a request may ask for. */
const CODES_A_REQUEST = 10;
/** Refused for what it asks, it is asked again only this much later. */
const REFUSED_AGAIN_US = 30 * MINUTE_US;

const active = z.object({ event: z.literal('subscription_status'), status: z.literal('active') });

/** Quotes to look at: streamed where a connection is allowed, asked for meanwhile. */
export class QuoteWatch {
  /** Undefined where the plan leaves no connection for it. */
  stream: DayStream | undefined;
  readonly #options: QuoteWatchOptions;
  readonly #quotes: WatchedQuotes;
  #dueUs = 0;
  #refused = '';

  constructor(options: QuoteWatchOptions) {
    this.#options = options;
    this.#quotes = new WatchedQuotes(options.codes);
  }

  /** What is wanted of `/live`, always as a whole. */
  get wanted(): object {
    const subscriptions = this.#options.codes.map((code) => ({ code, type: 'quote' }));
    return { subscriptions, slow_consumer_policy: 'adaptive' };
  }

  /** Shows what is watched before anything is known of it. */
  begin(): void {
    this.#options.onQuotes(this.#quotes.rows);
  }

  /** Takes a message of the stream. @returns whether it shows that quotes come */
  hear(message: unknown): boolean {
    const rows = this.#quotes.take(message);
    if (rows.length > 0) this.#options.onQuotes(rows);
    return rows.length > 0 || active.safeParse(message).success;
  }

  /** When they are to be asked for, µs. */
  get dueUs(): number {
    return this.stream?.live === true ? Number.POSITIVE_INFINITY : this.#dueUs;
  }

  /** Asks for all of them. @throws InsightSentryError unless it is what was asked for that was refused */
  async ask(): Promise<void> {
    const { codes, rest, clock, everySeconds } = this.#options;
    this.#dueUs = clock.nowUs() + everySeconds * SECOND_US;
    try {
      for (let from = 0; from < codes.length; from += CODES_A_REQUEST) {
        const part = codes.slice(from, from + CODES_A_REQUEST).join(',');
        this.hear(await rest.get('quotes', `/v3/symbols/quotes?codes=${encodeURIComponent(part)}`, quotesAnswer));
      }
      this.#refused = '';
    } catch (error) {
      if (!(error instanceof InsightSentryError) || error.condition !== 'refused') throw error;
      this.#refused = error.message;
      this.#dueUs = clock.nowUs() + REFUSED_AGAIN_US;
    }
  }

  /** How they come, in words. */
  get words(): string {
    if (this.stream?.live === true) return this.stream.words;
    if (this.#refused !== '') return this.#refused;
    const why = this.stream === undefined ? 'the plan allows no connection for them' : this.stream.words;
    return `quotes asked for every ${this.#options.everySeconds} s${why === '' ? '' : `, since ${why}`}`;
  }
}
