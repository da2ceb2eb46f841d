import { crc32 } from 'node:zlib';
import type { Engine } from '../../core/engine.ts';
import type { Market, VenueStatus } from '../../core/market.ts';
import { CheckedLevelBook, type CheckedLevelBookSnapshot } from './checked-level-book.ts';
import { CheckedOrderBook, type CheckedOrderBookSnapshot } from './checked-order-book.ts';
import { type PairDigits, PairForm } from './pair-form.ts';

/** Depths that Kraken serves. */
const DEPTHS = [10, 25, 100, 500, 1000] as const;

/**
 * - `none`: no snapshot has come yet.
 * - `awaited`: the book is void, updates are passed over until a snapshot comes.
 * - `true`: the book is the venue's, as its checksums say.
 */
export type BookTrust = 'none' | 'awaited' | 'true';

/** All that is known of one symbol. */
export class KrakenSymbol {
  readonly symbol: string;
  readonly bytes: Uint8Array;
  form: PairForm | undefined;
  market: Market | undefined;
  /** The book that feeds the market: by level, or by order. */
  levels: CheckedLevelBook | undefined;
  orders: CheckedOrderBook | undefined;
  trust: BookTrust = 'none';
  /** Depth that the venue acknowledged, by channel; undefined while no acknowledgement was seen. */
  levelDepth: number | undefined;
  orderDepth: number | undefined;
  lastTradeId = -1;
  updates = 0;
  trades = 0;
  /** What the engine was last told of trading. */
  status: VenueStatus = 'trading';

  constructor(symbol: string) {
    this.symbol = symbol;
    this.bytes = Buffer.from(symbol);
  }

  /** Describes the pair to the engine; books in another form are dropped. */
  describe(engine: Engine, digits: PairDigits): void {
    this.form = new PairForm(this.symbol, digits);
    this.market = engine.addMarket(this.form.instrument());
    this.levels = undefined;
    this.orders = undefined;
    this.market.levels = undefined;
  }

  /** The venue has said what was learned: nothing changes but whose word it is. */
  confirm(digits: PairDigits): void {
    this.form = new PairForm(this.symbol, digits);
  }

  /**
   * A new, empty book by level.
   * @param asked depth that the feed asked for, for want of an acknowledged one; 0 = not known
   * @param size levels on the longer side of the snapshot, for want of both
   */
  startLevels(asked: number, size: number): CheckedLevelBook {
    const depth = this.levelDepth ?? depthOf(asked, size);
    this.orders = undefined;
    if (this.levels?.depth === depth) this.levels.clear();
    else this.levels = new CheckedLevelBook(this.form!, depth);
    this.#feed('l2');
    return this.levels!;
  }

  /** A new, empty book by order; parameters as for levels. */
  startOrders(asked: number, size: number): CheckedOrderBook {
    const depth = this.orderDepth ?? depthOf(asked, size);
    this.levels = undefined;
    if (this.orders?.depth === depth) this.orders.clear();
    else this.orders = new CheckedOrderBook(this.form!, depth);
    this.#feed('mbo');
    return this.orders!;
  }

  snapshot(): KrakenSymbolSnapshot {
    return {
      symbol: this.symbol,
      digits: this.form?.digits,
      levels: this.levels?.snapshot(),
      orders: this.orders?.snapshot(),
      trust: this.trust,
      levelDepth: this.levelDepth,
      orderDepth: this.orderDepth,
      lastTradeId: this.lastTradeId,
      updates: this.updates,
      trades: this.trades,
      status: this.status,
    };
  }

  /** Continues from a snapshot; in an engine that does not know the market, it is made with its book. */
  restore(engine: Engine, snapshot: KrakenSymbolSnapshot): void {
    if (snapshot.digits !== undefined) this.describe(engine, snapshot.digits);
    if (snapshot.levels !== undefined) {
      this.levels = new CheckedLevelBook(this.form!, snapshot.levels.depth);
      this.levels.restore(snapshot.levels);
      this.levels.fill(this.market!.depth);
      this.#feed('l2');
    }
    if (snapshot.orders !== undefined) {
      this.orders = new CheckedOrderBook(this.form!, snapshot.orders.depth);
      this.orders.restore(snapshot.orders);
      this.orders.fill(this.market!.depth);
      this.#feed('mbo');
    }
    this.trust = snapshot.trust;
    this.levelDepth = snapshot.levelDepth;
    this.orderDepth = snapshot.orderDepth;
    this.lastTradeId = snapshot.lastTradeId;
    this.updates = snapshot.updates;
    this.trades = snapshot.trades;
    this.status = snapshot.status;
  }

  /** The book feeds the market from now on. */
  #feed(schema: 'l2' | 'mbo'): void {
    this.market!.depthSchema = schema;
    this.market!.levels = (this.orders ?? this.levels)!.deep;
  }
}

function depthOf(asked: number, size: number): number {
  return asked >= size && asked > 0 ? asked : (DEPTHS.find((each) => each >= size) ?? size);
}

/** Number of a symbol: the engine knows the market by it. */
export function idOfSymbol(symbol: string): number {
  return crc32(symbol);
}

export interface KrakenSymbolSnapshot {
  readonly symbol: string;
  readonly digits: PairDigits | undefined;
  readonly levels: CheckedLevelBookSnapshot | undefined;
  readonly orders: CheckedOrderBookSnapshot | undefined;
  readonly trust: BookTrust;
  readonly levelDepth: number | undefined;
  readonly orderDepth: number | undefined;
  readonly lastTradeId: number;
  readonly updates: number;
  readonly trades: number;
  readonly status: VenueStatus;
}
