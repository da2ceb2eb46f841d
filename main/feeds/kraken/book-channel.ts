import type { JsonCursor } from '../../codec/json/json-cursor.ts';
import type { Depth } from '../../core/book/depth.ts';
import type { Engine } from '../../core/engine.ts';
import { BookItem } from './book-item.ts';
import type { KrakenSymbol } from './kraken-symbol.ts';
import { PricedEntry } from './priced-entry.ts';
import type { SymbolDirectory } from './symbol-directory.ts';
import { takeNumber } from './wire-number.ts';

/** A book that can say its checksum. */
export interface CheckedBook {
  /** Ends a message: drops what lies beyond the depth, and gives the checksum of what is left. */
  settle(): number;
  /** Writes the ten best levels a side into a market's depth. */
  fill(depth: Depth): void;
}

/** Names that a channel has for the numbers of an entry. */
export interface EntryWords {
  readonly price: Uint8Array;
  readonly qty: Uint8Array;
}

/**
 * What the two channels of books have in common. A snapshot begins the book anew, updates are applied entry by entry in their
 * order, and the checksum of the result is compared. Nothing of a message that fails reaches the market.
 */
export abstract class BookChannel<Book extends CheckedBook> {
  protected readonly cursor: JsonCursor;
  protected readonly entry: PricedEntry;
  readonly #engine: Engine;
  protected readonly symbols: SymbolDirectory;
  readonly #words: EntryWords;
  readonly #item: BookItem;
  #priceDecimals = 0;
  #qtyDecimals = 0;

  constructor(engine: Engine, cursor: JsonCursor, symbols: SymbolDirectory, words: EntryWords) {
    this.#engine = engine;
    this.cursor = cursor;
    this.symbols = symbols;
    this.#words = words;
    this.#item = new BookItem(cursor, symbols);
    this.entry = new PricedEntry(cursor, symbols);
  }

  /** The channel has nothing to add to what is known of the symbol. */
  protected abstract idle(symbol: KrakenSymbol): boolean;
  /** The book that updates belong to; undefined while it is not true. */
  protected abstract bookOf(symbol: KrakenSymbol): Book | undefined;
  /** @param size prices on the longer side of the snapshot */
  protected abstract begin(symbol: KrakenSymbol, size: number): Book;
  /** Applies the entries of one side, which the cursor stands before. */
  protected abstract side(symbol: KrakenSymbol, book: Book, side: 1 | -1): void;
  /** Latest time that an entry of the item has, 0 where entries have none. */
  protected entriesUs = 0;

  /** Applies the item that the cursor stands before. @param localUs receive time, for want of a vendor's */
  apply(snapshot: boolean, localUs: number): void {
    const item = this.#item;
    const symbol = item.read();
    if (this.idle(symbol)) return;
    const book = snapshot ? this.#start(symbol) : this.bookOf(symbol);
    if (book === undefined) {
      if (symbol.trust === 'none') this.symbols.lose(symbol, 'an update came before its snapshot', true);
      return;
    }
    this.entriesUs = 0;
    if (item.bidsAt > 0) {
      this.cursor.at = item.bidsAt;
      this.side(symbol, book, 1);
    }
    if (item.asksAt > 0) {
      this.cursor.at = item.asksAt;
      this.side(symbol, book, -1);
    }
    this.cursor.at = item.endAt;
    if (book.settle() !== item.checksum) {
      this.symbols.checksumFailures++;
      this.symbols.discard(symbol, 'the checksum of its book is not the venue’s');
      return;
    }
    symbol.trust = 'true';
    symbol.updates++;
    const market = symbol.market!;
    book.fill(market.depth);
    const timeUs = Number.isNaN(item.timeUs) ? this.entriesUs : item.timeUs;
    market.sequence = Number.NaN;
    this.#engine.endEvent(market, timeUs === 0 ? localUs : timeUs, localUs, true);
  }

  /** A snapshot: its numbers tell their form where the venue has not said it, and its length the depth. */
  #start(symbol: KrakenSymbol): Book {
    const { bidsAt, asksAt } = this.#item;
    this.#priceDecimals = 0;
    this.#qtyDecimals = 0;
    const size = Math.max(this.#survey(bidsAt), this.#survey(asksAt));
    if (symbol.form?.digits.defined !== true) {
      this.symbols.learn(symbol, this.#priceDecimals, this.#qtyDecimals);
    }
    // A second snapshot without a loss: the venue was left for a while, and nothing is known of the flow in between.
    if (symbol.trust === 'true') this.#engine.gap(symbol.market!, 'clear');
    return this.begin(symbol, size);
  }

  /** Counts the prices of a list, and notes the most decimals of its numbers. */
  #survey(at: number): number {
    if (at === 0) return 0;
    const { cursor } = this;
    const words = this.#words;
    let count = 0;
    let last = Number.NaN;
    cursor.at = at;
    cursor.enterList();
    while (cursor.nextItem()) {
      cursor.enterObject();
      while (cursor.nextKey()) {
        if (cursor.is(words.price)) {
          takeNumber(cursor);
          this.#priceDecimals = Math.max(this.#priceDecimals, cursor.decimals);
          const price = cursor.digits / 10 ** cursor.decimals;
          if (price !== last) count++;
          last = price;
        } else if (cursor.is(words.qty)) {
          takeNumber(cursor);
          this.#qtyDecimals = Math.max(this.#qtyDecimals, cursor.decimals);
        } else cursor.skip();
      }
    }
    return count;
  }
}
