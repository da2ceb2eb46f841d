import { JsonCursor, JsonTextError } from '../../codec/json/json-cursor.ts';
import type { Engine } from '../../core/engine.ts';
import {
  type FeedFrame,
  FrameError,
  type FrameMapper,
  type MapperTally,
  type Resync,
  type TextBook,
} from '../../core/feed-port.ts';
import type { GapReason } from '../../core/ports.ts';
import type { BinanceBook, DiffVerdict } from './binance-book.ts';
import { BinanceBooks, type BinanceBooksSnapshot } from './binance-books.ts';
import { BinanceEvent, type LevelReader } from './binance-event.ts';
import { definitionsOf } from './exchange-info.ts';

/** Names of the answers that the mapper takes: `exchangeInfo`, and `depth BTCUSDT` for a snapshot. */
export const EXCHANGE_INFO = 'exchangeInfo';
export const DEPTH_ANSWER = 'depth ';

const LAST_UPDATE_ID = new TextEncoder().encode('lastUpdateId');
const BIDS = new TextEncoder().encode('bids');
const ASKS = new TextEncoder().encode('asks');

/**
 * Binance Spot frames in, engine calls out: combined or raw streams of diffs, trades and best prices, and the REST answers
 * that books begin with. Books follow the procedure of "How to manage a local order book correctly" (Binance Spot API
 * documentation, web-socket-streams). Diffs and trades that two connections both bring are told apart by their ids, so
 * connections may overlap.
 */
export class BinanceMapper implements FrameMapper {
  readonly #engine: Engine;
  readonly #resync: Resync;
  readonly #cursor = new JsonCursor();
  readonly #event = new BinanceEvent();
  readonly #reader: LevelReader = { readLevels: (bids) => this.#diffLevels(bids) };
  readonly #books: BinanceBooks;
  readonly #recordCounts: Record<string, number> = {};
  #gaps = 0;
  /** The book of the message at hand, and what is done with the message. */
  #book: BinanceBook | undefined;
  #localUs = 0;
  #verdict: DiffVerdict = 'old';

  /** @param conflationMs how the venue conflates the diffs that are subscribed: 100 for `@depth@100ms`, 1000 for `@depth` */
  constructor(engine: Engine, resync: Resync, conflationMs = 100) {
    this.#engine = engine;
    this.#resync = resync;
    this.#books = new BinanceBooks(engine, conflationMs);
  }

  get tally(): MapperTally {
    return { gaps: this.#gaps, checksumFailures: 0, recordCounts: this.#recordCounts, symbols: this.#books.bySymbol };
  }

  apply(frame: FeedFrame): void {
    this.#localUs = frame.localUs;
    switch (frame.kind) {
      case 'message':
        this.#message(frame.bytes);
        return;
      case 'answer':
        this.#answer(frame.name, frame.bytes);
        return;
      case 'lost':
        for (const book of this.#books.bySymbol.values()) this.#lose(book, 'feed-gap', frame.name, book.readable);
        return;
      default:
        // Whether a new connection continues what the last one told is seen from the ids.
        return;
    }
  }

  /** The book as it last was known to be right: after a lost connection still the one from before, until the next snapshot. */
  bookText(symbol: string, levels: number): TextBook | undefined {
    const book = this.#books.bySymbol.get(symbol);
    return book?.readable ? book.book.text(levels) : undefined;
  }

  snapshot(): BinanceMapperSnapshot {
    return {
      books: this.#books.snapshot(),
      recordCounts: { ...this.#recordCounts },
      gaps: this.#gaps,
    };
  }

  /** Continues from a snapshot, with an engine that was restored to the same moment or is new. */
  restore(snapshot: BinanceMapperSnapshot): void {
    this.#books.restore(snapshot.books);
    for (const kind of Object.keys(this.#recordCounts)) delete this.#recordCounts[kind];
    Object.assign(this.#recordCounts, snapshot.recordCounts);
    this.#gaps = snapshot.gaps;
  }

  #message(bytes: Uint8Array): void {
    const event = this.#event;
    try {
      this.#read(bytes);
      this.#count(event.kind);
      switch (event.kind) {
        case 'depthUpdate':
          this.#diff(bytes);
          return;
        case 'trade':
        case 'aggTrade':
          this.#trade(event.kind);
          return;
        case 'bookTicker':
          this.#ticker();
          return;
        default:
          return;
      }
    } catch (error) {
      this.#refuse(error);
    }
  }

  #read(bytes: Uint8Array): void {
    this.#book = undefined;
    this.#event.read(this.#cursor, bytes, this.#reader);
  }

  #count(kind: string): void {
    this.#recordCounts[kind] = (this.#recordCounts[kind] ?? 0) + 1;
  }

  /** Called while the message is read, once for each side that it has. */
  #diffLevels(bids: boolean): void {
    if (this.#book === undefined) this.#judge();
    if (this.#verdict === 'apply') this.#levels(this.#book!, bids);
    else this.#cursor.skip();
  }

  #judge(): void {
    if (!(this.#event.firstId <= this.#event.lastId)) throw new JsonTextError('update ids in order', 0);
    this.#book = this.#bookOfEvent();
    this.#verdict = this.#book.verdict(this.#event);
  }

  #levels(target: BinanceBook, bids: boolean): void {
    const cursor = this.#cursor;
    const { book } = target;
    cursor.enterList();
    while (cursor.nextItem()) {
      cursor.enterList();
      book.levelPrice(cursor);
      if (!cursor.nextItem()) throw new JsonTextError('a size', cursor.at);
      book.levelSize(cursor);
      if (bids) book.putBid();
      else book.putAsk();
      while (cursor.nextItem()) cursor.skip();
    }
  }

  #diff(bytes: Uint8Array): void {
    if (this.#book === undefined) this.#judge();
    const book = this.#book!;
    switch (this.#verdict) {
      case 'apply':
        book.applied(this.#event);
        this.#settle(book);
        return;
      case 'gap': {
        const { firstId } = this.#event;
        this.#lose(book, 'feed-gap', `updates ${book.lastId + 1} to ${firstId - 1} of ${book.symbol} are missing`);
        book.wait(bytes, firstId);
        return;
      }
      case 'wait':
        book.wait(bytes, this.#event.firstId);
        return;
      default:
        return;
    }
  }

  /** A complete book: judged, if it can be one. */
  #settle(target: BinanceBook): void {
    const market = target.book.rescaled ? this.#books.describe(target) : target.market!;
    const { depth } = market;
    target.book.levels.fill(depth);
    if (depth.bidPrice[0]! >= depth.askPrice[0]!) {
      this.#lose(target, 'maybe-bad-book', `the best bid of ${target.symbol} is not below its best ask`);
    } else if (target.agreesWithTicker()) {
      market.sequence = target.lastId;
      this.#engine.endEvent(market, target.venueUs, this.#localUs, true);
    } else {
      this.#lose(target, 'maybe-bad-book', `the book of ${target.symbol} differs from its bookTicker`);
    }
  }

  #trade(kind: 'trade' | 'aggTrade'): void {
    const { tradeId, tradeUs, eventUs, priceAt, sizeAt, buyerIsMaker } = this.#event;
    if (priceAt < 0 || sizeAt < 0 || Number.isNaN(tradeId)) throw new JsonTextError('id, price and size of a trade', 0);
    const target = this.#bookOfEvent();
    this.#book = target;
    target.tradeKind ??= kind;
    if (target.tradeKind !== kind || tradeId <= target.lastTradeId) return;
    // Ids of a symbol have no holes: what lies between was traded while no connection was up.
    if (tradeId > target.lastTradeId + 1) {
      this.#recordCounts['missed-trade'] = (this.#recordCounts['missed-trade'] ?? 0) + tradeId - target.lastTradeId - 1;
    }
    target.lastTradeId = tradeId;
    if (target.market === undefined) return;
    const { book } = target;
    this.#cursor.at = priceAt;
    book.price(this.#cursor);
    this.#cursor.at = sizeAt;
    book.size(this.#cursor);
    if (book.lots === 0) throw new JsonTextError('a size above 0', sizeAt);
    const market = book.rescaled ? this.#books.describe(target) : target.market;
    target.trades++;
    const tsEventUs = Number.isNaN(tradeUs) ? eventUs : tradeUs;
    if (eventUs > target.venueUs) target.venueUs = eventUs;
    market.sequence = tradeId;
    this.#engine.trade(market, tsEventUs, this.#localUs, book.ticks, book.lots, buyerIsMaker ? -1 : 1);
    if (target.live) this.#engine.endEvent(market, tsEventUs, this.#localUs, true);
  }

  /** A best bid and offer is no source of depth; where it tells of the same update as the book, it must tell the same. */
  #ticker(): void {
    const { lastId, bidsAt, bidSizeAt, asksAt, askSizeAt } = this.#event;
    if (bidsAt < 0 || bidSizeAt < 0 || asksAt < 0 || askSizeAt < 0)
      throw new JsonTextError('best bid and offer with sizes', 0);
    const target = this.#bookOfEvent();
    this.#book = target;
    if (target.market === undefined) return;
    const { ticker } = target;
    ticker.id = lastId;
    ticker.bidTicks = this.#amount(target, bidsAt, 'ticks');
    ticker.bidLots = this.#amount(target, bidSizeAt, 'lots');
    ticker.askTicks = this.#amount(target, asksAt, 'ticks');
    ticker.askLots = this.#amount(target, askSizeAt, 'lots');
    if (target.book.rescaled) this.#books.describe(target);
    if (target.live && !target.agreesWithTicker())
      this.#lose(target, 'maybe-bad-book', `the book of ${target.symbol} differs from its bookTicker`);
  }

  #amount(target: BinanceBook, at: number, what: 'ticks' | 'lots'): number {
    this.#cursor.at = at;
    if (what === 'ticks') target.book.price(this.#cursor);
    else target.book.size(this.#cursor);
    return target.book[what];
  }

  #answer(name: string, bytes: Uint8Array): void {
    if (name === EXCHANGE_INFO) {
      this.#count(EXCHANGE_INFO);
      for (const [symbol, definition] of definitionsOf(bytes)) this.#books.define(symbol, definition);
    } else if (name.startsWith(DEPTH_ANSWER)) {
      this.#count('snapshot');
      const book = this.#books.of(name.slice(DEPTH_ANSWER.length));
      if (book.live) return;
      this.#book = book;
      try {
        this.#load(book, bytes);
      } catch (error) {
        this.#refuse(error);
      }
    }
  }

  /** Loads a snapshot and what has waited for it. */
  #load(target: BinanceBook, bytes: Uint8Array): void {
    const lastId = this.#snapshotLevels(target, bytes);
    if (target.firstWaitingId > lastId + 1) {
      this.#resync(target.symbol, `the snapshot of ${target.symbol} is older than the first update that waits for it`);
      return;
    }
    const { waiting } = target;
    target.lose();
    target.live = true;
    target.readable = true;
    target.lastId = lastId;
    for (const [index, frame] of waiting.entries()) {
      this.#read(frame);
      if (this.#verdict === 'apply') target.applied(this.#event);
      if (this.#verdict !== 'gap') continue;
      this.#lose(target, 'feed-gap', `updates of ${target.symbol} are missing behind its snapshot`);
      for (const later of waiting.slice(index)) target.wait(later, this.#event.firstId);
      return;
    }
    if (target.venueUs === 0) target.venueUs = this.#localUs;
    this.#settle(target);
  }

  /** Fills an empty book from a snapshot. @returns its update id */
  #snapshotLevels(target: BinanceBook, bytes: Uint8Array): number {
    const cursor = this.#cursor;
    let lastId = Number.NaN;
    let sides = 0;
    target.book.clear();
    target.readable = false;
    cursor.open(bytes);
    cursor.enterObject();
    while (cursor.nextKey()) {
      const bids = cursor.is(BIDS);
      if (bids || cursor.is(ASKS)) {
        this.#levels(target, bids);
        sides++;
      } else if (cursor.is(LAST_UPDATE_ID)) {
        cursor.decimal();
        lastId = cursor.digits;
      } else {
        cursor.skip();
      }
    }
    if (sides !== 2 || Number.isNaN(lastId)) throw new JsonTextError('lastUpdateId, bids and asks', 0);
    return lastId;
  }

  #bookOfEvent(): BinanceBook {
    const { symbolStart, symbolEnd } = this.#event;
    if (symbolStart < 0) throw new JsonTextError('a symbol', 0);
    this.#cursor.textStart = symbolStart;
    this.#cursor.textEnd = symbolEnd;
    return this.#books.named(this.#cursor);
  }

  /** The book can't be gone on with: gap, and a new one is asked for. Diffs wait for it from now on. */
  #lose(book: BinanceBook, reason: GapReason, why: string, readable = false): void {
    if (book.live) {
      this.#gaps++;
      if (book.market !== undefined) this.#engine.gap(book.market, reason);
    }
    book.lose();
    book.readable = readable;
    this.#resync(book.symbol, why);
  }

  /** The frame can't be understood: its book is lost, or all books when it is not known whose it was. */
  #refuse(error: unknown): never {
    const known = error instanceof JsonTextError || error instanceof RangeError;
    if (!known) throw error;
    const concerned = this.#book ?? (this.#event.symbolStart >= 0 ? this.#bookOfEvent() : undefined);
    for (const book of concerned === undefined ? this.#books.bySymbol.values() : [concerned]) {
      if (book.live || book === this.#book) this.#lose(book, 'maybe-bad-book', 'a frame could not be understood');
    }
    throw new FrameError(`Binance ${concerned?.symbol ?? 'stream'}`, error.message);
  }
}

export interface BinanceMapperSnapshot {
  readonly books: BinanceBooksSnapshot;
  readonly recordCounts: Readonly<Record<string, number>>;
  readonly gaps: number;
}
