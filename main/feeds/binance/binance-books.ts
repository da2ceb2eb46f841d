import type { JsonCursor } from '../../codec/json/json-cursor.ts';
import type { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import { AsciiIndex } from '../decimal-book/ascii-index.ts';
import { type CoinPairWords, describeCoinMarket, restoredCoinMarket } from '../decimal-book/coin-market.ts';
import { BinanceBook, type BinanceBookSnapshot } from './binance-book.ts';
import type { SymbolDefinition } from './exchange-info.ts';
import { quoteAssetOf } from './quote-asset.ts';

/** The books of all symbols that have appeared, and what the exchange has said of symbols. */
export class BinanceBooks {
  readonly #engine: Engine;
  readonly #conflationMs: number;
  readonly #books = new Map<string, BinanceBook>();
  readonly #definitions = new Map<string, SymbolDefinition>();
  readonly #index = new AsciiIndex<BinanceBook>();

  constructor(engine: Engine, conflationMs: number) {
    this.#engine = engine;
    this.#conflationMs = conflationMs;
  }

  get bySymbol(): ReadonlyMap<string, BinanceBook> {
    return this.#books;
  }

  /** Book of the symbol that the cursor's last text is. */
  named(cursor: JsonCursor): BinanceBook {
    return this.#index.find(cursor) ?? this.of(cursor.text());
  }

  /** Book of a symbol, which is made when it appears. */
  of(symbol: string): BinanceBook {
    let book = this.#books.get(symbol);
    if (book === undefined) {
      book = new BinanceBook(symbol, quoteAssetOf(symbol));
      this.#add(book);
      const definition = this.#definitions.get(symbol);
      if (definition !== undefined) this.#define(book, definition);
    }
    return book;
  }

  define(symbol: string, definition: SymbolDefinition): void {
    this.#definitions.set(symbol, definition);
    const book = this.#books.get(symbol);
    if (book !== undefined) this.#define(book, definition);
  }

  /** Tells the engine what the market is; its flow does not go on across a change of units. */
  describe(target: BinanceBook): Market {
    const market = describeCoinMarket(this.#engine, this.#wordsOf(target), target.book, target.market);
    target.market = market;
    target.ticker.id = Number.NaN;
    return market;
  }

  snapshot(): BinanceBooksSnapshot {
    return {
      books: [...this.#books.values()].map((book) => book.snapshot()),
      definitions: [...this.#definitions],
    };
  }

  /** Continues from a snapshot, with an engine that was restored to the same moment or is new. */
  restore(snapshot: BinanceBooksSnapshot): void {
    this.#index.clear();
    this.#books.clear();
    this.#definitions.clear();
    for (const [symbol, definition] of snapshot.definitions) this.#definitions.set(symbol, definition);
    for (const saved of snapshot.books) {
      const book = new BinanceBook(saved.symbol, saved.quoteAsset);
      book.restore(saved);
      if (saved.described) book.market = restoredCoinMarket(this.#engine, this.#wordsOf(book), book.book);
      this.#add(book);
    }
  }

  #wordsOf({ symbol, quoteAsset }: BinanceBook): CoinPairWords {
    return { venue: 'BINANCE', symbol, quoteCurrency: quoteAsset, conflationMs: this.#conflationMs };
  }

  #add(book: BinanceBook): void {
    this.#books.set(book.symbol, book);
    this.#index.add(book);
  }

  #define(target: BinanceBook, { tickSize, stepSize, quoteAsset }: SymbolDefinition): void {
    target.book.define(tickSize, stepSize);
    target.quoteAsset = quoteAsset;
    if (target.book.rescaled) this.describe(target);
  }
}

export interface BinanceBooksSnapshot {
  readonly books: readonly BinanceBookSnapshot[];
  readonly definitions: readonly (readonly [string, SymbolDefinition])[];
}
