import type { Clock } from '../../core/clock/clock.ts';
import type { Random } from '../../core/clock/random.ts';
import { everyMs } from '../../core/clock/wall-timer.ts';
import type { Feed, FeedCondition, FeedOutlet, FrameKind } from '../../core/feed-port.ts';
import { Backoff, MOST_AFTER_UP_MS } from '../socket/backoff.ts';
import { pause } from '../socket/pause.ts';
import { IgError } from './ig-error.ts';
import type { IgMarket } from './ig-markets.ts';
import { IgRest } from './ig-rest.ts';
import { IgSession } from './ig-session.ts';
import { LightstreamerLine, type LineListener, type LineTimings } from './lightstreamer.ts';
import {
  encodePriceUpdate,
  FLAG_FIELD,
  LEFT_OUT,
  MARKET_ANSWER,
  PRICE_ADAPTER,
  PRICE_FIELDS,
  priceItem,
} from './price-update.ts';
import { type StreamRefusal, streamRefusalOf, streamStatusOf } from './stream-status.ts';
import { WatchedMarkets } from './watched-markets.ts';

/** Times of the feed, ms. */
export interface IgTimings extends LineTimings {
  /** Whole time for a request. Default 15 s. */
  readonly requestMs?: number;
  /** Upper bounds of the first wait between two logins, and of any. Defaults 1 s and 60 s. */
  readonly baseMs?: number;
  readonly mostMs?: number;
  /** A line that held so long is taken for good: the next failure is a first one. Default 60 s. */
  readonly stableMs?: number;
  /** Without any price for so long, in an open market, the prices are stale. Default 30 s. */
  readonly silenceMs?: number;
}

export interface IgFeedOptions {
  readonly apiKey: string;
  readonly identifier: string;
  readonly password: string;
  /** REST address; default: IG's demo site. */
  readonly baseUrl?: string;
  /** Account to watch; default: the login's preferred one. */
  readonly accountId?: string;
  readonly sessionVersion?: 2 | 3;
  /** Epics, or pairs (`EURUSD`, `EUR/USD`) for which the account's undated contract is looked up. */
  readonly symbols: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly outlet: FeedOutlet;
  readonly timings?: IgTimings;
}

/** Subscriptions of one connection; IG's terms forbid to get around it with further connections. */
const MOST_SUBSCRIPTIONS = 40;
const WATCH_MS = 250;
const NOTHING = new Uint8Array(0);

/**
 * IG's prices: logs in, looks the markets up, and keeps one streaming connection. Every new connection begins with a login
 * of its own, since streaming takes only tokens that are fresh; a connection that stays up needs none. What the vendor's
 * client has decoded goes on as one frame an update.
 */
export class IgFeed implements Feed {
  readonly name = 'ig';
  readonly #options: IgFeedOptions;
  readonly #ending = new AbortController();
  readonly #session: IgSession;
  readonly #backoff: Backoff;
  readonly #watched = new WatchedMarkets();
  /** Places of markets whose values are being asked for anew. */
  readonly #renewing = new Set<number>();
  #line: LightstreamerLine | undefined;
  #running: Promise<void> | undefined;
  #lineDown: (() => void) | undefined;
  #refusal: StreamRefusal | undefined;
  #up = false;
  #opens = 0;
  #upSinceUs = 0;
  #heardUs = 0;
  #condition: FeedCondition | undefined;
  #words = '';
  #limit = MOST_SUBSCRIPTIONS;

  constructor(options: IgFeedOptions) {
    const { apiKey, identifier, password, clock, random, baseUrl, accountId, sessionVersion, timings = {} } = options;
    this.#options = options;
    const { requestMs, baseMs = 1_000, mostMs = 60_000 } = timings;
    const rest = new IgRest({
      apiKey,
      clock,
      signal: this.#ending.signal,
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...(requestMs === undefined ? {} : { timeoutMs: requestMs }),
    });
    this.#session = new IgSession({
      rest,
      identifier,
      password,
      clock,
      ...(accountId === undefined ? {} : { accountId }),
      ...(sessionVersion === undefined ? {} : { version: sessionVersion }),
    });
    this.#backoff = new Backoff({ random, baseMs, mostMs, mostAfterUpMs: MOST_AFTER_UP_MS });
  }

  get reconnects(): number {
    return Math.max(0, this.#opens - 1);
  }

  /** Markets that are subscribed, with their rules of dealing. */
  get markets(): readonly IgMarket[] {
    return this.#watched.markets;
  }

  start(): void {
    if (this.#running !== undefined) throw new Error('a feed is started once');
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#ending.abort(new Error('the feed was stopped'));
    await this.#line?.end();
    this.#lineDown?.();
    await this.#running;
    await this.#session.logout();
    this.#say('stopped', 'IG is disconnected.');
  }

  resync(symbol: string, _why: string): void {
    if (!this.#up) return;
    for (const index of this.#watched.placesOf(symbol)) this.#renew(index);
  }

  /** Asks for the values of a market anew, once at a time. */
  #renew(index: number): void {
    if (this.#renewing.has(index)) return;
    this.#renewing.add(index);
    this.#line?.renew(index);
  }

  /** Connects again and again, until it is stopped or there is no use in it. */
  async #run(): Promise<void> {
    const cancelWatch = everyMs(WATCH_MS, () => this.#watch());
    try {
      while (!this.#ending.signal.aborted) {
        const waitMs = await this.#connectOnce().catch((error: unknown) => this.#failed(error));
        if (waitMs === undefined) return;
        await pause(waitMs, this.#ending.signal);
      }
    } catch (error) {
      if (!this.#ending.signal.aborted) throw error;
    } finally {
      cancelWatch();
    }
  }

  /** Logs in, connects, and comes back when the connection is gone. @returns wait before the next attempt, undefined = none */
  async #connectOnce(): Promise<number | undefined> {
    if (this.#keyless() || this.#tooMany(this.#options.symbols.length)) return undefined;
    this.#say('connecting', 'Logging in at IG.');
    await this.#session.login();
    if (this.#line === undefined) {
      await this.#learn();
      if (this.#watched.none) {
        this.#sayHow();
        return undefined;
      }
      if (this.#tooMany(this.#watched.markets.length)) return undefined;
      this.#line = this.#makeLine(this.#session.accountId!);
    }
    const access = await this.#session.streamAccess();
    if (this.#ending.signal.aborted) return undefined;
    this.#say('connecting', "Connecting to IG's stream of prices.");
    this.#refusal = undefined;
    const down = new Promise<void>((resolve) => {
      this.#lineDown = resolve;
    });
    this.#line.connect(access);
    await down;
    return this.#ending.signal.aborted ? undefined : this.#wentDown();
  }

  /** What IG allows, and the details of every market: asked once, and recorded. */
  async #learn(): Promise<void> {
    const allowed = await this.#session.learnAllowances();
    if (allowed !== undefined) this.#limit = Math.min(MOST_SUBSCRIPTIONS, allowed);
    await this.#watched.learn(this.#session, this.#options.symbols, (epic, bytes) =>
      this.#frame('answer', `${MARKET_ANSWER}${epic}`, bytes),
    );
  }

  /** Whether there is nothing to log in with. */
  #keyless(): boolean {
    const { apiKey, identifier, password } = this.#options;
    const missing = Object.entries({ IG_API_KEY: apiKey, IG_IDENTIFIER: identifier, IG_PASSWORD: password })
      .filter(([, key]) => key === '')
      .map(([name]) => name);
    if (missing.length === 0) return false;
    this.#say('bad-credentials', `IG needs a login and an API key. Set ${missing.join(', ')}.`);
    return true;
  }

  #tooMany(asked: number): boolean {
    if (asked <= this.#limit) return false;
    this.#say(
      'refused',
      `IG allows ${this.#limit} price subscriptions at once and ${asked} markets are asked for. Take ${asked - this.#limit} out of feeds.ig.symbols.`,
    );
    return true;
  }

  #makeLine(accountId: string): LightstreamerLine {
    const listener: LineListener = {
      onStatus: (status) => this.#onStatus(status),
      onRefused: (code) => {
        this.#refusal = streamRefusalOf(code);
      },
      onUpdate: (index, values, changed, snapshot) => this.#onUpdate(index, values, changed, snapshot),
      onSubscriptionRefused: (index, code) => {
        this.#watched.refuse(index, code);
        this.#renewing.delete(index);
        this.#sayHow();
      },
      onLost: (index) => {
        this.#frame('lost', `${LEFT_OUT}${this.#watched.epicOf(index)}`, NOTHING);
        this.#renew(index);
      },
    };
    return new LightstreamerLine({
      items: this.#watched.markets.map(({ epic }) => priceItem(accountId, epic)),
      fields: PRICE_FIELDS,
      adapter: PRICE_ADAPTER,
      listener,
      ...(this.#options.timings === undefined ? {} : { timings: this.#options.timings }),
    });
  }

  #onStatus(text: string): void {
    const status = streamStatusOf(text);
    if (status === 'up') {
      const { clock } = this.#options;
      this.#heardUs = clock.nowUs();
      if (this.#up) {
        // The session was recovered: nothing is missing.
        this.#sayHow();
        return;
      }
      this.#up = true;
      this.#opens++;
      this.#upSinceUs = this.#heardUs;
      this.#frame('opened', 'prices', NOTHING);
      this.#say('connecting', "IG's stream is open; waiting for prices.");
    } else if (status === 'stalled') {
      this.#say('stale', "IG's stream is silent: prices may be old. It is given up and opened again if it stays so.");
    } else if (status === 'recovering') {
      this.#say('stale', 'The connection to IG broke: prices may be old. What was missed is being fetched.');
    } else if (status === 'will-retry') {
      // The vendor's client would come back with tokens that may be dead: the next attempt begins with a login.
      this.#line?.disconnect();
    } else if (status === 'down') {
      this.#lineDown?.();
    }
  }

  #onUpdate(index: number, values: readonly (string | null)[], changed: readonly boolean[], snapshot: boolean): void {
    this.#frame('message', 'prices', encodePriceUpdate(this.#watched.epicOf(index), values, changed, snapshot));
    this.#heardUs = this.#options.clock.nowUs();
    if (snapshot) this.#renewing.delete(index);
    const flag = changed[FLAG_FIELD] ? values[FLAG_FIELD] : undefined;
    const news = typeof flag === 'string' && this.#watched.flag(index, flag);
    if (news || this.#condition !== 'live') this.#sayHow();
  }

  /** Says that prices flow, or that the market is closed. */
  #sayHow(): void {
    const { condition, words } = this.#watched.state(this.#options.clock.nowUs());
    this.#say(condition, words);
  }

  /** Looks whether prices still come. */
  #watch(): void {
    const { clock, timings: { silenceMs = 30_000 } = {} } = this.#options;
    if (!this.#up || this.#condition !== 'live') return;
    const nowUs = clock.nowUs();
    if (nowUs - this.#heardUs < silenceMs * 1000) return;
    if (!this.#watched.openAt(nowUs)) this.#say('closed', this.#watched.closedWords(nowUs));
    else this.#say('stale', `No price has come from IG for ${silenceMs / 1000} s, though the connection is up.`);
  }

  /** The connection is gone. @returns wait before the next, undefined when there is no use in it */
  #wentDown(): number | undefined {
    const { clock, timings: { stableMs = 60_000 } = {} } = this.#options;
    const why = this.#refusal?.words ?? 'the connection was lost';
    if (this.#up) {
      this.#backoff.up();
      if (clock.nowUs() - this.#upSinceUs > stableMs * 1000) this.#backoff.reset();
      this.#frame('lost', why, NOTHING);
    }
    this.#up = false;
    this.#renewing.clear();
    if (this.#refusal?.final) {
      this.#say('refused', `IG: ${why}.`);
      return undefined;
    }
    return this.#again(`IG: ${why}`);
  }

  /** An attempt failed before there was a connection. @returns wait before the next, undefined when there is no use in it */
  #failed(error: unknown): number | undefined {
    if (this.#ending.signal.aborted) return undefined;
    if (!(error instanceof IgError)) throw error;
    if (!error.passing) {
      const credentials = error.kind === 'credentials' || error.kind === 'api-key';
      this.#say(credentials ? 'bad-credentials' : 'refused', error.message);
      return undefined;
    }
    const waitMs = Math.max(this.#backoff.nextMs(), error.retryAfterMs ?? 0);
    if (error.kind === 'quota') {
      this.#say('quota', `${error.message} Next attempt in ${Math.ceil(waitMs / 1000)} s.`);
      return waitMs;
    }
    const nowUs = this.#options.clock.nowUs();
    if (error.kind === 'unavailable' && !this.#watched.openAt(nowUs)) {
      this.#say('closed', `${this.#watched.closedWords(nowUs)} IG's site is down meanwhile, as it often is.`);
      return waitMs;
    }
    this.#say('connecting', `${error.message} Next attempt in ${seconds(waitMs)} s.`);
    return waitMs;
  }

  #again(why: string): number {
    const waitMs = this.#backoff.nextMs();
    this.#say('connecting', `${why}. Logging in again in ${seconds(waitMs)} s.`);
    return waitMs;
  }

  #frame(kind: FrameKind, name: string, bytes: Uint8Array): void {
    const { outlet, clock } = this.#options;
    outlet.frame({ kind, name, bytes, localUs: clock.nowUs() });
  }

  #say(condition: FeedCondition, words: string): void {
    if (condition === this.#condition && words === this.#words) return;
    this.#condition = condition;
    this.#words = words;
    this.#options.outlet.state({ condition, words });
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
