import type { Market } from '../../core/market.ts';
import { DecimalBook, type DecimalBookSnapshot } from '../decimal-book/decimal-book.ts';

/** The book of one Coinbase product; it begins with a snapshot event and is void after every hole in the sequence. */
export class CoinbaseBook {
  readonly product: string;
  /** The product as it stands in messages. */
  readonly ascii: Uint8Array;
  readonly book: DecimalBook;
  /** Undefined until the tick is known or has been learned. */
  market: Market | undefined;
  quoteCurrency: string;
  /** Counts for the tally. */
  updates = 0;
  trades = 0;
  /** The book is built and followed. */
  live = false;
  /** The levels held are a book that was right, if perhaps of a while ago. */
  readable = false;
  /** Greatest trade id taken; NaN before the first. */
  lastTradeId = Number.NaN;

  constructor(product: string, quoteCurrency: string) {
    this.product = product;
    this.ascii = new TextEncoder().encode(product);
    this.quoteCurrency = quoteCurrency;
    this.book = new DecimalBook(product);
  }

  snapshot(): CoinbaseBookSnapshot {
    const { product, quoteCurrency, updates, trades, live, readable, lastTradeId } = this;
    return {
      product,
      quoteCurrency,
      updates,
      trades,
      live,
      readable,
      lastTradeId,
      book: this.book.snapshot(),
      described: this.market !== undefined,
    };
  }

  /** All but the market, which is the engine's. */
  restore(snapshot: CoinbaseBookSnapshot): void {
    this.quoteCurrency = snapshot.quoteCurrency;
    this.updates = snapshot.updates;
    this.trades = snapshot.trades;
    this.live = snapshot.live;
    this.readable = snapshot.readable;
    this.lastTradeId = snapshot.lastTradeId;
    this.book.restore(snapshot.book);
  }
}

export interface CoinbaseBookSnapshot {
  readonly product: string;
  readonly quoteCurrency: string;
  readonly updates: number;
  readonly trades: number;
  readonly live: boolean;
  readonly readable: boolean;
  readonly lastTradeId: number;
  readonly book: DecimalBookSnapshot;
  readonly described: boolean;
}
