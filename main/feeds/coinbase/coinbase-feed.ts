import type { Clock } from '../../core/clock/clock.ts';
import type { Random } from '../../core/clock/random.ts';
import { type Cancel, everyMs, soon } from '../../core/clock/wall-timer.ts';
import type { Feed, FeedOutlet, FeedState, FrameKind } from '../../core/feed-port.ts';
import { Backoff, MOST_AFTER_UP_MS } from '../socket/backoff.ts';
import { RateBudget } from '../socket/rate-budget.ts';
import { RestQueue } from '../socket/rest-queue.ts';
import { restAddress, streamAddress } from '../socket/venue-address.ts';
import { WebSocketLine } from '../socket/websocket-line.ts';
import { COINBASE_CONNECTION, PRODUCT_ANSWER } from './coinbase-mapper.ts';
import { coinbaseState } from './coinbase-state.ts';

export interface CoinbaseFeedOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly outlet: FeedOutlet;
  /** As the venue writes them: `BTC-USD`. */
  readonly symbols: readonly string[];
  /** Default `wss://advanced-trade-ws.coinbase.com`. */
  readonly url?: string;
  /** Where increments are asked for. Default `https://api.coinbase.com`, or the host of `url` where that is given. */
  readonly restUrl?: string;
  /** A connection on which nothing, not even the heartbeat of each second, came for so long is dead. Default 10 s. */
  readonly silenceMs?: number;
  /** Without depth or trades for so long the state is `stale`. Default 10 s. */
  readonly staleMs?: number;
  readonly openWithinMs?: number;
  readonly requestTimeoutMs?: number;
  /** Bounds of the waits between attempts. Defaults 1 s and 30 s. */
  readonly baseMs?: number;
  readonly mostMs?: number;
  /** How often silence and staleness are looked at. Default 500 ms. */
  readonly tickMs?: number;
}

const STREAM = 'wss://advanced-trade-ws.coinbase.com';
const REST = 'https://api.coinbase.com';
/** The venue allows eight connections a second by address. */
const LEAST_GAP_MS = 150;
const CHANNELS = ['heartbeats', 'level2', 'market_trades'] as const;
/** The channel stands near the beginning of a message; a complaint is short. */
const HEAD_BYTES = 96;
const COMPLAINT_BYTES = 2000;
const L2_DATA = Buffer.from('"l2_data"');
const MARKET_TRADES = Buffer.from('"market_trades"');
const ERROR = Buffer.from('"error"');
const NO_BYTES = new Uint8Array(0);

/**
 * Coinbase Advanced Trade public data over one connection. There is no way to ask for what was missed, so a book that can't
 * be followed means a new connection, which begins with a snapshot of each product.
 */
export class CoinbaseFeed implements Feed {
  readonly name = 'coinbase';
  readonly #options: CoinbaseFeedOptions;
  readonly #line: WebSocketLine;
  readonly #rest: RestQueue;
  readonly #missing: Set<string>;
  #cancelTick: Cancel | undefined;
  #renewal: Cancel | undefined;
  #open = false;
  #down: string;
  #complaint = '';
  #rebuilt = '';
  #refusedStatus = 0;
  #blockedUntilUs = 0;
  #heardUs = 0;
  #dataUs = 0;
  #openedUs = 0;
  #stopped = false;
  #told: FeedState | undefined;

  constructor(options: CoinbaseFeedOptions) {
    this.#options = options;
    const {
      clock,
      random,
      symbols,
      url = STREAM,
      silenceMs = 10_000,
      openWithinMs,
      baseMs = 1000,
      mostMs = 30_000,
    } = options;
    const address = streamAddress(url);
    this.#down = `connecting to ${new URL(address).host}`;
    this.#missing = new Set(symbols);
    this.#line = new WebSocketLine({
      address: () => address,
      clock,
      random,
      silenceMs,
      baseMs,
      mostMs,
      leastGapMs: Math.min(LEAST_GAP_MS, mostMs),
      mostAfterUpMs: MOST_AFTER_UP_MS,
      ...(openWithinMs === undefined ? {} : { openWithinMs }),
      onOpen: () => this.#opened(),
      onMessage: (bytes, localUs) => this.#message(bytes, localUs),
      onDown: (why, nextMs) => this.#lost(why, nextMs),
      onRefused: (status, retryMs) => this.#refused(status, retryMs),
    });
    this.#rest = new RestQueue({
      clock,
      base: restAddress(options.restUrl, options.url, REST),
      budget: new RateBudget({ clock, amount: 5, periodMs: 1000 }),
      backoff: new Backoff({ random, baseMs, mostMs }),
      timeoutMs: options.requestTimeoutMs ?? 15_000,
      leastGapMs: 0,
      onAnswer: (job, bytes, localUs) => this.#frame('answer', job.name, bytes, localUs),
      // Increments that are not to be had are learned from the texts.
      onTrouble: () => undefined,
    });
  }

  get reconnects(): number {
    return this.#line.reconnects;
  }

  start(): void {
    const { symbols, tickMs = 500 } = this.#options;
    for (const symbol of symbols) {
      const path = `/api/v3/brokerage/market/products/${encodeURIComponent(symbol)}`;
      this.#rest.ask({ name: `${PRODUCT_ANSWER}${symbol}`, path, weight: 1 });
    }
    this.#cancelTick = everyMs(tickMs, () => this.#look());
    this.#line.start();
    this.#tell();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTick?.();
    this.#renewal?.();
    this.#rest.stop();
    await this.#line.stop();
    this.#tell();
  }

  resync(_symbol: string, why: string): void {
    // While no connection is up the next one is on its way.
    if (!this.#open || this.#stopped || this.#renewal !== undefined) return;
    // The mapper that asks is in the middle of a frame.
    this.#renewal = soon(() => {
      this.#renewal = undefined;
      if (this.#open) this.#line.renew(why);
    });
  }

  #opened(): void {
    const { clock, symbols } = this.#options;
    this.#open = true;
    this.#openedUs = clock.nowUs();
    this.#heardUs = this.#openedUs;
    this.#complaint = '';
    for (const symbol of symbols) this.#missing.add(symbol);
    this.#frame('opened', COINBASE_CONNECTION, NO_BYTES, this.#openedUs);
    for (const channel of CHANNELS)
      this.#line.send(JSON.stringify({ type: 'subscribe', product_ids: symbols, channel }));
    this.#tell();
  }

  #message(bytes: Uint8Array, localUs: number): void {
    this.#heardUs = localUs;
    this.#frame('message', COINBASE_CONNECTION, bytes, localUs);
    if (headHolds(bytes, L2_DATA)) {
      this.#dataUs = localUs;
      if (this.#missing.size > 0) this.#found(bytes);
    } else if (headHolds(bytes, MARKET_TRADES)) {
      this.#dataUs = localUs;
    } else if (bytes.length < COMPLAINT_BYTES && headHolds(bytes, ERROR)) {
      this.#complaint = complaintOf(bytes);
      this.#tell();
    }
    if (this.#told?.condition === 'stale') this.#tell();
  }

  /** Depth of a product begins with its snapshot. */
  #found(bytes: Uint8Array): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (const symbol of this.#missing) {
      // A product in USDC is told under its name in USD.
      if (text.includes(`"${symbol}"`) || text.includes(`"${symbol.replace(/-USDC$/, '-USD')}"`))
        this.#missing.delete(symbol);
    }
    this.#tell();
  }

  #lost(why: string, nextMs: number): void {
    if (this.#open) {
      this.#rebuilt = why;
      this.#frame('lost', `${COINBASE_CONNECTION}: ${why}`, NO_BYTES, this.#options.clock.nowUs());
    }
    this.#open = false;
    this.#down = `${why}; next attempt in ${(nextMs / 1000).toFixed(1)} s`;
    this.#tell();
  }

  #refused(status: number, retryMs: number | undefined): 'stop' | number | undefined {
    if (status === 451 || status === 403) {
      this.#refusedStatus = status;
      this.#rest.stop();
      this.#tell();
      return 'stop';
    }
    if (status !== 429) return undefined;
    const waitMs = retryMs ?? 10_000;
    this.#blockedUntilUs = this.#options.clock.nowUs() + waitMs * 1000;
    return waitMs;
  }

  /** The server's pings do not count here: a heartbeat is due every second. */
  #look(): void {
    const { clock, silenceMs = 10_000 } = this.#options;
    if (this.#open && clock.nowUs() - this.#heardUs > silenceMs * 1000)
      this.#line.renew(`no heartbeat came for ${silenceMs / 1000} s`);
    this.#tell();
  }

  #frame(kind: FrameKind, name: string, bytes: Uint8Array, localUs: number): void {
    if (!this.#stopped) this.#options.outlet.frame({ kind, name, bytes, localUs });
  }

  #tell(): void {
    const { clock, outlet, staleMs = 10_000 } = this.#options;
    const state = coinbaseState({
      nowUs: clock.nowUs(),
      stopped: this.#stopped,
      refusedStatus: this.#refusedStatus,
      blockedUntilUs: this.#blockedUntilUs,
      open: this.#open,
      down: this.#down,
      complaint: this.#complaint,
      missing: this.#missing,
      rebuilt: this.#rebuilt,
      dataUs: this.#dataUs,
      openedUs: this.#openedUs,
      staleMs,
    });
    if (state.condition === this.#told?.condition && state.words === this.#told.words) return;
    this.#told = state;
    outlet.state(state);
  }
}

/** Whether a word stands in the first bytes of a message. */
function headHolds(bytes: Uint8Array, word: Uint8Array): boolean {
  const last = Math.min(bytes.length, HEAD_BYTES) - word.length;
  for (let at = 0; at <= last; at++) {
    let same = 0;
    while (same < word.length && bytes[at + same] === word[same]) same++;
    if (same === word.length) return true;
  }
  return false;
}

/** The venue's words in an error message, cut to what a line can show. */
function complaintOf(bytes: Uint8Array): string {
  try {
    const { message } = JSON.parse(new TextDecoder().decode(bytes)) as { message?: unknown };
    return typeof message === 'string' ? message.slice(0, 120) : 'an error without words';
  } catch {
    return 'an error that could not be read';
  }
}
