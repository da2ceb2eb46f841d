import type { DataState, HealthState, MarketRow, VenueLight } from '../../shared/contract/topics.ts';
import { SECOND_US } from '../../shared/units.ts';
import type { Clock } from '../core/clock/clock.ts';
import type { Engine } from '../core/engine.ts';
import type { FeedCondition, FeedState } from '../core/feed-port.ts';
import type { LatencyHistogram } from '../core/latency-histogram.ts';
import type { Market } from '../core/market.ts';
import type { TopicBoard } from '../core/publisher/topic-board.ts';
import type { LinkTracker } from '../signals/link-tracker.ts';
import { chartedMarket } from './charted-market.ts';
import { toldInPips } from './told-in-pips.ts';

export interface StatusParts {
  readonly engine: Engine;
  readonly board: TopicBoard;
  readonly clock: Clock;
  readonly staleAfterUs: number;
  readonly trackers: readonly LinkTracker[];
  /** Wall-clock hops by name, in µs. */
  readonly hops: readonly { readonly name: string; readonly histogram: LatencyHistogram }[];
  /** Arrival of the oldest input that waits, by the clock; undefined = none. */
  readonly oldestInputUs: () => number | undefined;
  readonly storage: () => HealthState['storage'];
  readonly capture: () => HealthState['capture'];
  /** The feeds of a live source; empty where data comes from nowhere outside. */
  readonly feeds: () => readonly FeedLight[];
  /** Feeds that bring no market data. */
  readonly information: () => readonly InformationLight[];
  /** A source that keeps no trading hours: simulated and recorded markets. */
  readonly alwaysOpen: boolean;
  /** Words for a source whose time is not the clock's (a replay, a warm-up); undefined = live by the clock. */
  readonly standing: () => string | undefined;
}

/** A venue's feed as the health bar needs it. */
export interface FeedLight extends FeedState {
  /** Name as its markets have it. */
  readonly venue: string;
}

/** A feed that brings no market data, so that its age is its own. */
export interface InformationLight extends FeedLight {
  /** When the vendor was last heard, µs; 0 = never. */
  readonly heardUs: number;
}

const BEHIND_FROM_US = 20_000;
/** Latencies are those of the last one to two of these: a slow minute must show at once, and one of an hour ago no more. */
const HOPS_TURN_US = 10 * SECOND_US;

/** The slow state of markets, links and health, looked at a few times a second by the wall clock; nothing here is hashed. */
export class StatusPublisher {
  readonly #parts: StatusParts;
  readonly #states = new Map<number, { state: DataState; words: string; sinceUs: number }>();
  #inputs = 0;
  #countedUs = 0;
  #turnedUs = 0;
  #eventsPerSecond = 0;

  constructor(parts: StatusParts) {
    this.#parts = parts;
    parts.board.defineTable('markets', 64);
    parts.board.defineTable('links', 16);
  }

  publish(): void {
    const { board, engine, trackers } = this.#parts;
    for (const market of engine.markets) board.upsert('markets', this.#market(market));
    for (const tracker of trackers) this.#link(tracker);
    board.setRecord('health', this.#health());
  }

  #market(market: Market): MarketRow {
    const { engine, alwaysOpen } = this.#parts;
    const nowUs = this.#nowUs();
    const session = engine.session(market, nowUs);
    const { state, words } = this.#stateOf(market, nowUs, alwaysOpen ? 'open' : session.phase, session.words);
    const known = this.#states.get(market.index);
    if (known?.state !== state) this.#states.set(market.index, { state, words, sinceUs: nowUs });
    const { instrument } = market;
    return {
      id: String(market.index),
      index: market.index,
      label: instrument.label,
      rawSymbol: instrument.rawSymbol,
      venue: instrument.venue,
      root: instrument.root ?? instrument.rawSymbol,
      tickNano: instrument.tickNano,
      pipNano: instrument.pipNano,
      hasPips: toldInPips(instrument),
      multiplier: instrument.multiplier,
      lotDecimals: instrument.lotDecimals,
      quoteCurrency: instrument.quoteCurrency,
      depthSchema: market.depthSchema,
      conflationMs: instrument.conflationMs,
      tradeBatchMs: instrument.tradeBatchMs,
      state,
      words,
      sinceUs: this.#states.get(market.index)!.sinceUs,
      session: alwaysOpen ? { ...session, phase: 'open', changesUs: 0, words: 'keeps no trading hours' } : session,
    };
  }

  #stateOf(market: Market, nowUs: number, phase: string, words: string): { state: DataState; words: string } {
    const standing = this.#parts.standing();
    if (market.events === 0)
      return { state: 'waiting', words: `waits for the first book of ${market.instrument.rawSymbol}` };
    if (market.gapped) return { state: 'gap', words: 'records were lost; waits for the next complete book' };
    if (phase === 'closed' || phase === 'break' || phase === 'holiday') return { state: 'closed', words };
    const ageUs = nowUs - market.engineUs;
    if (standing === undefined && ageUs > this.#parts.staleAfterUs)
      return { state: 'stale', words: 'no event since then' };
    return { state: 'live', words: standing ?? 'events are flowing' };
  }

  #link(tracker: LinkTracker): void {
    const { signal, execution } = tracker;
    if (signal === undefined || execution === undefined) return;
    const { link, lag } = tracker;
    this.#parts.board.upsert('links', {
      id: link.id,
      signalMarket: signal.index,
      executionMarket: execution.index,
      barsMarket: chartedMarket(this.#parts.board, signal, execution).index,
      inverted: link.inverted,
      lagUs: lag.us,
      correlation: lag.estimate?.correlation ?? null,
      lagConfidence: lag.estimate?.confidence ?? 0,
      lagSamples: lag.estimate?.samples ?? 0,
      lagMeasuredUs: lag.measuredUs,
      lagGuessed: lag.guessed,
      lagWords: lag.words,
      basisPips: presentOrNull(tracker.basis),
      remainingPips: presentOrNull(tracker.remainingPips()),
    });
  }

  #health(): HealthState {
    const { engine, clock, hops, storage, capture, oldestInputUs } = this.#parts;
    const wallUs = clock.nowUs();
    if (wallUs - this.#countedUs >= SECOND_US) {
      const seconds = (wallUs - this.#countedUs) / SECOND_US;
      // A replay that was put back has come to fewer inputs than before.
      const inputs = Math.max(0, engine.inputSequence - this.#inputs);
      if (this.#countedUs > 0) this.#eventsPerSecond = Math.round(inputs / seconds);
      this.#inputs = engine.inputSequence;
      this.#countedUs = wallUs;
    }
    if (wallUs - this.#turnedUs >= HOPS_TURN_US) {
      for (const { histogram } of hops) histogram.turn();
      this.#turnedUs = wallUs;
    }
    const oldest = oldestInputUs();
    return {
      id: 'health',
      venues: [...this.#lights(), ...this.#parts.information().map((light) => informationLight(light, wallUs))],
      hops: hops.map(({ name, histogram }) => ({
        name,
        p50Us: histogram.total === 0 ? null : Math.round(histogram.percentile(0.5)),
        p99Us: histogram.total === 0 ? null : Math.round(histogram.percentile(0.99)),
      })),
      eventsPerSecond: this.#eventsPerSecond,
      behindUs: behind(oldest, wallUs),
      gaps: engine.gaps,
      storage: storage(),
      capture: capture(),
    };
  }

  /** One light a venue: as old as its freshest market, and in the condition that its feed is in where there is one. */
  #lights(): HealthState['venues'] {
    const nowUs = this.#nowUs();
    const freshest = new Map<string, Market>();
    for (const market of this.#parts.engine.markets) {
      const known = freshest.get(market.instrument.venue);
      if (known === undefined || market.engineUs > known.engineUs) freshest.set(market.instrument.venue, market);
    }
    const lightOf = (name: string, market: Market | undefined): VenueLight => {
      const known = market === undefined ? undefined : this.#states.get(market.index);
      const state = known?.state ?? 'waiting';
      const ageUs = market === undefined || market.events === 0 ? null : Math.max(0, nowUs - market.engineUs);
      return { name, state, label: state, ageUs, words: known?.words ?? '' };
    };
    const feeds = this.#parts.feeds();
    if (feeds.length === 0) return [...freshest].map(([name, market]) => lightOf(name, market));
    return feeds.map(({ venue, condition, words }) => {
      const light = lightOf(venue, freshest.get(venue));
      if (condition === 'live') return { ...light, words: light.state === 'live' ? words : light.words };
      return { ...light, state: STATE_OF[condition], label: condition.replace('-', ' '), words };
    });
  }

  /** Time by which ages are told. */
  #nowUs(): number {
    return this.#parts.standing() === undefined ? this.#parts.clock.nowUs() : this.#parts.engine.nowUs;
  }
}

function informationLight({ venue, condition, words, heardUs }: InformationLight, wallUs: number): VenueLight {
  const state = condition === 'live' ? 'live' : STATE_OF[condition];
  const ageUs = heardUs === 0 ? null : Math.max(0, wallUs - heardUs);
  return { name: venue, state, label: condition.replace('-', ' '), ageUs, words };
}

/** What the conditions of a feed are on screen. `live` is told by the freshest market instead. */
const STATE_OF: Readonly<Record<Exclude<FeedCondition, 'live'>, DataState>> = {
  connecting: 'waiting',
  stale: 'stale',
  gap: 'gap',
  backfilling: 'gap',
  closed: 'closed',
  'bad-credentials': 'error',
  refused: 'error',
  quota: 'error',
  stopped: 'error',
};

/** Age of the oldest input that waits; what is younger than a turn of the event loop takes is not behind. */
function behind(oldestUs: number | undefined, nowUs: number): number {
  const ageUs = oldestUs === undefined ? 0 : nowUs - oldestUs;
  return ageUs > BEHIND_FROM_US ? ageUs : 0;
}

function presentOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
