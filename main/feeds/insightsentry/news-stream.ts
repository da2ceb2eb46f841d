import { z } from 'zod';
import type { NewsItem } from '../../../shared/economic-calendar.ts';
import type { Clock } from '../../core/clock/clock.ts';
import type { Random } from '../../core/clock/random.ts';
import { afterMs, type Cancel } from '../../core/clock/wall-timer.ts';
import { WebSocketLine } from '../socket/websocket-line.ts';
import type { AnswerCache } from './answer-cache.ts';
import { readNewsItem } from './answers.ts';
import { withoutKey } from './rest.ts';

export interface NewsStreamOptions {
  /** Address with its path. */
  readonly url: string;
  /** The key for streams, fresh enough to be used now. */
  readonly key: () => Promise<string>;
  readonly clock: Clock;
  readonly random: Random;
  readonly cache: AnswerCache;
  readonly connectionsADay: number;
  readonly onNews: (items: readonly NewsItem[]) => void;
  /** The vendor said something, be it a word of life. */
  readonly onHeard: (localUs: number) => void;
  /** The stream came up, went down, or ended for this day or for good. */
  readonly onChange: () => void;
  readonly timing?: Partial<StreamTiming>;
}

export interface StreamTiming {
  /** Default 25 s: the vendor asks for a ping every 20 to 30 s. */
  readonly pingMs: number;
  /** Default 70 s: two pings unanswered. */
  readonly silenceMs: number;
  /** Bounds of the first wait and of any wait between connections. Defaults 5 s and 5 min: they are counted by the day. */
  readonly baseMs: number;
  readonly mostMs: number;
}

const TIMING: StreamTiming = { pingMs: 25_000, silenceMs: 70_000, baseMs: 5_000, mostMs: 300_000 };

const fault = z.object({
  error: z.string(),
  action: z.string().optional(),
  message: z.string().optional(),
  retryable: z.boolean().optional(),
  delay_seconds: z.number().optional(),
  retry_after_seconds: z.number().optional(),
});
type Fault = z.infer<typeof fault>;

const RECONNECT = ['reconnect', 'reconnect_and_send_request', 'reconnect_with_current_entitlements'];

/** How the stream is: `off` = for now requests are all there is, and `words` say why. */
export interface StreamState {
  readonly condition: 'connecting' | 'live' | 'off';
  readonly words: string;
}

/**
 * The vendor's `/newsfeed` socket. Its first message holds the key, so messages are neither recorded nor repeated. Each
 * connection is counted on disk before it is begun; when those of a day are used up the stream ends.
 */
export class NewsStream {
  readonly #options: NewsStreamOptions;
  readonly #timing: StreamTiming;
  readonly #line: WebSocketLine;
  #state: StreamState = { condition: 'connecting', words: 'the news stream is being connected' };
  #key = '';
  /** A connection has been counted and the vendor has not answered yet. */
  #unanswered = false;
  #later: Cancel | undefined;

  constructor(options: NewsStreamOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    const { clock, random, url } = options;
    const { pingMs, silenceMs, baseMs, mostMs } = this.#timing;
    this.#line = new WebSocketLine({
      address: async () => {
        this.#key = await options.key();
        await this.#count();
        return url;
      },
      clock,
      random,
      silenceMs,
      baseMs,
      mostMs,
      ping: { everyMs: pingMs, text: () => 'ping' },
      onOpen: () => {
        this.#unanswered = false;
        this.#line.send(JSON.stringify({ api_key: this.#key }));
      },
      onMessage: (bytes, localUs) => {
        options.onHeard(localUs);
        this.#hear(withoutKey(new TextDecoder().decode(bytes), this.#key));
      },
      onDown: (why) => this.#down(why),
      onRefused: (status) => {
        this.#unanswered = false;
        if (status === 408 || status === 429 || status >= 500) return undefined;
        this.#become({ condition: 'off', words: `the news stream refused with HTTP ${status}` });
        return 'stop';
      },
    });
  }

  get state(): StreamState {
    return this.#state;
  }

  start(): void {
    this.#line.start();
  }

  async stop(): Promise<void> {
    this.#later?.();
    await this.#line.stop();
  }

  async #count(): Promise<void> {
    const { clock, cache, connectionsADay } = this.#options;
    const nowUs = clock.nowUs();
    if (cache.connectionsOfDay(nowUs) >= connectionsADay) throw new Error('the connections of this day are used');
    await cache.countConnection(nowUs);
    this.#unanswered = true;
  }

  #down(why: string): void {
    const { clock, cache, connectionsADay } = this.#options;
    if (this.#unanswered) {
      this.#unanswered = false;
      void cache.countConnection(clock.nowUs(), -1);
    }
    if (this.#state.condition === 'off') return;
    if (cache.connectionsOfDay(clock.nowUs()) >= connectionsADay) {
      this.#end(`all ${connectionsADay} WebSocket connections of this day (UTC) are used`);
      return;
    }
    this.#become({ condition: 'connecting', words: `the news stream is down: ${withoutKey(why, this.#key)}` });
  }

  #hear(text: string): void {
    if (this.#state.condition === 'off') return;
    const message = jsonOf(text);
    const told = fault.safeParse(message);
    if (told.success) {
      this.#refused(told.data);
      return;
    }
    // Any word of the vendor is life: pong, a status, a time, or news.
    this.#become({ condition: 'live', words: 'news are streamed' });
    const items = (Array.isArray(message) ? message : [message]).flatMap((item) => readNewsItem(item) ?? []);
    if (items.length > 0) this.#options.onNews(items);
  }

  #refused({ error, action, message, retryable, delay_seconds = 0, retry_after_seconds = 0 }: Fault): void {
    const waitMs = Math.max(delay_seconds, retry_after_seconds) * 1000;
    if (action === 'wait_and_retry') return;
    if (action !== undefined && RECONNECT.includes(action)) {
      this.#inAWhile(waitMs, () => this.#line.renew(`the vendor asked for a new connection (${error})`));
    } else if (action === 'retry_request' || (error === 'temporarily_unavailable' && retryable !== false)) {
      this.#inAWhile(waitMs, () => this.#line.send(JSON.stringify({ api_key: this.#key })));
    } else {
      const said = message === undefined ? error : `${error}: ${message}`;
      this.#end(`the news stream was refused (${said.slice(0, 200)})`);
    }
  }

  #inAWhile(waitMs: number, what: () => void): void {
    this.#later?.();
    this.#later = afterMs(Math.max(waitMs, this.#timing.baseMs), what);
  }

  #end(words: string): void {
    this.#become({ condition: 'off', words });
    void this.#line.stop();
  }

  #become(state: StreamState): void {
    if (state.condition === this.#state.condition && state.words === this.#state.words) return;
    this.#state = state;
    this.#options.onChange();
  }
}

/** A message's JSON; undefined for the text `pong` and for what is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
