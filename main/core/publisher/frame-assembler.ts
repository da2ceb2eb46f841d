import {
  COLUMN_WIDTH,
  DEEP_COLUMN_WIDTH,
  DEEP_LEVELS,
  DEPTH_HEAD,
  DEPTH_LEVELS,
  DEPTH_WIDTH,
  FrameWriter,
  LADDER_REACH,
  LADDER_ROWS,
  LADDER_WIDTH,
  LEVEL_WIDTH,
  SECTION,
  SECTION_SNAPSHOT,
  TRADE_WIDTH,
} from '../../../shared/contract/frames.ts';
import type { FastTopic } from '../../../shared/contract/topics.ts';
import { FEATURE_COUNT } from '../../../shared/features.ts';
import { SECOND_US } from '../../../shared/units.ts';
import type { DeepBook } from '../book/deep-book.ts';
import type { KeptRows } from './kept-rows.ts';
import { FADED_US } from './level-flow.ts';
import type { MarketSight, MarketView } from './market-view.ts';

const FEATURE_WIDTH = 1 + FEATURE_COUNT;

/** While added and pulled lots fade on a quiet market, the ladder is sent this often. */
const LADDER_FADE_US = SECOND_US / 4;

type FastKind = keyof typeof SECTION;

/** How far one client has been sent one fast topic. */
export class FastCursor {
  readonly kind: FastKind;
  readonly market: number;
  generation = -1;
  /** Version and book state last sent; −1 = nothing yet. */
  version = -1;
  state = -1;
  sentUs = 0;
  /** Number of the next row to send of a sequenced topic; −1 = nothing yet. */
  next = -1;

  constructor(topic: FastTopic) {
    const [kind, market] = topic.split(':') as [FastKind, string];
    this.kind = kind;
    this.market = Number(market);
  }

  /** What was sent is void: the next section is a snapshot. */
  startAgain(generation: number): void {
    this.generation = generation;
    this.version = -1;
    this.state = -1;
    this.sentUs = 0;
    this.next = -1;
  }
}

/** Writes frames from a market view: what is newer than a client's cursors, and nothing else. */
export class FrameAssembler {
  readonly #view: MarketView;
  readonly #writer = new FrameWriter();
  readonly #flow = new Float64Array(LADDER_ROWS * LADDER_WIDTH);
  readonly #deep = new Float64Array(2 * DEEP_LEVELS * LEVEL_WIDTH);

  constructor(view: MarketView) {
    this.#view = view;
  }

  /**
   * Frame of all sections that the cursors lack, which are moved on; undefined when there are none.
   * @param evenEmpty makes a frame without sections rather than none
   */
  assemble(
    frameSequence: number,
    cursors: Iterable<FastCursor>,
    evenEmpty: boolean,
  ): Uint8Array<ArrayBuffer> | undefined {
    this.#writer.begin(frameSequence, this.#view.nowUs, this.#view.inputSequence);
    const { generation } = this.#view;
    for (const cursor of cursors) {
      if (cursor.generation !== generation) cursor.startAgain(generation);
      const sight = this.#view.sight(cursor.market);
      if (sight !== undefined) this.#section(cursor, sight);
    }
    return this.#writer.sections > 0 || evenEmpty ? this.#writer.finish() : undefined;
  }

  #section(cursor: FastCursor, sight: MarketSight): void {
    switch (cursor.kind) {
      case 'depth':
        this.#depth(cursor, sight);
        return;
      case 'features':
        this.#features(cursor, sight);
        return;
      case 'ladder':
        this.#ladder(cursor, sight);
        return;
      case 'trades':
        this.#trades(cursor, sight.trades);
        return;
      case 'columns':
        this.#columns(cursor, sight);
    }
  }

  #depth(cursor: FastCursor, sight: MarketSight): void {
    const state = this.#view.state(sight.market);
    if (cursor.version === sight.version && cursor.state === state) return;
    cursor.version = sight.version;
    cursor.state = state;
    const market = sight.market;
    const depth = market.depth;
    const at = this.#writer.section(SECTION.depth, SECTION_SNAPSHOT, cursor.market, 1, DEPTH_WIDTH, 0, 0);
    const to = this.#writer.floats;
    to[at] = market.tsEventUs;
    to[at + 1] = market.tsRecvUs;
    to[at + 2] = state;
    to[at + 3] = market.lastTradeTicks;
    to[at + 4] = market.lastTradeLots;
    to[at + 5] = market.lastTradeSide;
    to[at + 6] = market.events;
    to[at + 7] = 0;
    for (let level = 0; level < DEPTH_LEVELS; level++) {
      const bid = at + DEPTH_HEAD + level * 3;
      const ask = bid + DEPTH_LEVELS * 3;
      const hasBid = depth.bidSize[level]! > 0;
      to[bid] = hasBid ? depth.bidPrice[level]! : Number.NaN;
      to[bid + 1] = depth.bidSize[level]!;
      to[bid + 2] = depth.bidOrders[level]!;
      const hasAsk = depth.askSize[level]! > 0;
      to[ask] = hasAsk ? depth.askPrice[level]! : Number.NaN;
      to[ask + 1] = depth.askSize[level]!;
      to[ask + 2] = depth.askOrders[level]!;
    }
    if (market.levels !== undefined) this.#levels(cursor, market.levels);
  }

  #levels(cursor: FastCursor, book: DeepBook): void {
    const bids = book.copyBids(this.#deep, 0, DEEP_LEVELS);
    const rows = bids + book.copyAsks(this.#deep, bids * LEVEL_WIDTH, DEEP_LEVELS);
    const at = this.#writer.section(SECTION.levels, SECTION_SNAPSHOT, cursor.market, rows, LEVEL_WIDTH, bids, 0);
    this.#writer.floats.set(this.#deep.subarray(0, rows * LEVEL_WIDTH), at);
  }

  #features(cursor: FastCursor, sight: MarketSight): void {
    if (cursor.version === sight.version) return;
    const { vectors } = sight;
    const past = cursor.version < 0 ? vectors.next - vectors.first : 0;
    cursor.version = sight.version;
    const at = this.#writer.section(SECTION.features, SECTION_SNAPSHOT, cursor.market, past + 1, FEATURE_WIDTH, 0, 0);
    const to = this.#writer.floats;
    if (past > 0) vectors.copy(vectors.first, to, at);
    to[at + past * FEATURE_WIDTH] = sight.market.engineUs;
    to.set(sight.market.features, at + past * FEATURE_WIDTH + 1);
  }

  #ladder(cursor: FastCursor, sight: MarketSight): void {
    const nowUs = this.#view.nowUs;
    const fading = nowUs - cursor.sentUs >= LADDER_FADE_US && nowUs - sight.flow.changedUs < FADED_US;
    if (cursor.version === sight.version && !fading) return;
    cursor.version = sight.version;
    cursor.sentUs = nowUs;
    const depth = sight.market.depth;
    const bottom = depth.hasBid ? depth.bidPrice[0]! : depth.hasAsk ? depth.askPrice[0]! : sight.market.lastTradeTicks;
    if (Number.isNaN(bottom)) return;
    const top = depth.hasAsk ? depth.askPrice[0]! : bottom;
    const middle = Math.floor((bottom + top) / 2);
    let rows = 0;
    for (let away = 0; away <= LADDER_REACH && rows + 2 <= LADDER_ROWS; away++) {
      if (sight.flow.write(middle - away, nowUs, this.#flow, rows * LADDER_WIDTH)) rows++;
      if (sight.flow.write(middle + 1 + away, nowUs, this.#flow, rows * LADDER_WIDTH)) rows++;
    }
    const at = this.#writer.section(SECTION.ladder, SECTION_SNAPSHOT, cursor.market, rows, LADDER_WIDTH, 0, 0);
    this.#writer.floats.set(this.#flow.subarray(0, rows * LADDER_WIDTH), at);
  }

  /** Trades that a slow client missed are counted, and what is kept of them follows. */
  #trades(cursor: FastCursor, trades: KeptRows): void {
    const snapshot = cursor.next < 0;
    if (!snapshot && cursor.next === trades.next) return;
    const first = Math.max(cursor.next, trades.first);
    const skipped = snapshot ? 0 : first - cursor.next;
    this.#rows(SECTION.trades, snapshot, cursor, trades, TRADE_WIDTH, first, skipped);
  }

  /** A hole in the columns is none: whoever missed some gets all that are kept. */
  #columns(cursor: FastCursor, { columns, deepColumns }: MarketSight): void {
    if (cursor.next === columns.next) return;
    const snapshot = cursor.next < columns.first;
    const first = snapshot ? columns.first : cursor.next;
    this.#rows(SECTION.columns, snapshot, cursor, columns, COLUMN_WIDTH, first, 0);
    if (deepColumns === undefined) return;
    const deepFirst = Math.max(first, deepColumns.first);
    this.#rows(SECTION.deepColumns, snapshot, cursor, deepColumns, DEEP_COLUMN_WIDTH, deepFirst, 0);
  }

  #rows(
    kind: typeof SECTION.trades | typeof SECTION.columns | typeof SECTION.deepColumns,
    snapshot: boolean,
    cursor: FastCursor,
    source: KeptRows,
    width: number,
    first: number,
    skipped: number,
  ): void {
    const flags = snapshot ? SECTION_SNAPSHOT : 0;
    const at = this.#writer.section(kind, flags, cursor.market, source.next - first, width, first, skipped);
    source.copy(first, this.#writer.floats, at);
    cursor.next = source.next;
  }
}
