import type { JsonCursor } from '../../codec/json/json-cursor.ts';
import type { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import { AsciiIndex } from '../decimal-book/ascii-index.ts';
import { type CoinPairWords, describeCoinMarket, restoredCoinMarket } from '../decimal-book/coin-market.ts';
import { CoinbaseBook, type CoinbaseBookSnapshot } from './coinbase-book.ts';
import { type ProductInfo, quoteCurrencyOf } from './product-info.ts';

/** Trades come together, once in so many milliseconds. */
const TRADE_BATCH_MS = 250;

/** The books of all products that have appeared. */
export class CoinbaseBooks {
  readonly #engine: Engine;
  readonly #books = new Map<string, CoinbaseBook>();
  readonly #index = new AsciiIndex<CoinbaseBook>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get byProduct(): ReadonlyMap<string, CoinbaseBook> {
    return this.#books;
  }

  /** Book of the product that the cursor's last text is. */
  named(cursor: JsonCursor): CoinbaseBook {
    return this.#index.find(cursor) ?? this.of(cursor.text());
  }

  /** Book of a product, which is made when it appears. */
  of(product: string): CoinbaseBook {
    const known = this.#books.get(product);
    if (known !== undefined) return known;
    const book = new CoinbaseBook(product, quoteCurrencyOf(product));
    this.#add(book);
    return book;
  }

  /** Takes what the venue says of a product. */
  define({ product, priceIncrement, sizeIncrement, quoteCurrency }: ProductInfo): void {
    const target = this.of(product);
    target.book.define(priceIncrement, sizeIncrement);
    target.quoteCurrency = quoteCurrency;
    if (target.book.rescaled) this.describe(target);
  }

  /** The product's market, described anew where its units have changed. */
  describe(target: CoinbaseBook): Market {
    target.market = describeCoinMarket(this.#engine, wordsOf(target), target.book, target.market);
    return target.market;
  }

  snapshot(): readonly CoinbaseBookSnapshot[] {
    return [...this.#books.values()].map((book) => book.snapshot());
  }

  /** Continues from a snapshot, with an engine that was restored to the same moment or is new. */
  restore(snapshot: readonly CoinbaseBookSnapshot[]): void {
    this.#books.clear();
    this.#index.clear();
    for (const saved of snapshot) {
      const book = new CoinbaseBook(saved.product, saved.quoteCurrency);
      book.restore(saved);
      if (saved.described) book.market = restoredCoinMarket(this.#engine, wordsOf(book), book.book);
      this.#add(book);
    }
  }

  #add(book: CoinbaseBook): void {
    this.#books.set(book.product, book);
    this.#index.add(book);
  }
}

function wordsOf({ product, quoteCurrency }: CoinbaseBook): CoinPairWords {
  return { venue: 'COINBASE', symbol: product, quoteCurrency, tradeBatchMs: TRADE_BATCH_MS };
}
