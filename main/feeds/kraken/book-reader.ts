import type { JsonCursor } from '../../codec/json/json-cursor.ts';
import type { Engine } from '../../core/engine.ts';
import { FrameError } from '../../core/feed-port.ts';
import { BookItem } from './book-item.ts';
import type { CheckedLevelBook } from './checked-level-book.ts';
import type { KrakenSymbol } from './kraken-symbol.ts';
import { PricedEntry } from './priced-entry.ts';
import type { SymbolDirectory } from './symbol-directory.ts';
import { WORD } from './wire-words.ts';

/**
 * The `book` channel: snapshots replace the book, updates set absolute sizes, all entries in order; then what lies beyond the
 * subscribed depth is dropped, and the checksum of the result is compared. Nothing of a message that fails reaches the market.
 */
export class BookReader {
  readonly #engine: Engine;
  readonly #cursor: JsonCursor;
  readonly #symbols: SymbolDirectory;
  readonly #item: BookItem;
  readonly #entry: PricedEntry;

  constructor(engine: Engine, cursor: JsonCursor, symbols: SymbolDirectory) {
    this.#engine = engine;
    this.#cursor = cursor;
    this.#symbols = symbols;
    this.#item = new BookItem(cursor, symbols);
    this.#entry = new PricedEntry(cursor, symbols);
  }

  /** Applies the item that the cursor stands before. @param localUs receive time, for want of a vendor's */
  apply(snapshot: boolean, localUs: number): void {
    const item = this.#item;
    const symbol = item.read();
    // Where the book is known by order, the same book by level adds nothing.
    if (symbol.orders !== undefined && symbol.trust === 'true') return;
    if (snapshot) this.#start(symbol);
    else if (symbol.trust !== 'true') {
      if (symbol.trust === 'none') this.#symbols.lose(symbol, 'an update came before its snapshot', true);
      return;
    }
    const book = symbol.levels!;
    if (item.bidsAt > 0) this.#side(symbol, book, 1, item.bidsAt);
    if (item.asksAt > 0) this.#side(symbol, book, -1, item.asksAt);
    this.#cursor.at = item.endAt;
    if (book.settle() !== item.checksum) {
      this.#symbols.checksumFailures++;
      this.#symbols.discard(symbol, 'the checksum of its book is not the venue’s');
      return;
    }
    symbol.trust = 'true';
    symbol.updates++;
    const market = symbol.market!;
    book.fill(market.depth);
    this.#engine.endEvent(market, Number.isNaN(item.timeUs) ? localUs : item.timeUs, localUs, true);
  }

  /** Begins a book anew from a snapshot, whose numbers tell their form where the venue has not said it. */
  #start(symbol: KrakenSymbol): void {
    const item = this.#item;
    const survey: Survey = { priceDecimals: 0, qtyDecimals: 0 };
    const bids = item.bidsAt > 0 ? this.#survey(item.bidsAt, survey) : 0;
    const asks = item.asksAt > 0 ? this.#survey(item.asksAt, survey) : 0;
    if (symbol.form?.digits.defined !== true) {
      this.#symbols.learn(symbol, survey.priceDecimals, survey.qtyDecimals);
    }
    // A second snapshot without a loss: the venue was left for a while, and nothing is known of the flow in between.
    if (symbol.trust === 'true') this.#engine.gap(symbol.market!, 'clear');
    symbol.startLevels(Math.max(bids, asks));
  }

  /** Counts the levels of a list, and the most decimals of their numbers. */
  #survey(at: number, survey: Survey): number {
    const cursor = this.#cursor;
    cursor.at = at;
    cursor.enterList();
    let count = 0;
    while (cursor.nextItem()) {
      count++;
      cursor.enterObject();
      while (cursor.nextKey()) {
        if (cursor.is(WORD.price)) {
          cursor.decimal();
          survey.priceDecimals = Math.max(survey.priceDecimals, cursor.decimals);
        } else if (cursor.is(WORD.qty)) {
          cursor.decimal();
          survey.qtyDecimals = Math.max(survey.qtyDecimals, cursor.decimals);
        } else cursor.skip();
      }
    }
    return count;
  }

  #side(symbol: KrakenSymbol, book: CheckedLevelBook, side: 1 | -1, at: number): void {
    const cursor = this.#cursor;
    const entry = this.#entry;
    cursor.at = at;
    cursor.enterList();
    while (cursor.nextItem()) {
      entry.clear();
      cursor.enterObject();
      while (cursor.nextKey()) {
        if (cursor.is(WORD.price)) entry.takePrice(symbol);
        else if (cursor.is(WORD.qty)) entry.takeQty(symbol);
        else cursor.skip();
      }
      if (Number.isNaN(entry.ticks) || Number.isNaN(entry.lots)) {
        throw new FrameError(`Kraken book of ${symbol.symbol}`, 'a level lacks its price or its quantity');
      }
      if (entry.odd && entry.lots > 0) book.setOdd(side, entry.ticks, entry.lots, entry.text(symbol));
      else if (side === 1) book.setBid(entry.ticks, entry.lots);
      else book.setAsk(entry.ticks, entry.lots);
    }
  }
}

interface Survey {
  priceDecimals: number;
  qtyDecimals: number;
}
