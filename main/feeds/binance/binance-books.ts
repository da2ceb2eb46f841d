import { crc32 } from 'node:zlib';
import { coinInstrument, PUBLISHER } from '../../../shared/instruments.ts';
import type { JsonCursor } from '../../codec/json/json-cursor.ts';
import type { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import { BinanceBook, type BinanceBookSnapshot } from './binance-book.ts';
import type { SymbolDefinition } from './exchange-info.ts';
import { quoteAssetOf } from './quote-asset.ts';

/** The books of all symbols that have appeared, and what the exchange has said of symbols. */
export class BinanceBooks {
  readonly #engine: Engine;
  readonly #conflationMs: number;
  readonly #books = new Map<string, BinanceBook>();
  readonly #definitions = new Map<string, SymbolDefinition>();
  /** Book of the last message: the next one is often for the same. */
  #last: BinanceBook | undefined;

  constructor(engine: Engine, conflationMs: number) {
    this.#engine = engine;
    this.#conflationMs = conflationMs;
  }

  get bySymbol(): ReadonlyMap<string, BinanceBook> {
    return this.#books;
  }

  /** Book of the symbol that the cursor's last text is. */
  named(cursor: JsonCursor): BinanceBook {
    if (this.#last !== undefined && cursor.is(this.#last.ascii)) return this.#last;
    for (const book of this.#books.values()) {
      if (!cursor.is(book.ascii)) continue;
      this.#last = book;
      return book;
    }
    return this.of(cursor.text());
  }

  /** Book of a symbol, which is made when it appears. */
  of(symbol: string): BinanceBook {
    let book = this.#books.get(symbol);
    if (book === undefined) {
      book = new BinanceBook(symbol, quoteAssetOf(symbol));
      this.#books.set(symbol, book);
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
    const { symbol, quoteAsset, book } = target;
    const instrument = coinInstrument({
      venue: 'BINANCE',
      symbol,
      venueId: crc32(symbol),
      quoteCurrency: quoteAsset,
      tickNano: book.tickNano,
      lotDecimals: book.lotDecimals,
      conflationMs: this.#conflationMs,
    });
    const market = this.#engine.addMarket(book.defined ? instrument : { ...instrument, tickSource: 'raw' });
    market.depthSchema = 'l2';
    if (target.market !== undefined) this.#engine.gap(market, 'clear');
    target.market = market;
    target.ticker.id = Number.NaN;
    book.rescaled = false;
    return market;
  }

  snapshot(): BinanceBooksSnapshot {
    return {
      books: [...this.#books.values()].map((book) => book.snapshot()),
      definitions: [...this.#definitions],
    };
  }

  /** Continues from a snapshot, with an engine that was restored to the same moment. */
  restore(snapshot: BinanceBooksSnapshot): void {
    this.#last = undefined;
    this.#books.clear();
    this.#definitions.clear();
    for (const [symbol, definition] of snapshot.definitions) this.#definitions.set(symbol, definition);
    for (const saved of snapshot.books) {
      const book = new BinanceBook(saved.symbol, saved.quoteAsset);
      book.restore(saved, this.#engine.marketOf(PUBLISHER.BINANCE, crc32(saved.symbol)));
      this.#books.set(saved.symbol, book);
    }
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
