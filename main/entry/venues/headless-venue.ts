import type { VenueState } from '../../codec/frames/venue-state.ts';
import { LiveClock } from '../../core/clock/live-clock.ts';
import { Random } from '../../core/clock/random.ts';
import { type Cancel, everyMs } from '../../core/clock/wall-timer.ts';
import { Engine } from '../../core/engine.ts';
import type { FeedState, TextLevel } from '../../core/feed-port.ts';
import { InboundQueue } from '../../core/inbound-queue.ts';
import type { LatencyHistogram } from '../../core/latency-histogram.ts';
import type { Market } from '../../core/market.ts';
import type { MarketStage } from '../../core/ports.ts';
import { FeatureStage } from '../../features/feature-stage.ts';
import { type VenueBatch, VenueLine } from './venue-line.ts';
import type { VenuePlan } from './venues.ts';
import { watchWall } from './wall-watch.ts';

/** Bytes that may wait between the socket and the engine. */
const MAX_QUEUE_BYTES = 256 * 1024 * 1024;
const LOOK_MS = 10;
/** Without a connection for so long after there was one, the server is taken to have closed for good. */
const GONE_AFTER_US = 10_000_000;
/** Levels a side in a report. */
const REPORT_LEVELS = 10;

export interface HeadlessOptions {
  readonly plan: VenuePlan;
  /** Folder for captures; undefined = nothing is recorded. */
  readonly captures?: string | undefined;
  /** Takes the time from receipt of a frame until its features are computed, µs. */
  readonly processing?: LatencyHistogram;
  /** Stages behind the features. */
  readonly stages?: readonly MarketStage[];
  /** Ends when the server has closed for good; else it waits for it as long as it takes. */
  readonly endWhenGone?: boolean;
  readonly onState: (state: FeedState) => void;
  readonly onFault: (words: string) => void;
}

/** Conditions that no reconnecting mends. One of several symbols may be in such a one, and the others go on. */
const HOPELESS: ReadonlySet<FeedState['condition']> = new Set(['bad-credentials', 'refused', 'stopped']);
/** So long without a book after the feed has said so, and it has ended. */
const HOPELESS_AFTER_US = 2_000_000;

/** What a venue gave, in the shape that `live --json` prints. */
export interface VenueReport {
  readonly venue: string;
  readonly state: FeedState['condition'];
  readonly words: string;
  readonly symbols: Readonly<
    Record<
      string,
      {
        readonly bids: readonly TextLevel[];
        readonly asks: readonly TextLevel[];
        readonly updates: number;
        readonly trades: number;
      }
    >
  >;
  readonly gaps: number;
  readonly checksumFailures: number;
  readonly refusedFrames: number;
  readonly reconnects: number;
  readonly recordCounts: Readonly<Record<string, number>>;
}

/** One venue through the engine, without a screen: what `fathom live` and `fathom record` run. */
export class HeadlessVenue {
  readonly engine = new Engine({ continuity: 'live' });
  readonly line: VenueLine;
  readonly #clock = new LiveClock();
  readonly #queue: InboundQueue<VenueBatch>;
  #cancels: Cancel[] = [];
  readonly #onFault: (words: string) => void;
  readonly #endWhenGone: boolean;
  #lastState: FeedState | undefined;
  #end: ((why: 'gone' | 'final') => void) | undefined;
  /** Resolves when the feed has ended by itself, or its server has closed for good. */
  readonly ended: Promise<'gone' | 'final'>;

  constructor(options: HeadlessOptions) {
    const { plan, captures, processing, stages = [], endWhenGone = false, onState, onFault } = options;
    this.#endWhenGone = endWhenGone;
    this.#onFault = onFault;
    this.engine.addStage(new FeatureStage());
    for (const stage of stages) this.engine.addStage(stage);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#queue = new InboundQueue<VenueBatch>({
      maxBytes: MAX_QUEUE_BYTES,
      take: (batch) => batch.line.take(batch),
      onOverflow: (batches, bytes) => {
        onFault(`${batches} messages (${bytes} bytes) came faster than they could be taken in and were lost`);
        this.line.lost('messages were lost before the engine');
      },
    });
    const random = new Random(this.#clock.nowUs());
    this.line = new VenueLine({
      name: plan.name,
      engine: this.engine,
      clock: this.#clock,
      queue: this.#queue,
      makeFeed: (outlet) => plan.makeFeed({ clock: this.#clock, random, outlet }),
      makeMapper: (resync) => plan.makeMapper(this.engine, resync),
      ...(processing === undefined ? {} : { processing }),
      ...(captures === undefined
        ? {}
        : { makeCapture: (state: () => VenueState) => plan.makeCapture(captures, state) }),
      onState: ({ state }) => {
        onState(state);
      },
      onFault,
    });
  }

  start(): void {
    this.line.feed.start();
    const jumped = (words: string) => {
      this.#onFault(words);
      this.line.lost('the clock jumped');
    };
    const look = everyMs(LOOK_MS, () => {
      const nowUs = this.#clock.nowUs();
      if (this.#queue.oldestUs === undefined) this.engine.advanceTo(nowUs);
      if (this.#isHopeless(nowUs)) this.#end?.('final');
      const { awaySinceUs } = this.line;
      if (this.#endWhenGone && awaySinceUs !== undefined && nowUs - awaySinceUs > GONE_AFTER_US) this.#end?.('gone');
    });
    this.#cancels.push(look, watchWall(this.#clock, jumped, this.#onFault));
  }

  /** What came so far. The state is that of the feed, after a stop the one before it. */
  report(symbols: readonly string[]): VenueReport {
    const { mapper, feed, refusedFrames, name } = this.line;
    const state = this.#lastState ?? this.line.state;
    const { gaps, checksumFailures, recordCounts, symbols: seen } = mapper.tally;
    const names = symbols.length > 0 ? symbols : [...seen.keys()];
    const rows = names.map((symbol) => {
      const book = mapper.bookText(symbol, REPORT_LEVELS) ?? { bids: [], asks: [] };
      const { updates, trades } = seen.get(mapper.symbolOf?.(symbol) ?? symbol) ?? { updates: 0, trades: 0 };
      return [symbol, { bids: book.bids, asks: book.asks, updates, trades }] as const;
    });
    return {
      venue: name,
      state: state.condition,
      words: state.words,
      symbols: Object.fromEntries(rows),
      gaps,
      checksumFailures,
      refusedFrames,
      reconnects: feed.reconnects,
      recordCounts,
    };
  }

  /** Plays what waits, ends the feed and closes the capture. */
  async stop(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    this.#lastState = this.line.state;
    await this.line.feed.stop();
    this.#queue.drain();
    await this.line.capture?.close();
  }

  /** Market of a symbol, where there is one. */
  marketOf(symbol: string): Market | undefined {
    return this.engine.markets.find(({ instrument }) => instrument.rawSymbol === symbol || instrument.label === symbol);
  }

  /** Whether the feed has given up, and no book has changed since. */
  #isHopeless(nowUs: number): boolean {
    if (!HOPELESS.has(this.line.state.condition)) return false;
    let freshestUs = this.line.sinceUs;
    for (const market of this.engine.markets) freshestUs = Math.max(freshestUs, market.engineUs);
    return nowUs - freshestUs > HOPELESS_AFTER_US;
  }
}
