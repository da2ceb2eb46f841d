import type { Market } from '../../core/market.ts';
import { DecimalBook, type DecimalBookSnapshot } from '../decimal-book/decimal-book.ts';
import type { BinanceEvent } from './binance-event.ts';

/** Diffs that may wait for their snapshot; beyond it the older half goes, and a snapshot that is too old is asked for again. */
const MOST_WAITING = 20_000;

/** What is to be done with a diff. */
export type DiffVerdict = 'apply' | 'old' | 'wait' | 'gap';

/**
 * The book of one Binance symbol and where it stands in the documented procedure: diffs wait until the REST snapshot has
 * come, then those that lie behind it are dropped and the others must follow it without a hole.
 */
export class BinanceBook {
  readonly symbol: string;
  /** The symbol as it stands in messages. */
  readonly ascii: Uint8Array;
  readonly book: DecimalBook;
  /** Undefined until the tick is known or has been learned. */
  market: Market | undefined;
  quoteAsset: string;
  /** Counts for the tally. */
  updates = 0;
  trades = 0;
  /** The book is built and followed. */
  live = false;
  /** The levels held are a book that was right, if perhaps of a while ago. */
  readable = false;
  /** Last update id in the book. */
  lastId = 0;
  /** Venue time of the last diff or trade, µs; 0 before the first. */
  venueUs = 0;
  /** Greatest trade id taken; NaN before the first. */
  lastTradeId = Number.NaN;
  /** Whether trades are taken from `trade` or `aggTrade` messages: those that came first, so that each counts once. */
  tradeKind: 'trade' | 'aggTrade' | undefined;
  /** Best prices and sizes that a bookTicker told, and its update id. */
  readonly ticker = { id: Number.NaN, bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0 };
  /** Frames of diffs that came since the book was lost, and the first update id among them. */
  waiting: Uint8Array[] = [];
  firstWaitingId = Number.NaN;

  constructor(symbol: string, quoteAsset: string) {
    this.symbol = symbol;
    this.ascii = new TextEncoder().encode(symbol);
    this.quoteAsset = quoteAsset;
    this.book = new DecimalBook(symbol);
  }

  /** By the venue's rule: what is not newer is ignored, and the first id may not lie beyond the next one. */
  verdict(event: BinanceEvent): DiffVerdict {
    if (!this.live) return 'wait';
    if (event.lastId <= this.lastId) return 'old';
    return event.firstId > this.lastId + 1 ? 'gap' : 'apply';
  }

  /** The levels of a diff have been set. */
  applied(event: BinanceEvent): void {
    this.lastId = event.lastId;
    this.updates++;
    if (event.eventUs > this.venueUs) this.venueUs = event.eventUs;
  }

  /** Keeps a diff until the snapshot comes. */
  wait(frame: Uint8Array, firstId: number): void {
    if (this.waiting.length >= MOST_WAITING) {
      this.waiting = this.waiting.slice(MOST_WAITING / 2);
      // What the first remaining frame begins with is not at hand: the newest id asks for a snapshot that is surely behind it.
      this.firstWaitingId = firstId;
    }
    if (this.waiting.length === 0) this.firstWaitingId = firstId;
    this.waiting.push(frame);
  }

  /** The book can't be followed: it is built anew from the next snapshot. */
  lose(): void {
    this.live = false;
    this.waiting = [];
    this.firstWaitingId = Number.NaN;
    this.ticker.id = Number.NaN;
  }

  /** Whether a bookTicker of this very update says the same best prices and sizes; true when there is none to compare. */
  agreesWithTicker(): boolean {
    const { ticker } = this;
    if (ticker.id !== this.lastId) return true;
    const { depth } = this.market!;
    return (
      depth.bidPrice[0] === ticker.bidTicks &&
      depth.bidSize[0] === ticker.bidLots &&
      depth.askPrice[0] === ticker.askTicks &&
      depth.askSize[0] === ticker.askLots
    );
  }

  snapshot(): BinanceBookSnapshot {
    const {
      symbol,
      quoteAsset,
      updates,
      trades,
      live,
      readable,
      lastId,
      venueUs,
      lastTradeId,
      tradeKind,
      firstWaitingId,
    } = this;
    return {
      symbol,
      quoteAsset,
      updates,
      trades,
      live,
      readable,
      lastId,
      venueUs,
      lastTradeId,
      tradeKind,
      firstWaitingId,
      ticker: { ...this.ticker },
      waiting: [...this.waiting],
      book: this.book.snapshot(),
      described: this.market !== undefined,
    };
  }

  /** All but the market, which is the engine's. */
  restore(snapshot: BinanceBookSnapshot): void {
    this.quoteAsset = snapshot.quoteAsset;
    this.updates = snapshot.updates;
    this.trades = snapshot.trades;
    this.live = snapshot.live;
    this.readable = snapshot.readable;
    this.lastId = snapshot.lastId;
    this.venueUs = snapshot.venueUs;
    this.lastTradeId = snapshot.lastTradeId;
    this.tradeKind = snapshot.tradeKind;
    this.firstWaitingId = snapshot.firstWaitingId;
    Object.assign(this.ticker, snapshot.ticker);
    this.waiting = [...snapshot.waiting];
    this.book.restore(snapshot.book);
  }
}

export interface BinanceBookSnapshot {
  readonly symbol: string;
  readonly quoteAsset: string;
  readonly updates: number;
  readonly trades: number;
  readonly live: boolean;
  readonly readable: boolean;
  readonly lastId: number;
  readonly venueUs: number;
  readonly lastTradeId: number;
  readonly tradeKind: 'trade' | 'aggTrade' | undefined;
  readonly firstWaitingId: number;
  readonly ticker: BinanceBook['ticker'];
  readonly waiting: readonly Uint8Array[];
  readonly book: DecimalBookSnapshot;
  readonly described: boolean;
}
