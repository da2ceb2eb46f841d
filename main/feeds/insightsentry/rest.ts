import type { z } from 'zod';
import type { Clock } from '../../core/clock/clock.ts';
import type { Random } from '../../core/clock/random.ts';
import type { FeedCondition } from '../../core/feed-port.ts';
import { Backoff } from '../socket/backoff.ts';
import { type HttpAnswer, HttpFault, httpRequest, retryAfterMs } from '../socket/http-request.ts';
import { pause } from '../socket/pause.ts';
import { RateBudget } from '../socket/rate-budget.ts';
import { saysTheSame } from './answer-body.ts';
import { refusalAnswer } from './answers.ts';
import { baseUrlOf, type Gateway, headersOf, keyExpiryUs } from './gateway.ts';

/** A request that gave no answer to work with; `condition` says whether asking again can help (`stale`). */
export class InsightSentryError extends Error {
  override readonly name = 'InsightSentryError';
  readonly condition: Extract<FeedCondition, 'bad-credentials' | 'quota' | 'refused' | 'stale'>;

  constructor(condition: InsightSentryError['condition'], words: string) {
    super(words);
    this.condition = condition;
  }
}

export interface InsightSentryRestOptions {
  readonly gateway: Gateway;
  /** Base address; empty = the gateway's own. */
  readonly url: string;
  readonly key: string;
  readonly requestsAMinute: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Whole time of one try. Default 30 s. */
  readonly timeoutMs?: number;
  /** Upper bound of the first wait after a failure. Default 500 ms. */
  readonly baseMs?: number;
  /** Wait after 429 without Retry-After. Default 60 s, as the vendor's own client. */
  readonly throttledMs?: number;
}

const MOST_TRIES = 5;
const MINUTE_MS = 60_000;
/** Share of a minute's requests that may be sent at once; with the rest spread evenly no minute has more than the plan's. */
const BURST_SHARE = 0.2;

/** The vendor's requests: within the plan's rate, tried again where that can help, refused in words where it cannot. */
export class InsightSentryRest {
  readonly #options: InsightSentryRestOptions;
  readonly #budget: RateBudget;
  readonly #baseUrl: string;
  /** The last answers to paths that are asked for changes. */
  readonly #bodies = new Map<string, Uint8Array>();

  constructor(options: InsightSentryRestOptions) {
    this.#options = options;
    this.#baseUrl = baseUrlOf(options.gateway, options.url);
    const burst = Math.max(1, options.requestsAMinute * BURST_SHARE);
    this.#budget = new RateBudget({
      clock: options.clock,
      amount: burst,
      periodMs: (burst / (options.requestsAMinute * (1 - BURST_SHARE))) * MINUTE_MS,
    });
  }

  /**
   * Asks for a path with its query and gives the answer, checked.
   * @param what in words, for errors: `calendar`
   * @param secret the answer is a secret itself, which may hold the key; nothing of it is shown
   * @throws InsightSentryError; the signal's reason when it ended the request
   */
  async get<Answer>(what: string, path: string, answer: z.ZodType<Answer>, secret = false): Promise<Answer> {
    const { bytes } = await this.#fetch(what, path);
    return this.#read(what, bytes, answer, secret);
  }

  /** As `get`; undefined where the answer says what the last one to this path said. */
  async getChanged<Answer>(what: string, path: string, answer: z.ZodType<Answer>): Promise<Answer | undefined> {
    const { bytes } = await this.#fetch(what, path);
    const before = this.#bodies.get(path);
    if (before !== undefined && saysTheSame(before, bytes)) return undefined;
    const value = this.#read(what, bytes, answer, false);
    this.#bodies.set(path, bytes);
    return value;
  }

  #read<Answer>(what: string, bytes: Uint8Array, answer: z.ZodType<Answer>, secret: boolean): Answer {
    const read = answer.safeParse(this.#jsonOf(bytes, secret));
    if (read.success) return read.data;
    const places = read.error.issues.map((issue) => `${issue.path.join('.') || 'the answer'}: ${issue.message}`);
    throw new InsightSentryError('stale', `${what}: the answer is not as documented (${places[0]})`);
  }

  /** A good answer, after as many tries as may be needed. */
  async #fetch(what: string, path: string): Promise<HttpAnswer> {
    const { random, baseMs, signal } = this.#options;
    const backoff = new Backoff({ random, ...(baseMs === undefined ? {} : { baseMs }) });
    for (let tries = 1; ; tries++) {
      for (let waitMs = this.#budget.take(); waitMs > 0; waitMs = this.#budget.take()) await pause(waitMs, signal);
      const { why, waitMs, good } = await this.#try(what, path);
      if (good !== undefined) return good;
      if (tries === MOST_TRIES) throw new InsightSentryError('stale', `${what}: ${why}, ${MOST_TRIES} times in a row`);
      await pause(Math.max(waitMs ?? 0, backoff.nextMs()), signal);
    }
  }

  /** One try: the answer, or why there is none yet. @throws InsightSentryError where another try cannot help */
  async #try(what: string, path: string): Promise<{ good?: HttpAnswer; why?: string; waitMs?: number | undefined }> {
    const answer = await this.#ask(path);
    if (typeof answer === 'string') return { why: answer };
    const { status, headers, bytes } = answer;
    if (status >= 200 && status < 300) return { good: answer };
    const { error, message } = refusalAnswer.safeParse(this.#jsonOf(bytes, false)).data ?? {};
    if (error === 'quota_exceeded') {
      throw new InsightSentryError('quota', `${what}: the plan's requests of this month are used up`);
    }
    if (status === 401 || status === 403) throw new InsightSentryError('bad-credentials', this.#keyWords(status));
    const waitMs = retryAfterMs(headers, this.#options.clock.nowUs());
    if (status === 429) {
      const throttledMs = waitMs ?? this.#options.throttledMs ?? MINUTE_MS;
      this.#budget.exhaust(throttledMs);
      return { why: 'too many requests (HTTP 429)', waitMs: throttledMs };
    }
    const said = [`HTTP ${status}`, error, message].filter((part) => part !== undefined).join(': ');
    if (status >= 500 || status === 408) return { why: said, waitMs };
    throw new InsightSentryError('refused', `${what}: refused with ${said.slice(0, 200)}`);
  }

  async #ask(path: string): Promise<HttpAnswer | string> {
    const { gateway, key, signal, timeoutMs = 30_000 } = this.#options;
    try {
      return await httpRequest({
        url: `${this.#baseUrl}${path}`,
        headers: { Accept: 'application/json', ...headersOf(gateway, key) },
        timeoutMs,
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof HttpFault) return error.message;
      throw error;
    }
  }

  /** The body, without the key should it be echoed; undefined where it is no JSON. */
  #jsonOf(bytes: Uint8Array, secret: boolean): unknown {
    const text = new TextDecoder().decode(bytes);
    try {
      return JSON.parse(secret ? text : withoutKey(text, this.#options.key));
    } catch {
      return undefined;
    }
  }

  #keyWords(status: number): string {
    const { key, clock, gateway } = this.#options;
    const expiryUs = keyExpiryUs(key);
    const day = expiryUs === undefined ? '' : new Date(expiryUs / 1000).toISOString().slice(0, 10);
    const expiry =
      expiryUs === undefined
        ? ''
        : expiryUs <= clock.nowUs()
          ? `; the key expired on ${day}`
          : `; the key is valid until ${day}`;
    return (
      `the key was refused (HTTP ${status})${expiry}. Set INSIGHTSENTRY_API_KEY to a valid key, and feeds.insightsentry.gateway ` +
      `to where it comes from (now ${gateway}).`
    );
  }
}

/** Text in which a key that the vendor echoed cannot be read. */
export function withoutKey(text: string, key: string): string {
  return text.replaceAll(key, 'key');
}
