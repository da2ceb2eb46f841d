import { JsonCursor, JsonTextError } from '../../codec/json/json-cursor.ts';
import { rfc3339Us } from '../../codec/json/rfc3339.ts';
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
import type { CoinbaseBook, CoinbaseBookSnapshot } from './coinbase-book.ts';
import { CoinbaseBooks } from './coinbase-books.ts';
import { isSnapshotEvent } from './event-kind.ts';
import { productInfoOf } from './product-info.ts';
import { TradeReader } from './trade-reader.ts';
import { CHANNELS, type CoinbaseChannel, WORD } from './wire-words.ts';

/** Name of the answer with what the venue says of a product: `product BTC-USD`. */
export const PRODUCT_ANSWER = 'product ';
/** Name of the connection; a loss that begins with it is the connection's. */
export const COINBASE_CONNECTION = 'public';

/**
 * Coinbase Advanced Trade market data in, engine calls out: `l2_data`, `market_trades`, `heartbeats`. Messages are numbered
 * over all channels of a connection; after a hole no book is trusted until its next snapshot event.
 */
export class CoinbaseMapper implements FrameMapper {
  readonly #engine: Engine;
  readonly #resync: Resync;
  readonly #cursor = new JsonCursor();
  readonly #books: CoinbaseBooks;
  readonly #trades: TradeReader;
  readonly #recordCounts: Record<string, number> = {};
  #gaps = 0;
  /** Number of the next message; NaN before the first of a connection. */
  #expected = Number.NaN;
  #heartbeat = Number.NaN;
  /** The message at hand. */
  #channel: CoinbaseChannel = 'other';
  #sequence = Number.NaN;
  #sentUs = Number.NaN;
  #localUs = 0;
  /** The book that the event at hand is for. */
  #book: CoinbaseBook | undefined;

  constructor(engine: Engine, resync: Resync) {
    this.#engine = engine;
    this.#resync = resync;
    this.#books = new CoinbaseBooks(engine);
    this.#trades = new TradeReader(engine, this.#cursor, this.#books, (kind, by) => this.#count(kind, by));
  }

  get tally(): MapperTally {
    return { gaps: this.#gaps, checksumFailures: 0, recordCounts: this.#recordCounts, symbols: this.#books.byProduct };
  }

  apply(frame: FeedFrame): void {
    this.#localUs = frame.localUs;
    switch (frame.kind) {
      case 'message':
        this.#message(frame.bytes);
        return;
      case 'answer':
        if (!frame.name.startsWith(PRODUCT_ANSWER)) return;
        this.#count('product');
        this.#books.define(productInfoOf(frame.name.slice(PRODUCT_ANSWER.length), frame.bytes));
        return;
      case 'opened':
        this.#loseAll('a new connection begins', false, true);
        this.#expected = Number.NaN;
        this.#heartbeat = Number.NaN;
        return;
      case 'lost':
        this.#loseAll(frame.name, !frame.name.startsWith(COINBASE_CONNECTION), true);
        return;
    }
  }

  /**
   * The book as it last was known to be right: after a lost connection still the one from before, until the next snapshot. A
   * product in USDC is told under its name in USD.
   */
  bookText(symbol: string, levels: number): TextBook | undefined {
    const { byProduct } = this.#books;
    const book = byProduct.get(symbol) ?? byProduct.get(symbol.replace(/-USDC$/, '-USD'));
    return book?.readable ? book.book.text(levels) : undefined;
  }

  snapshot(): CoinbaseMapperSnapshot {
    return {
      books: this.#books.snapshot(),
      recordCounts: { ...this.#recordCounts },
      gaps: this.#gaps,
      expected: this.#expected,
      heartbeat: this.#heartbeat,
    };
  }

  /** Continues from a snapshot, with an engine that was restored to the same moment or is new. */
  restore(snapshot: CoinbaseMapperSnapshot): void {
    this.#books.restore(snapshot.books);
    for (const kind of Object.keys(this.#recordCounts)) delete this.#recordCounts[kind];
    Object.assign(this.#recordCounts, snapshot.recordCounts);
    this.#gaps = snapshot.gaps;
    this.#expected = snapshot.expected;
    this.#heartbeat = snapshot.heartbeat;
  }

  #count(kind: string, by = 1): void {
    this.#recordCounts[kind] = (this.#recordCounts[kind] ?? 0) + by;
  }

  #message(bytes: Uint8Array): void {
    this.#channel = 'other';
    this.#sequence = Number.NaN;
    this.#sentUs = Number.NaN;
    this.#book = undefined;
    this.#trades.target = undefined;
    try {
      this.#envelope(bytes);
      this.#count(this.#channel);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #envelope(bytes: Uint8Array): void {
    const cursor = this.#cursor;
    let eventsAt = -1;
    let read = false;
    cursor.open(bytes);
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (cursor.is(WORD.channel)) this.#nameChannel();
      else if (cursor.is(WORD.sequence)) {
        cursor.decimal();
        this.#sequence = cursor.digits;
      } else if (cursor.is(WORD.timestamp)) {
        cursor.string();
        this.#sentUs = rfc3339Us(cursor.bytes, cursor.textStart, cursor.textEnd);
      } else if (cursor.is(WORD.events)) {
        // Read in one pass where number and channel come first, as they do; else afterwards.
        eventsAt = cursor.at;
        read = this.#channel !== 'other' && !Number.isNaN(this.#sequence);
        if (read && this.#inSequence()) this.#events();
        else cursor.skip();
      } else cursor.skip();
    }
    if (read || Number.isNaN(this.#sequence) || !this.#inSequence() || eventsAt < 0) return;
    cursor.at = eventsAt;
    this.#events();
  }

  #nameChannel(): void {
    const cursor = this.#cursor;
    cursor.string();
    for (const { name, word } of CHANNELS) if (cursor.is(word)) this.#channel = name;
  }

  /** Takes the message's number. @returns false for a message that came before */
  #inSequence(): boolean {
    const sequence = this.#sequence;
    if (sequence < this.#expected) {
      this.#count('repeated');
      return false;
    }
    if (sequence > this.#expected) {
      this.#loseAll(`messages ${this.#expected} to ${sequence - 1} are missing`, true, false);
    }
    this.#expected = sequence + 1;
    return true;
  }

  #events(): void {
    const cursor = this.#cursor;
    if (this.#channel === 'other' || this.#channel === 'subscriptions') {
      cursor.skip();
      return;
    }
    cursor.enterList();
    while (cursor.nextItem()) {
      if (this.#channel === 'l2_data') this.#bookEvent();
      else if (this.#channel === 'market_trades') this.#trades.readEvent(this.#localUs);
      else this.#heartbeatEvent();
    }
  }

  #bookEvent(): void {
    const cursor = this.#cursor;
    let isSnapshot: boolean | undefined;
    let updatesAt = -1;
    let read = false;
    this.#book = undefined;
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (cursor.is(WORD.kind)) isSnapshot = isSnapshotEvent(cursor);
      else if (cursor.is(WORD.product)) {
        cursor.string();
        this.#book = this.#books.named(cursor);
      } else if (cursor.is(WORD.updates)) {
        updatesAt = cursor.at;
        read = this.#book !== undefined && isSnapshot !== undefined;
        if (read) this.#updates(this.#book!, isSnapshot!);
        else cursor.skip();
      } else cursor.skip();
    }
    if (this.#book === undefined || isSnapshot === undefined || updatesAt < 0)
      throw new JsonTextError('type, product_id and updates', cursor.at);
    if (!read) {
      const end = cursor.at;
      cursor.at = updatesAt;
      this.#updates(this.#book, isSnapshot);
      cursor.at = end;
    }
    if (this.#book.live) this.#settle(this.#book);
  }

  #updates(target: CoinbaseBook, isSnapshot: boolean): void {
    const cursor = this.#cursor;
    if (isSnapshot) {
      target.book.clear();
      target.live = true;
      target.readable = true;
    } else if (!target.live) {
      cursor.skip();
      return;
    }
    cursor.enterList();
    while (cursor.nextItem()) this.#level(target);
    target.updates++;
  }

  #level(target: CoinbaseBook): void {
    const cursor = this.#cursor;
    const { book } = target;
    let side = 0;
    let parts = 0;
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (cursor.is(WORD.price)) {
        book.levelPrice(cursor);
        parts |= 1;
      } else if (cursor.is(WORD.quantity)) {
        book.levelSize(cursor);
        parts |= 2;
      } else if (cursor.is(WORD.side)) {
        cursor.string();
        side = cursor.is(WORD.bid) ? 1 : cursor.is(WORD.offer) ? -1 : 0;
      } else cursor.skip();
    }
    if (parts !== 3 || side === 0) throw new JsonTextError('side, price_level and new_quantity', cursor.at);
    if (side === 1) book.putBid();
    else book.putAsk();
  }

  /** A complete book: judged, if it can be one. */
  #settle(target: CoinbaseBook): void {
    const market = target.book.rescaled ? this.#books.describe(target) : target.market!;
    const { depth } = market;
    target.book.levels.fill(depth);
    if (depth.bidPrice[0]! >= depth.askPrice[0]!) {
      this.#lose(target, 'maybe-bad-book', `the best bid of ${target.product} is not below its best ask`);
    } else {
      const eventUs = Number.isNaN(this.#sentUs) ? this.#localUs : this.#sentUs;
      market.sequence = Number.NaN;
      this.#engine.endEvent(market, eventUs, this.#localUs, true);
    }
  }

  /** A hole in the counter is told by the sequence as well: it is noted only. */
  #heartbeatEvent(): void {
    const cursor = this.#cursor;
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (!cursor.is(WORD.counter)) {
        cursor.skip();
        continue;
      }
      cursor.decimal();
      if (cursor.digits > this.#heartbeat + 1) this.#count('missed-heartbeat', cursor.digits - this.#heartbeat - 1);
      this.#heartbeat = cursor.digits;
    }
  }

  #lose(book: CoinbaseBook, reason: GapReason, why: string): void {
    if (book.live) {
      this.#gaps++;
      if (book.market !== undefined) this.#engine.gap(book.market, reason);
    }
    book.live = false;
    book.readable = false;
    this.#resync(book.product, why);
  }

  /**
   * Every book is void until its next snapshot.
   * @param ask for new ones; a connection that begins brings them unasked
   * @param readable the levels held were right until now
   */
  #loseAll(why: string, ask: boolean, readable: boolean): void {
    for (const book of this.#books.byProduct.values()) {
      if (book.live) {
        this.#gaps++;
        if (book.market !== undefined) this.#engine.gap(book.market, 'feed-gap');
      }
      book.live = false;
      book.readable &&= readable;
      if (ask) this.#resync(book.product, why);
    }
  }

  /** The message can't be understood: its book is lost, or all books when it is not known whose it was. */
  #refuse(error: unknown): never {
    if (!(error instanceof JsonTextError || error instanceof RangeError)) throw error;
    const concerned = this.#book ?? this.#trades.target;
    if (concerned !== undefined) this.#lose(concerned, 'maybe-bad-book', 'a message could not be understood');
    else this.#loseAll('a message could not be understood', true, false);
    throw new FrameError(`Coinbase ${concerned?.product ?? this.#channel}`, error.message);
  }
}

export interface CoinbaseMapperSnapshot {
  readonly books: readonly CoinbaseBookSnapshot[];
  readonly recordCounts: Readonly<Record<string, number>>;
  readonly gaps: number;
  readonly expected: number;
  readonly heartbeat: number;
}
