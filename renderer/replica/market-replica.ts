import {
  BOOK_STATE,
  COLUMN_WIDTH,
  COLUMNS_KEPT,
  DEEP_COLUMN_WIDTH,
  DEEP_LEVELS,
  DEPTH_HEAD,
  DEPTH_LEVELS,
  DEPTH_WIDTH,
  LADDER_ROWS,
  LADDER_WIDTH,
  LEVEL_WIDTH,
  TRADE_WIDTH,
  TRADES_KEPT,
} from '../../shared/contract/frames.ts';
import { FeatureHistory } from './feature-history.ts';
import { RowRing } from './row-ring.ts';

/** Offsets of the first bid and ask level in a depth row. */
export const BIDS_AT = DEPTH_HEAD;
export const ASKS_AT = DEPTH_HEAD + DEPTH_LEVELS * 3;

/** One market as the page holds it: plain typed arrays that frames write into and canvases read from. */
export class MarketReplica {
  readonly depth = new Float64Array(DEPTH_WIDTH).fill(Number.NaN);
  depthVersion = 0;
  /** All levels that are known of each side, best first, as [ticks, lots] pairs, and how many. */
  readonly bids = new Float64Array(DEEP_LEVELS * LEVEL_WIDTH);
  readonly asks = new Float64Array(DEEP_LEVELS * LEVEL_WIDTH);
  bidLevels = 0;
  askLevels = 0;
  readonly columns = new RowRing(COLUMN_WIDTH, COLUMNS_KEPT);
  /** The same columns with more levels, of a market whose book is kept deeper. */
  deepColumns: RowRing | undefined;
  readonly trades = new RowRing(TRADE_WIDTH, TRADES_KEPT);
  /** Trades that never reached this page because it was slow; each hole is also a row of the ring. */
  tradesSkipped = 0;
  #tradesNext = -1;
  readonly #hole = new Float64Array(TRADE_WIDTH);
  readonly features = new FeatureHistory();
  readonly ladder = new Float64Array(LADDER_ROWS * LADDER_WIDTH);
  ladderRows = 0;
  ladderVersion = 0;

  get bid(): number {
    return this.depth[BIDS_AT]!;
  }

  get ask(): number {
    return this.depth[ASKS_AT]!;
  }

  /** Mid in ticks, NaN while a side is missing. */
  get mid(): number {
    return (this.bid + this.ask) / 2;
  }

  get state(): number {
    return Number.isNaN(this.depth[2]!) ? BOOK_STATE.waiting : this.depth[2]!;
  }

  /** Whether the depth may be shown as a book, be it an aged one; not across a gap, nor before there is one. */
  get hasBook(): boolean {
    const { state } = this;
    return state !== BOOK_STATE.waiting && state !== BOOK_STATE.gap;
  }

  takeDepth(values: Float64Array): void {
    this.depth.set(values.subarray(0, DEPTH_WIDTH));
    this.bidLevels = bestLevels(this.depth, BIDS_AT, this.bids);
    this.askLevels = bestLevels(this.depth, ASKS_AT, this.asks);
    this.depthVersion++;
  }

  /** Takes the levels of a deeper book, which follow its depth. @param bids how many of the rows are bids */
  takeLevels(values: Float64Array, rows: number, bids: number): void {
    this.bidLevels = Math.min(bids, DEEP_LEVELS);
    this.askLevels = Math.min(rows - bids, DEEP_LEVELS);
    this.bids.set(values.subarray(0, this.bidLevels * LEVEL_WIDTH));
    this.asks.set(values.subarray(bids * LEVEL_WIDTH, (bids + this.askLevels) * LEVEL_WIDTH));
    this.depthVersion++;
  }

  /** Takes columns in. @returns rows missing between those known and these */
  takeColumns(first: number, rows: number, values: Float64Array, snapshot: boolean): number {
    // Deep columns of before belong to what the snapshot replaces.
    if (snapshot) this.deepColumns?.clear();
    return this.columns.append(first, rows, values, snapshot);
  }

  takeDeepColumns(first: number, rows: number, values: Float64Array, snapshot: boolean): void {
    this.deepColumns ??= new RowRing(DEEP_COLUMN_WIDTH, COLUMNS_KEPT);
    this.deepColumns.append(first, rows, values, snapshot);
  }

  takeLadder(values: Float64Array, rows: number): void {
    this.ladderRows = Math.min(rows, LADDER_ROWS);
    this.ladder.set(values.subarray(0, this.ladderRows * LADDER_WIDTH));
    this.ladderVersion++;
  }

  /**
   * Takes trades in. Rows that were skipped leave a row of their own in the ring, with an absent price and their number
   * as its lots, so that the tape can name the hole where it is.
   */
  takeTrades(first: number, rows: number, values: Float64Array, snapshot: boolean): void {
    if (snapshot) {
      this.tradesSkipped = 0;
      this.trades.append(0, rows, values, true);
    } else {
      const missing = this.#tradesNext < 0 ? 0 : Math.max(0, first - this.#tradesNext);
      const known = this.#tradesNext < 0 ? 0 : Math.min(rows, Math.max(0, this.#tradesNext - first));
      if (missing > 0 && rows > 0) {
        this.tradesSkipped += missing;
        this.#hole.set([values[0]!, values[1]!, Number.NaN, missing, 0, 0]);
        this.trades.append(this.trades.next, 1, this.#hole, false);
      }
      this.trades.append(this.trades.next, rows - known, values.subarray(known * TRADE_WIDTH), false);
    }
    this.#tradesNext = first + rows;
  }

  clear(): void {
    this.#tradesNext = -1;
    this.depth.fill(Number.NaN);
    this.bidLevels = 0;
    this.askLevels = 0;
    this.depthVersion++;
    this.columns.clear();
    this.deepColumns?.clear();
    this.trades.clear();
    this.tradesSkipped = 0;
    this.features.clear();
    this.ladderRows = 0;
    this.ladderVersion++;
  }
}

/** Copies the levels of one side of a depth row as pairs. @returns how many there are */
function bestLevels(depth: Float64Array, at: number, to: Float64Array): number {
  let count = 0;
  for (let level = 0; level < DEPTH_LEVELS; level++) {
    const ticks = depth[at + level * 3]!;
    if (Number.isNaN(ticks)) continue;
    to[count * LEVEL_WIDTH] = ticks;
    to[count * LEVEL_WIDTH + 1] = depth[at + level * 3 + 1]!;
    count++;
  }
  return count;
}
