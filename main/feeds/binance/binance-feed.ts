import type { Clock } from '../../core/clock/clock.ts';
import type { Random } from '../../core/clock/random.ts';
import { afterMs, type Cancel, everyMs, soon } from '../../core/clock/wall-timer.ts';
import type { Feed, FeedOutlet, FeedState } from '../../core/feed-port.ts';
import { Backoff, MOST_AFTER_UP_MS } from '../socket/backoff.ts';
import { RateBudget } from '../socket/rate-budget.ts';
import { type RestJob, RestQueue, type RestTrouble } from '../socket/rest-queue.ts';
import { restAddress, streamAddress } from '../socket/venue-address.ts';
import { WebSocketLine } from '../socket/websocket-line.ts';
import { DEPTH_ANSWER, EXCHANGE_INFO } from './binance-mapper.ts';
import { binanceState } from './binance-state.ts';

export interface BinanceFeedOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly outlet: FeedOutlet;
  /** As the venue writes them: `BTCUSDT`. */
  readonly symbols: readonly string[];
  /** Address of the streams. Default `wss://data-stream.binance.vision`, which serves public data only. */
  readonly url?: string;
  /** Address of the REST interface. Default `https://data-api.binance.vision`, or the host of `url` where that is given. */
  readonly restUrl?: string;
  /** Levels a side in a snapshot: 100, 500, 1000 (default) or 5000; deeper ones are known from when they change. */
  readonly depthLimit?: number;
  /** Weight that may be spent in a minute. Default half of the venue's 6,000, which are counted by address. */
  readonly weightPerMinute?: number;
  /** A connection is replaced at this age; the venue ends it after 24 h. Default 23 h 30 min. */
  readonly rotateAfterMs?: number;
  /** Time for which a connection is kept beside the one that replaces it. Default 1 s. */
  readonly overlapMs?: number;
  /** A connection on which not even the venue's ping (every 20 s) came for so long is dead. Default 45 s. */
  readonly silenceMs?: number;
  /** Without market data for so long the state is `stale`. Default 10 s. */
  readonly staleMs?: number;
  readonly openWithinMs?: number;
  readonly requestTimeoutMs?: number;
  /** Bounds of the waits between attempts. Defaults 500 ms and 30 s. */
  readonly baseMs?: number;
  readonly mostMs?: number;
  /** Shortest time between two snapshots of a symbol. Default 500 ms. */
  readonly snapshotGapMs?: number;
  /** How often staleness is looked at. Default 500 ms. */
  readonly tickMs?: number;
}

const STREAMS = 'wss://data-stream.binance.vision';
const REST = 'https://data-api.binance.vision';
/** The venue allows 300 attempts in five minutes. */
const LEAST_GAP_MS = 200;
const SERVER_SHUTDOWN = Buffer.from('"serverShutdown"');
/** A notice is no longer than this; longer messages are not looked through. */
const NOTICE_BYTES = 200;
const EXCHANGE_INFO_WEIGHT = 20;

/** Connection whose messages are taken; while it is replaced there are two. */
interface Link {
  readonly line: WebSocketLine;
  open: boolean;
  rotation: Cancel | undefined;
}

/**
 * Binance Spot public data: one combined stream of diffs and trades, and snapshots over REST. Before a connection ends by
 * age or announcement its replacement is up; what both bring is told apart by the mapper.
 */
export class BinanceFeed implements Feed {
  readonly name = 'binance';
  readonly #options: BinanceFeedOptions;
  readonly #rest: RestQueue;
  readonly #missing = new Map<string, string>();
  #link: Link | undefined;
  #next: Link | undefined;
  #retiring: Cancel | undefined;
  #stopping: Promise<void>[] = [];
  #cancelTick: Cancel | undefined;
  #trouble: RestTrouble | undefined;
  #down = 'connecting';
  #dataUs = 0;
  #openedUs = 0;
  #opens = 0;
  #built = false;
  #stopped = false;
  #told: FeedState | undefined;

  constructor(options: BinanceFeedOptions) {
    this.#options = options;
    const { clock, random, weightPerMinute = 3000, requestTimeoutMs = 15_000, snapshotGapMs = 500 } = options;
    this.#rest = new RestQueue({
      clock,
      base: restAddress(options.restUrl, options.url, REST),
      budget: new RateBudget({ clock, amount: weightPerMinute, periodMs: 60_000 }),
      backoff: new Backoff({ random, ...this.#bounds() }),
      timeoutMs: requestTimeoutMs,
      leastGapMs: snapshotGapMs,
      onAnswer: (job, bytes, localUs) => this.#answered(job, bytes, localUs),
      onTrouble: (trouble) => this.#troubled(trouble),
    });
  }

  get reconnects(): number {
    return Math.max(0, this.#opens - 1);
  }

  start(): void {
    const { tickMs = 500 } = this.#options;
    this.#down = `connecting to ${new URL(this.#streamUrl()).host}`;
    this.#cancelTick = everyMs(tickMs, () => this.#tell());
    this.#link = this.#connect();
    this.#tell();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTick?.();
    this.#rest.stop();
    this.#endLinks();
    await Promise.all(this.#stopping);
    this.#tell();
  }

  resync(symbol: string, why: string): void {
    if (this.#stopped || !this.#options.symbols.includes(symbol)) return;
    if (!this.#missing.has(symbol) || why !== '') this.#missing.set(symbol, why);
    if (this.#open) this.#askDepth(symbol);
    this.#tell();
  }

  get #open(): boolean {
    return this.#link?.open === true || this.#next?.open === true;
  }

  #bounds(): { baseMs?: number; mostMs?: number } {
    const { baseMs, mostMs } = this.#options;
    return { ...(baseMs === undefined ? {} : { baseMs }), ...(mostMs === undefined ? {} : { mostMs }) };
  }

  #streamUrl(): string {
    const { symbols, url = STREAMS } = this.#options;
    const { protocol, host, pathname } = new URL(streamAddress(url));
    // The path of single streams takes no list of them.
    const path = /^\/(ws\/?)?$/.test(pathname) ? '/stream' : pathname;
    const streams = symbols.map((symbol) => symbol.toLowerCase()).flatMap((s) => [`${s}@depth@100ms`, `${s}@trade`]);
    return `${protocol}//${host}${path}?streams=${streams.join('/')}&timeUnit=MICROSECOND`;
  }

  #connect(): Link {
    const { clock, random, silenceMs = 45_000, openWithinMs } = this.#options;
    const link: Link = {
      open: false,
      rotation: undefined,
      line: new WebSocketLine({
        address: () => this.#streamUrl(),
        clock,
        random,
        silenceMs,
        leastGapMs: LEAST_GAP_MS,
        mostAfterUpMs: MOST_AFTER_UP_MS,
        ...this.#bounds(),
        ...(openWithinMs === undefined ? {} : { openWithinMs }),
        onOpen: () => this.#opened(link),
        onMessage: (bytes, localUs) => this.#message(link, bytes, localUs),
        onDown: (why, nextMs) => this.#lost(link, why, nextMs),
        onRefused: (status, retryMs) => this.#refused(status, retryMs),
      }),
    };
    link.line.start();
    return link;
  }

  #opened(link: Link): void {
    const { clock, rotateAfterMs = 84_600_000 } = this.#options;
    this.#opens++;
    link.open = true;
    link.rotation = afterMs(rotateAfterMs, () => this.#rotate());
    if (link === this.#next) return;
    this.#dataUs = 0;
    this.#openedUs = clock.nowUs();
    this.#frame('opened', 'public', NO_BYTES, this.#openedUs);
    this.#rest.ask({ name: EXCHANGE_INFO, path: this.#infoPath(), weight: EXCHANGE_INFO_WEIGHT });
    for (const symbol of this.#options.symbols) {
      if (!this.#missing.has(symbol)) this.#missing.set(symbol, this.#built ? 'a new connection begins' : '');
      this.#askDepth(symbol);
    }
    this.#tell();
  }

  #message(link: Link, bytes: Uint8Array, localUs: number): void {
    this.#dataUs = localUs;
    this.#frame('message', link === this.#link ? 'public' : 'public next', bytes, localUs);
    if (
      bytes.length < NOTICE_BYTES &&
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(SERVER_SHUTDOWN)
    )
      this.#rotate();
    if (link === this.#next && this.#retiring === undefined) {
      this.#retiring = afterMs(this.#options.overlapMs ?? 1000, () => this.#replace());
    }
    if (this.#told?.condition !== 'live') this.#tell();
  }

  /** A connection went down, or an attempt failed. */
  #lost(link: Link, why: string, nextMs: number): void {
    link.rotation?.();
    const wasOpen = link.open;
    link.open = false;
    if (link === this.#next) {
      // It tries again by itself; the wait for it to bring messages begins anew.
      this.#retiring?.();
      this.#retiring = undefined;
      return;
    }
    if (link !== this.#link) return;
    if (this.#next?.open === true) {
      this.#replace();
      return;
    }
    this.#endNext();
    this.#down = `${why}; next attempt in ${(nextMs / 1000).toFixed(1)} s`;
    this.#rest.cancel();
    if (wasOpen) this.#frame('lost', why, NO_BYTES, this.#options.clock.nowUs());
    this.#tell();
  }

  #refused(status: number, retryMs: number | undefined): 'stop' | number | undefined {
    if (status === 451 || status === 403) {
      this.#troubled({ kind: 'not-offered', status });
      return 'stop';
    }
    if (status !== 429 && status !== 418) return undefined;
    const waitMs = retryMs ?? (status === 418 ? 120_000 : 60_000);
    this.#troubled({ kind: 'quota', status, untilUs: this.#options.clock.nowUs() + waitMs * 1000 });
    return waitMs;
  }

  /** Begins to replace the connection, which goes on until the new one brings messages. */
  #rotate(): void {
    if (this.#stopped || this.#next !== undefined) return;
    this.#next = this.#connect();
  }

  #replace(): void {
    const former = this.#link;
    this.#retiring?.();
    this.#retiring = undefined;
    this.#link = this.#next;
    this.#next = undefined;
    if (former !== undefined) this.#end(former);
    this.#tell();
  }

  #endNext(): void {
    this.#retiring?.();
    this.#retiring = undefined;
    if (this.#next !== undefined) this.#end(this.#next);
    this.#next = undefined;
  }

  #end(link: Link): void {
    link.open = false;
    link.rotation?.();
    this.#stopping.push(link.line.stop());
  }

  #endLinks(): void {
    this.#endNext();
    if (this.#link !== undefined) this.#end(this.#link);
  }

  #infoPath(): string {
    const list = JSON.stringify(this.#options.symbols);
    return `/api/v3/exchangeInfo?symbols=${encodeURIComponent(list)}`;
  }

  #askDepth(symbol: string): void {
    const { depthLimit = 1000 } = this.#options;
    const path = `/api/v3/depth?symbol=${encodeURIComponent(symbol)}&limit=${depthLimit}`;
    this.#rest.ask({ name: `${DEPTH_ANSWER}${symbol}`, path, weight: depthWeight(depthLimit) });
  }

  #answered(job: RestJob, bytes: Uint8Array, localUs: number): void {
    if (job.name.startsWith(DEPTH_ANSWER)) {
      this.#built = true;
      this.#missing.delete(job.name.slice(DEPTH_ANSWER.length));
    }
    this.#frame('answer', job.name, bytes, localUs);
    this.#tell();
  }

  #troubled(trouble: RestTrouble | undefined): void {
    // Without increments they are learned from the texts; which symbol is unknown is told by its own request.
    if (trouble?.kind === 'refused' && trouble.job.name === EXCHANGE_INFO) return;
    // What was refused stays refused, whatever else is answered.
    if (trouble === undefined && this.#trouble?.kind === 'refused') return;
    this.#trouble = trouble;
    if (trouble?.kind === 'not-offered') {
      this.#rest.stop();
      // The line that was refused is still at it.
      soon(() => this.#endLinks());
    }
    this.#tell();
  }

  #frame(kind: 'opened' | 'lost' | 'message' | 'answer', name: string, bytes: Uint8Array, localUs: number): void {
    if (!this.#stopped) this.#options.outlet.frame({ kind, name, bytes, localUs });
  }

  #tell(): void {
    const { clock, outlet, staleMs = 10_000 } = this.#options;
    const state = binanceState({
      nowUs: clock.nowUs(),
      stopped: this.#stopped,
      trouble: this.#trouble,
      open: this.#open,
      down: this.#down,
      missing: this.#missing,
      dataUs: this.#dataUs,
      openedUs: this.#openedUs,
      staleMs,
    });
    if (state.condition === this.#told?.condition && state.words === this.#told.words) return;
    this.#told = state;
    outlet.state(state);
  }
}

const NO_BYTES = new Uint8Array(0);

/** Weight of a depth request by its limit, by the venue's table. */
function depthWeight(limit: number): number {
  if (limit <= 100) return 5;
  if (limit <= 500) return 25;
  return limit <= 1000 ? 50 : 250;
}
