import { z } from 'zod';
import type { Clock } from '../../core/clock/clock.ts';
import type { Random } from '../../core/clock/random.ts';
import { afterMs, type Cancel } from '../../core/clock/wall-timer.ts';
import { WebSocketLine } from '../socket/websocket-line.ts';
import type { AnswerCache } from './answer-cache.ts';
import { withoutKey } from './rest.ts';

export interface VendorStreamOptions {
  /** What it brings, in words: `news`. */
  readonly what: string;
  /** Address with its path. */
  readonly url: string;
  /** The key for streams, fresh enough to be used now. */
  readonly key: () => Promise<string>;
  /** What is sent besides the key when the line is up: all that is wanted. */
  readonly wanted: object;
  readonly clock: Clock;
  readonly random: Random;
  readonly cache: AnswerCache;
  readonly connectionsADay: number;
  /** Takes a message that is no error. @returns whether it shows that what is wanted comes */
  readonly onMessage: (message: unknown) => boolean;
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
/** Errors of one subscription; the others go on. */
const PARTIAL = ['invalid_symbol', 'invalid_bar_interval', 'invalid_currency_code', 'invalid_unit_code'];

/** How the stream is: `off` = for now requests are all there is, and `words` say why. */
export interface StreamState {
  readonly condition: 'connecting' | 'live' | 'off';
  readonly words: string;
}

/**
 * A socket of the vendor. Its first message holds the key, so messages are neither recorded nor repeated. Each connection is
 * counted on disk before it is begun; when those of a day are used up the stream ends.
 */
export class VendorStream {
  readonly #options: VendorStreamOptions;
  readonly #timing: StreamTiming;
  readonly #line: WebSocketLine;
  #state: StreamState;
  #key = '';
  /** What the vendor said against a part of what is wanted. */
  #note = '';
  /** A connection has been counted and the vendor has not answered yet. */
  #unanswered = false;
  #later: Cancel | undefined;

  constructor(options: VendorStreamOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    const { clock, random, url, what } = options;
    const { pingMs, silenceMs, baseMs, mostMs } = this.#timing;
    this.#state = { condition: 'connecting', words: `the ${what} stream is being connected` };
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
        this.#ask();
      },
      onMessage: (bytes, localUs) => {
        options.onHeard(localUs);
        this.#hear(withoutKey(new TextDecoder().decode(bytes), this.#key));
      },
      onDown: (why) => this.#down(why),
      onRefused: (status) => {
        this.#unanswered = false;
        if (status === 408 || status === 429 || status >= 500) return undefined;
        this.#become({ condition: 'off', words: `the ${what} stream refused with HTTP ${status}` });
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

  /** Asks for all that is wanted: what is asked for later replaces what was asked for before. */
  #ask(): void {
    this.#note = '';
    this.#line.send(JSON.stringify({ api_key: this.#key, ...this.#options.wanted }));
  }

  async #count(): Promise<void> {
    const { clock, cache, connectionsADay } = this.#options;
    const nowUs = clock.nowUs();
    if (cache.connectionsOfDay(nowUs) >= connectionsADay) throw new Error('the connections of this day are used');
    await cache.countConnection(nowUs);
    this.#unanswered = true;
  }

  #down(why: string): void {
    const { clock, cache, connectionsADay, what } = this.#options;
    this.#later?.();
    if (this.#unanswered) {
      this.#unanswered = false;
      void cache.countConnection(clock.nowUs(), -1);
    }
    if (this.#state.condition === 'off') return;
    if (cache.connectionsOfDay(clock.nowUs()) >= connectionsADay) {
      this.#end(usedWords(connectionsADay));
      return;
    }
    this.#become({ condition: 'connecting', words: `the ${what} stream is down: ${withoutKey(why, this.#key)}` });
  }

  #hear(text: string): void {
    if (this.#state.condition === 'off') return;
    const message = jsonOf(text);
    const told = fault.safeParse(message);
    if (told.success) this.#refused(told.data);
    else if (this.#options.onMessage(message)) this.#comes();
  }

  #comes(): void {
    const { what } = this.#options;
    const note = this.#note === '' ? '' : `, but ${this.#note}`;
    this.#become({ condition: 'live', words: `${what} are streamed${note}` });
  }

  #refused({ error, action, message, retryable, delay_seconds = 0, retry_after_seconds = 0 }: Fault): void {
    const { what } = this.#options;
    const waitMs = Math.max(delay_seconds, retry_after_seconds) * 1000;
    const said = (message === undefined ? error : `${error}: ${message}`).slice(0, 200);
    if (action === 'wait_and_retry') return;
    if (action !== undefined && RECONNECT.includes(action)) {
      this.#inAWhile(waitMs, () => this.#line.renew(`the vendor asked for a new connection (${error})`));
    } else if (action === 'retry_request' || (error === 'temporarily_unavailable' && retryable !== false)) {
      this.#inAWhile(waitMs, () => this.#ask());
    } else if (PARTIAL.includes(error)) {
      this.#note = said;
      if (this.#state.condition === 'live') this.#comes();
    } else {
      this.#end(`the ${what} stream was refused (${said})`);
    }
  }

  #inAWhile(waitMs: number, act: () => void): void {
    this.#later?.();
    this.#later = afterMs(Math.max(waitMs, this.#timing.baseMs), act);
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

export function usedWords(connectionsADay: number): string {
  return `all ${connectionsADay} WebSocket connections of this day (UTC) are used`;
}

/** A message's JSON; undefined for the text `pong` and for what is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
