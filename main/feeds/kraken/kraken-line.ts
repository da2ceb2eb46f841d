import type { Clock } from '../../core/clock/clock.ts';
import type { Random } from '../../core/clock/random.ts';
import { afterMs, type Cancel } from '../../core/clock/wall-timer.ts';
import type { FeedOutlet } from '../../core/feed-port.ts';
import { MOST_AFTER_UP_MS } from '../socket/backoff.ts';
import { RateBudget } from '../socket/rate-budget.ts';
import { WebSocketLine } from '../socket/websocket-line.ts';
import { readNotice } from './kraken-notice.ts';
import type { Connection } from './symbol-directory.ts';

/** Times of a connection, all in ms. */
export interface LineTimes {
  /** Dead after so long without any message. Default 5 s: heartbeats come every second. */
  readonly silenceMs?: number;
  /** Shortest time between two attempts to connect. Default 1 s. */
  readonly leastGapMs?: number;
  readonly baseMs?: number;
  readonly mostMs?: number;
  /** A request for a book that is not answered is repeated after so long. Default 10 s. */
  readonly answerMs?: number;
  /** A book that keeps failing is had anew no more often than this. Default 1 s. */
  readonly resyncGapMs?: number;
}

/** A channel with the symbols that are wanted on it; undefined = it has none (`instrument`). */
export interface WantedChannel {
  readonly channel: 'instrument' | 'trade' | 'book' | 'level3';
  readonly symbols: readonly string[] | undefined;
  /** Parameters beside channel and symbols. */
  readonly params: Readonly<Record<string, unknown>>;
}

export interface KrakenLineOptions {
  readonly name: Connection;
  readonly url: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly outlet: Pick<FeedOutlet, 'frame'>;
  readonly times: LineTimes;
  readonly wanted: readonly WantedChannel[];
  /** What may be spent on subscriptions: each symbol costs `symbolCost`, so that no more than `most` go in one period. */
  readonly budget: { readonly symbolCost: number; readonly amount: number; readonly periodMs: number };
  /** A token for authenticated channels; a rejection is a failed attempt. `fresh` asks for one that was not used before. */
  readonly token?: (fresh: boolean) => Promise<string>;
  /** The venue no longer takes the token. */
  readonly onTokenRefused?: () => void;
  /** Something has changed that the feed's state depends on. */
  readonly onChange: () => void;
  /** Book or trade data came. */
  readonly onData: (localUs: number) => void;
}

/** How a snapshot begins, in the order in which the venue writes it. */
const SNAPSHOT = /^\{"channel":"(?:book|level3)","type":"snapshot","data":\[\{"symbol":"([^"]+)"/;
const SNAPSHOT_HEAD_BYTES = 128;
const decoder = new TextDecoder();

/**
 * One of Kraken's connections with its subscriptions: subscribes again after each reconnect, gets new books on request, in
 * bundles and within the venue's budget, and knows what was refused.
 */
export class KrakenLine {
  readonly #options: KrakenLineOptions;
  readonly #line: WebSocketLine;
  readonly #budget: RateBudget;
  readonly #queued = new Set<string>();
  /** Symbols that were had anew a moment ago and have to wait. */
  readonly #delayed = new Set<string>();
  /** When a new book of a symbol was last asked for, µs. */
  readonly #resyncedUs = new Map<string, number>();
  /** Symbols whose new book is on its way, and until when it is waited for, µs. */
  readonly #awaited = new Map<string, number>();
  /** Symbols whose book the venue has confirmed on this connection. */
  readonly #subscribed = new Set<string>();
  /** Refused symbols with the venue's words. */
  readonly refused = new Map<string, string>();
  /** Why the line is down, undefined while it is up. */
  down: string | undefined = 'not started';
  /** State of the whole venue as this connection told it. */
  system = 'online';
  readonly #timers = new Set<Cancel>();
  #flushing = false;
  #requests = 0;

  constructor(options: KrakenLineOptions) {
    this.#options = options;
    const { clock, random, url, times, budget, token } = options;
    const { silenceMs = 5000, leastGapMs = 1000, baseMs, mostMs } = times;
    this.#budget = new RateBudget({ clock, amount: budget.amount, periodMs: budget.periodMs });
    this.#line = new WebSocketLine({
      address: async () => {
        await token?.(true);
        return url;
      },
      clock,
      random,
      silenceMs,
      leastGapMs,
      mostAfterUpMs: MOST_AFTER_UP_MS,
      ...(baseMs === undefined ? {} : { baseMs }),
      ...(mostMs === undefined ? {} : { mostMs }),
      ping: {
        everyMs: Math.max(10, Math.floor(silenceMs / 2)),
        text: () => `{"method":"ping","req_id":${++this.#requests}}`,
      },
      onOpen: () => this.#opened(),
      onMessage: (bytes, localUs) => this.#message(bytes, localUs),
      onDown: (why, nextMs) => this.#lost(why, nextMs),
    });
  }

  get reconnects(): number {
    return this.#line.reconnects;
  }

  /** Books that are being rebuilt. */
  get rebuilding(): readonly string[] {
    return [...new Set([...this.#awaited.keys(), ...this.#queued, ...this.#delayed])];
  }

  start(): void {
    this.down = 'connecting';
    this.#line.start();
  }

  async stop(): Promise<void> {
    this.#clear();
    this.down = 'stopped';
    await this.#line.stop();
  }

  /** Gets a new book of a symbol, unless one is on its way; while the line is down that comes by itself. */
  resync(symbol: string): void {
    const { clock, times } = this.#options;
    if (this.down !== undefined || this.#queued.has(symbol) || this.#delayed.has(symbol)) return;
    const untilUs = this.#awaited.get(symbol);
    if (untilUs !== undefined && clock.nowUs() < untilUs) return;
    if (!this.#bookChannel()?.symbols?.includes(symbol)) return;
    const nowUs = clock.nowUs();
    const waitMs = (times.resyncGapMs ?? 1000) - (nowUs - (this.#resyncedUs.get(symbol) ?? 0)) / 1000;
    if (waitMs <= 0) {
      this.#enqueue(symbol);
      return;
    }
    this.#delayed.add(symbol);
    this.#later(waitMs, () => {
      if (this.#delayed.delete(symbol)) this.#enqueue(symbol);
    });
    this.#options.onChange();
  }

  #enqueue(symbol: string): void {
    this.#resyncedUs.set(symbol, this.#options.clock.nowUs());
    this.#queued.add(symbol);
    this.#flushSoon();
    this.#options.onChange();
  }

  /** Repeats what was not answered in time; called now and then. */
  look(): void {
    const nowUs = this.#options.clock.nowUs();
    for (const [symbol, untilUs] of this.#awaited) {
      if (nowUs < untilUs) continue;
      this.#awaited.delete(symbol);
      // Perhaps it was subscribed and only the answer was lost: then another subscription would be refused.
      this.#subscribed.add(symbol);
      this.resync(symbol);
    }
  }

  /** The channel that this connection's books come by. */
  #bookChannel(): WantedChannel | undefined {
    return this.#options.wanted.find(({ channel }) => channel === 'book' || channel === 'level3');
  }

  #opened(): void {
    const { name, outlet, clock, wanted } = this.#options;
    this.down = undefined;
    this.refused.clear();
    const depth = this.#bookChannel()?.params['depth'] ?? 0;
    outlet.frame({ kind: 'opened', name, bytes: Buffer.from(`{"depth":${depth}}`), localUs: clock.nowUs() });
    for (const { channel, symbols, params } of wanted) {
      if (channel === 'book' || channel === 'level3') for (const symbol of symbols ?? []) this.#queued.add(symbol);
      else this.#send('subscribe', { channel, ...(symbols === undefined ? {} : { symbol: symbols }), ...params });
    }
    this.#flushSoon();
    this.#options.onChange();
  }

  /** Gathers what is asked for in one turn. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#later(0, () => this.#flush());
  }

  /** Sends what may be sent now, and the rest when the budget allows it. */
  #flush(): void {
    const { budget, token } = this.#options;
    this.#flushing = false;
    const most = Math.max(1, Math.floor(budget.amount / budget.symbolCost));
    const bundle = [...this.#queued].slice(0, most);
    if (bundle.length === 0 || this.down !== undefined) return;
    const waitMs = this.#budget.take(bundle.length * budget.symbolCost);
    if (waitMs > 0) {
      this.#flushing = true;
      this.#later(waitMs, () => this.#flush());
      return;
    }
    if (token === undefined) this.#subscribe(bundle, undefined);
    else
      void token(false).then(
        (text) => this.#subscribe(bundle, text),
        () => this.#line.renew('no token could be had'),
      );
    for (const symbol of bundle) this.#queued.delete(symbol);
    if (this.#queued.size > 0) this.#flushSoon();
  }

  #subscribe(symbols: readonly string[], token: string | undefined): void {
    const { clock, times } = this.#options;
    const book = this.#bookChannel();
    if (book === undefined || this.down !== undefined) return;
    const secret = token === undefined ? {} : { token };
    const old = symbols.filter((symbol) => this.#subscribed.has(symbol));
    const about = { channel: book.channel, ...book.params };
    if (old.length > 0) this.#send('unsubscribe', { ...about, symbol: old, ...secret });
    this.#send('subscribe', { ...about, symbol: symbols, snapshot: true, ...secret });
    const untilUs = clock.nowUs() + (times.answerMs ?? 10_000) * 1000;
    for (const symbol of symbols) this.#awaited.set(symbol, untilUs);
    this.#options.onChange();
  }

  #send(method: string, params: Record<string, unknown>): void {
    this.#line.send(JSON.stringify({ method, params, req_id: ++this.#requests }));
  }

  #message(bytes: Uint8Array, localUs: number): void {
    const { name, outlet, onData, onChange, onTokenRefused } = this.#options;
    outlet.frame({ kind: 'message', name, bytes, localUs });
    const notice = readNotice(bytes);
    switch (notice.kind) {
      case 'data':
        if (this.#awaited.size > 0) this.#confirmBySnapshot(bytes);
        onData(localUs);
        return;
      case 'other':
        return;
      case 'system':
        this.system = notice.system;
        break;
      case 'subscribed':
        if (notice.channel !== this.#bookChannel()?.channel) return;
        this.refused.delete(notice.symbol);
        this.#subscribed.add(notice.symbol);
        this.#awaited.delete(notice.symbol);
        break;
      case 'unsubscribed':
        if (notice.channel === this.#bookChannel()?.channel) this.#subscribed.delete(notice.symbol);
        return;
      case 'refused':
        if (/ESession|\btoken\b/i.test(notice.words) && onTokenRefused !== undefined) {
          onTokenRefused();
          this.#line.renew('the token was refused');
          return;
        }
        // What is subscribed already needs no word; a lost unsubscription is made good by the next snapshot.
        if (/already subscribed|subscription not found/i.test(notice.words)) return;
        this.#awaited.delete(notice.symbol);
        this.refused.set(notice.symbol, notice.words);
        break;
    }
    onChange();
  }

  /** A snapshot of a book that is waited for says as much as the venue's answer. */
  #confirmBySnapshot(bytes: Uint8Array): void {
    const symbol = SNAPSHOT.exec(decoder.decode(bytes.subarray(0, SNAPSHOT_HEAD_BYTES)))?.[1];
    if (symbol === undefined || !this.#awaited.delete(symbol)) return;
    this.#subscribed.add(symbol);
    this.#options.onChange();
  }

  #lost(why: string, nextMs: number): void {
    const { name, outlet, clock, onChange } = this.#options;
    const wasUp = this.down === undefined;
    this.#clear();
    this.down = `${why}; next attempt in ${(nextMs / 1000).toFixed(1)} s`;
    if (wasUp)
      outlet.frame({ kind: 'lost', name: `${name}: ${why}`, bytes: new Uint8Array(0), localUs: clock.nowUs() });
    onChange();
  }

  /** Runs something once, unless the connection goes down before. */
  #later(ms: number, run: () => void): void {
    const cancel = afterMs(ms, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }

  #clear(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#flushing = false;
    this.#queued.clear();
    this.#delayed.clear();
    this.#awaited.clear();
    this.#subscribed.clear();
  }
}
