import {
  BOOK_STATE,
  COLUMN_HEAD,
  COLUMN_INTERVAL_US,
  COLUMN_WIDTH,
  COLUMNS_KEPT,
  DEEP_COLUMN_WIDTH,
  DEEP_LEVELS,
  DEPTH_LEVELS,
  LEVEL_WIDTH,
  TRADE_WIDTH,
  TRADES_KEPT,
  VECTORS_KEPT,
} from '../../../shared/contract/frames.ts';
import { FEATURE_COUNT } from '../../../shared/features.ts';
import { SECOND_US } from '../../../shared/units.ts';
import type { DeepBook } from '../book/deep-book.ts';
import type { Engine } from '../engine.ts';
import { ExponentialDecay } from '../exponential-decay.ts';
import type { Market } from '../market.ts';
import type { Aggressor, LevelFlowSink, MarketStage } from '../ports.ts';
import type { TimerId } from '../scheduler.ts';
import { KeptRows, type KeptRowsSnapshot } from './kept-rows.ts';
import { LevelFlow, type LevelFlowSnapshot } from './level-flow.ts';

/** Time constant with which the ladder's added and pulled lots fade. */
const LADDER_TAU_US = 5 * SECOND_US;

/** Columns stop this long after the last event of any market: by then everything kept says the same. */
const COLUMNS_RUN_ON_US = COLUMNS_KEPT * COLUMN_INTERVAL_US;

export interface MarketViewOptions {
  /** Age of the last event beyond which depth is called stale, in engine time. */
  readonly staleAfterUs: number;
  /** The source keeps no trading hours (a simulated market), so depth is never called closed. */
  readonly alwaysOpen?: boolean;
}

/** What the frames of one market are made of. */
export class MarketSight {
  readonly market: Market;
  readonly trades = new KeptRows(TRADE_WIDTH, TRADES_KEPT);
  readonly columns = new KeptRows(COLUMN_WIDTH, COLUMNS_KEPT);
  /**
   * The same columns of a book that is kept deeper, from when it was known. They are many and only for the eye: a snapshot
   * leaves them out, and what is restored begins to keep them anew.
   */
  deepColumns: KeptRows | undefined;
  /** Feature vectors of the last minute: [engineUs, ...vector]. */
  readonly vectors = new KeptRows(1 + FEATURE_COUNT, VECTORS_KEPT);
  readonly flow: LevelFlow;
  /** Grows with every judged event and print. */
  version = 0;
  sweepUs = 0;
  sweepSide = 0;
  sweepTicks = Number.NaN;
  sweepLevels = 0;

  constructor(market: Market, decay: ExponentialDecay) {
    this.market = market;
    this.flow = new LevelFlow(decay);
  }

  /** Levels that the aggressor of the latest prints has traded through at one venue time, this print's included. */
  sweep(tsEventUs: number, ticks: number, side: Aggressor): number {
    if (tsEventUs !== this.sweepUs || side !== this.sweepSide || side === 0) this.sweepLevels = 1;
    else if (ticks !== this.sweepTicks) this.sweepLevels++;
    this.sweepUs = tsEventUs;
    this.sweepSide = side;
    this.sweepTicks = ticks;
    return this.sweepLevels;
  }

  /** Keeps the vector as it stands, unless nothing happened since the last one. */
  keepVector(): void {
    const { market, vectors } = this;
    if (vectors.newest >= 0 && vectors.values[vectors.newest] === market.engineUs) return;
    const at = vectors.add();
    vectors.values[at] = market.engineUs;
    vectors.values.set(market.features, at + 1);
  }

  snapshot(): MarketSightSnapshot {
    return {
      trades: this.trades.snapshot(),
      columns: this.columns.snapshot(),
      vectors: this.vectors.snapshot(),
      flow: this.flow.snapshot(),
      version: this.version,
      sweep: [this.sweepUs, this.sweepSide, this.sweepTicks, this.sweepLevels],
    };
  }

  restore(snapshot: MarketSightSnapshot): void {
    this.trades.restore(snapshot.trades);
    this.columns.restore(snapshot.columns);
    this.deepColumns = undefined;
    this.vectors.restore(snapshot.vectors);
    this.flow.restore(snapshot.flow);
    this.version = snapshot.version;
    [this.sweepUs, this.sweepSide, this.sweepTicks, this.sweepLevels] = snapshot.sweep;
  }
}

/**
 * The last stage of an engine that has a screen: keeps per market what the fast topics send, whatever the number of
 * clients. Add it behind the stages that write features, and hand it to the feature stage as its level-flow sink.
 */
export class MarketView implements MarketStage, LevelFlowSink {
  readonly name = 'market-view';
  readonly #engine: Engine;
  readonly #options: MarketViewOptions;
  readonly #decay = new ExponentialDecay(LADDER_TAU_US);
  readonly #sights: MarketSight[] = [];
  /** Due time of the next column; 0 while none is due. */
  #columnUs = 0;
  #columnTimer: TimerId | undefined;
  #eventUs = 0;
  #generation = 0;

  constructor(engine: Engine, options: MarketViewOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** Engine time: what a frame is stamped with. */
  get nowUs(): number {
    return this.#engine.nowUs;
  }

  get inputSequence(): number {
    return this.#engine.inputSequence;
  }

  /** Grows when another state was put in place of this one: what clients hold then is void. */
  get generation(): number {
    return this.#generation;
  }

  sight(index: number): MarketSight | undefined {
    return this.#sights[index];
  }

  /** What may be said of a market's book now, one of `BOOK_STATE`. */
  state(market: Market): number {
    if (market.events === 0) return BOOK_STATE.waiting;
    if (market.gapped) return BOOK_STATE.gap;
    if (this.#options.alwaysOpen !== true) {
      const { phase } = this.#engine.session(market, Math.max(this.#engine.nowUs, market.tsEventUs));
      if (phase !== 'open' && phase !== 'unknown') return BOOK_STATE.closed;
    }
    if (this.#engine.nowUs - market.engineUs > this.#options.staleAfterUs) return BOOK_STATE.stale;
    return market.depth.crossed ? BOOK_STATE.crossed : BOOK_STATE.live;
  }

  onMarket(market: Market): void {
    this.#sights[market.index] = new MarketSight(market, this.#decay);
  }

  onTrade(market: Market, ticks: number, lots: number, aggressor: Aggressor): void {
    const sight = this.#sights[market.index]!;
    const levels = sight.sweep(market.tsEventUs, ticks, aggressor);
    const at = sight.trades.add();
    const row = sight.trades.values;
    row[at] = market.tsEventUs;
    row[at + 1] = market.engineUs;
    row[at + 2] = ticks;
    row[at + 3] = lots;
    row[at + 4] = aggressor;
    row[at + 5] = levels;
    sight.flow.trade(ticks, lots, aggressor);
    sight.version++;
    this.#eventUs = market.engineUs;
    if (this.#columnUs === 0) this.#startColumns();
  }

  onBook(market: Market): void {
    this.#sights[market.index]!.version++;
    this.#eventUs = market.engineUs;
    if (this.#columnUs === 0) this.#startColumns();
  }

  onLevelFlow(market: Market, _side: 1 | -1, ticks: number, lots: number): void {
    this.#sights[market.index]!.flow.flow(ticks, lots, market.engineUs);
  }

  onGap(market: Market): void {
    this.#sights[market.index]!.version++;
  }

  onTradeDate(market: Market): void {
    this.#sights[market.index]!.flow.resetSession();
  }

  snapshot(): MarketViewSnapshot {
    return {
      columnUs: this.#columnUs,
      eventUs: this.#eventUs,
      sights: this.#sights.map((sight) => sight.snapshot()),
    };
  }

  /** Continues from a snapshot; the markets are there already. */
  restore(snapshot: MarketViewSnapshot): void {
    this.#generation++;
    this.#sights.length = snapshot.sights.length;
    for (const [index, state] of snapshot.sights.entries()) this.#sights[index]!.restore(state);
    this.#eventUs = snapshot.eventUs;
    this.#columnUs = snapshot.columnUs;
    if (this.#columnTimer !== undefined) this.#engine.scheduler.cancel(this.#columnTimer);
    this.#columnTimer = undefined;
    if (this.#columnUs > 0) this.#setColumnTimer(this.#columnUs);
  }

  #startColumns(): void {
    this.#setColumnTimer((Math.floor(this.#engine.nowUs / COLUMN_INTERVAL_US) + 1) * COLUMN_INTERVAL_US);
  }

  #setColumnTimer(dueUs: number): void {
    this.#columnUs = dueUs;
    this.#columnTimer = this.#engine.scheduler.at(dueUs, this.#column);
  }

  readonly #column = (dueUs: number): void => {
    for (let index = 0; index < this.#sights.length; index++) {
      const sight = this.#sights[index]!;
      this.#addColumn(sight, dueUs);
      if (sight.market.events > 0) sight.keepVector();
    }
    if (dueUs - this.#eventUs > COLUMNS_RUN_ON_US) {
      this.#columnUs = 0;
      this.#columnTimer = undefined;
      return;
    }
    this.#setColumnTimer(dueUs + COLUMN_INTERVAL_US);
  };

  #addColumn(sight: MarketSight, endUs: number): void {
    const { market, columns } = sight;
    const depth = market.depth;
    const state = this.state(market);
    const told = state !== BOOK_STATE.gap && state !== BOOK_STATE.stale && state !== BOOK_STATE.waiting;
    if (market.levels === undefined) sight.deepColumns = undefined;
    else addDeepColumn(sight, market.levels, told);
    let at = columns.add();
    const row = columns.values;
    row[at] = endUs;
    row[at + 1] = state;
    at += COLUMN_HEAD;
    for (let level = 0; level < DEPTH_LEVELS; level++) {
      const to = at + level * 2;
      const bid = told && depth.bidSize[level]! > 0;
      row[to] = bid ? depth.bidPrice[level]! : Number.NaN;
      row[to + 1] = bid ? depth.bidSize[level]! : 0;
      const ask = told && depth.askSize[level]! > 0;
      row[to + DEPTH_LEVELS * 2] = ask ? depth.askPrice[level]! : Number.NaN;
      row[to + DEPTH_LEVELS * 2 + 1] = ask ? depth.askSize[level]! : 0;
    }
  }
}

/** Adds the deep column that goes with the column to come. */
function addDeepColumn(sight: MarketSight, book: DeepBook, told: boolean): void {
  sight.deepColumns ??= new KeptRows(DEEP_COLUMN_WIDTH, COLUMNS_KEPT, sight.columns.next);
  const at = sight.deepColumns.add();
  const { values } = sight.deepColumns;
  values.fill(Number.NaN, at, at + DEEP_COLUMN_WIDTH);
  if (!told) return;
  book.copyBids(values, at, DEEP_LEVELS);
  book.copyAsks(values, at + DEEP_LEVELS * LEVEL_WIDTH, DEEP_LEVELS);
}

interface MarketSightSnapshot {
  readonly trades: KeptRowsSnapshot;
  readonly columns: KeptRowsSnapshot;
  readonly vectors: KeptRowsSnapshot;
  readonly flow: LevelFlowSnapshot;
  readonly version: number;
  readonly sweep: readonly [number, number, number, number];
}

export interface MarketViewSnapshot {
  readonly columnUs: number;
  readonly eventUs: number;
  readonly sights: readonly MarketSightSnapshot[];
}
