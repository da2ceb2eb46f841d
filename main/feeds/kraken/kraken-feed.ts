import type { Clock } from '../../core/clock/clock.ts';
import type { Random } from '../../core/clock/random.ts';
import { type Cancel, everyMs } from '../../core/clock/wall-timer.ts';
import type { Feed, FeedOutlet, FeedState } from '../../core/feed-port.ts';
import { KrakenLine, type LineTimes, type WantedChannel } from './kraken-line.ts';
import { type KrakenKey, KrakenRefusal, KrakenRest, tokenFaultWords } from './kraken-rest.ts';

export interface KrakenFeedOptions extends LineTimes {
  readonly clock: Clock;
  readonly random: Random;
  readonly outlet: FeedOutlet;
  /** `BTC/USD` and so on. */
  readonly symbols: readonly string[];
  /** Levels a side of the book. Default 100. */
  readonly depth?: 10 | 25 | 100 | 500 | 1000;
  /** Default `wss://ws.kraken.com/v2`. */
  readonly url?: string;
  /** Books by order instead of by level; needs an API key. */
  readonly level3?: KrakenLevel3Options;
  /** Books and trades of no symbol for so long, while the connection lives, is stale. Default 30 s. */
  readonly staleMs?: number;
}

export interface KrakenLevel3Options {
  /** Undefined or empty key or secret is a state, not an error. */
  readonly account: Partial<KrakenKey>;
  /** Prices a side. Default 100. */
  readonly depth?: 10 | 100 | 1000;
  /** Default `wss://ws-l3.kraken.com/v2`. */
  readonly url?: string;
  /** Default `https://api.kraken.com`. */
  readonly restUrl?: string;
}

/** Cost of a level3 subscription by depth; a standard account has 200 a second. (Kraken, level3 channel.) */
const LEVEL3_COST = { 10: 5, 100: 25, 1000: 100 } as const;
const LEVEL3_ALLOWANCE = { amount: 200, periodMs: 1000 };
/** Ours: so many symbols are (re)subscribed at once, so many in a period. */
const BOOK_ALLOWANCE = { amount: 50, periodMs: 10_000 };
/** A token has to be used within 15 minutes. */
const TOKEN_LIFE_US = 10 * 60 * 1_000_000;

/**
 * Kraken Spot live: a public connection with instruments, trades and books, and, where an account is given, a second one with
 * books by order. Trades are subscribed without a snapshot: what traded while the connection was down is a gap, not flow.
 */
export class KrakenFeed implements Feed {
  readonly name = 'kraken';
  readonly #options: KrakenFeedOptions;
  readonly #lines: KrakenLine[] = [];
  readonly #rest: KrakenRest | undefined;
  #token: { readonly text: string; readonly takenUs: number } | undefined;
  #state: FeedState = { condition: 'stopped', words: '' };
  #keyFault: string | undefined;
  #dataUs = 0;
  #upUs = 0;
  #running = false;
  #look: Cancel | undefined;

  constructor(options: KrakenFeedOptions) {
    this.#options = options;
    const { symbols, depth = 100, level3, url = 'wss://ws.kraken.com/v2' } = options;
    const wanted: WantedChannel[] = [
      { channel: 'instrument', symbols: undefined, params: { snapshot: true } },
      { channel: 'trade', symbols, params: { snapshot: false } },
    ];
    const { key = '', secret = '' } = level3?.account ?? {};
    const byOrder = level3 !== undefined && key !== '' && secret !== '';
    if (!byOrder) wanted.push({ channel: 'book', symbols, params: { depth } });
    this.#lines.push(this.#line('public', url, wanted, { symbolCost: 1, ...BOOK_ALLOWANCE }));
    if (level3 !== undefined && !byOrder) {
      this.#keyFault =
        'books by order need a key: set KRAKEN_API_KEY and KRAKEN_API_SECRET; until then they come by level';
    }
    if (!byOrder) return;
    this.#rest = new KrakenRest(options.clock, level3.restUrl ?? 'https://api.kraken.com', { key, secret });
    const deep: WantedChannel = { channel: 'level3', symbols, params: { depth: level3.depth ?? 100 } };
    const cost = { symbolCost: LEVEL3_COST[level3.depth ?? 100], ...LEVEL3_ALLOWANCE };
    this.#lines.push(this.#line('level3', level3.url ?? 'wss://ws-l3.kraken.com/v2', [deep], cost));
  }

  get reconnects(): number {
    return this.#lines.reduce((sum, line) => sum + line.reconnects, 0);
  }

  start(): void {
    const { staleMs = 30_000, answerMs = 10_000 } = this.#options;
    this.#running = true;
    for (const line of this.#lines) line.start();
    this.#look = everyMs(Math.max(10, Math.min(1000, staleMs / 4, answerMs / 4)), () => {
      for (const line of this.#lines) line.look();
      this.#judge();
    });
    this.#judge();
  }

  async stop(): Promise<void> {
    this.#look?.();
    this.#running = false;
    await Promise.all(this.#lines.map((line) => line.stop()));
    this.#tell({ condition: 'stopped', words: 'Kraken is not connected: the feed was stopped' });
  }

  /** @param _why is shown by the gap that the mapper marked */
  resync(symbol: string, _why: string): void {
    for (const line of this.#lines) line.resync(symbol);
  }

  #line(
    name: 'public' | 'level3',
    url: string,
    wanted: readonly WantedChannel[],
    budget: { readonly symbolCost: number; readonly amount: number; readonly periodMs: number },
  ): KrakenLine {
    const { clock, random, outlet } = this.#options;
    return new KrakenLine({
      name,
      url,
      clock,
      random,
      outlet,
      times: this.#options,
      wanted,
      budget,
      ...(name === 'level3'
        ? {
            token: (fresh: boolean) => this.#freshToken(fresh),
            onTokenRefused: () => {
              this.#token = undefined;
            },
          }
        : {}),
      onChange: () => this.#judge(),
      onData: (localUs) => {
        this.#dataUs = localUs;
        if (this.#state.condition !== 'live') this.#judge();
      },
    });
  }

  /** A token that is young enough to be used. */
  async #freshToken(fresh: boolean): Promise<string> {
    const nowUs = this.#options.clock.nowUs();
    if (!fresh && this.#token !== undefined && nowUs - this.#token.takenUs < TOKEN_LIFE_US) return this.#token.text;
    try {
      this.#token = { text: await this.#rest!.webSocketToken(), takenUs: nowUs };
      this.#keyFault = undefined;
      return this.#token.text;
    } catch (error) {
      if (error instanceof KrakenRefusal && error.credentials) {
        this.#keyFault = `${error.message}; check KRAKEN_API_KEY and KRAKEN_API_SECRET, and that the key may use WebSockets`;
      }
      throw new Error(tokenFaultWords(error));
    }
  }

  /** Says how the feed is, when that has changed. */
  #judge(): void {
    if (this.#running) this.#tell(this.#condition());
  }

  #tell(state: FeedState): void {
    if (state.condition === this.#state.condition && state.words === this.#state.words) return;
    this.#state = state;
    this.#options.outlet.state(state);
  }

  #condition(): FeedState {
    const { clock, staleMs = 30_000, symbols } = this.#options;
    const nowUs = clock.nowUs();
    const down = this.#lines.find((line) => line.down !== undefined);
    if (down !== undefined || this.#upUs === 0) this.#upUs = nowUs;
    if (this.#keyFault !== undefined) return { condition: 'bad-credentials', words: this.#keyFault };
    if (down !== undefined) return { condition: 'connecting', words: `Kraken is not connected: ${down.down}` };
    const system = this.#lines[0]!.system;
    if (system === 'maintenance') {
      return {
        condition: 'closed',
        words: 'Kraken is in maintenance; books stand still until it ends, nothing is to be done',
      };
    }
    const refused = this.#lines.flatMap((line) => [...line.refused]);
    if (refused.length > 0) {
      const words = refused.map(([symbol, why]) => (symbol === '' ? why : `${symbol} (${why})`)).join(', ');
      return { condition: 'refused', words: `Kraken refuses ${words}; correct feeds.kraken.symbols, the others go on` };
    }
    const rebuilding = this.#lines.flatMap((line) => line.rebuilding);
    const lately = this.#dataUs > this.#upUs;
    if (rebuilding.length > 0 && lately) {
      return { condition: 'gap', words: `books are being rebuilt: ${rebuilding.join(', ')}` };
    }
    if (nowUs - Math.max(this.#dataUs, this.#upUs) > staleMs * 1000) {
      return {
        condition: 'stale',
        words: `Kraken’s connection lives, but no book or trade came for ${staleMs / 1000} s`,
      };
    }
    if (!lately) return { condition: 'connecting', words: 'connected to Kraken, waiting for books' };
    const halted = system === 'online' ? '' : `; Kraken says ${system}`;
    return { condition: 'live', words: `books and trades of ${symbols.join(', ')} flow${halted}` };
  }
}
