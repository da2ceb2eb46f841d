import type { DealRow } from '../../shared/trading.ts';
import type { Engine } from '../core/engine.ts';
import type { TradeSink } from '../core/trading-ports.ts';
import type { AccountBook } from './account-book.ts';
import type { OrderDesk } from './order-desk.ts';

/** How often a flatten that is not flat yet looks again, µs of engine time. */
const RETRY_US = 500_000;
/** A close that was rejected goes out again once the market has told something new, or after this long. */
const UNCHANGED_RETRY_US = 5_000_000;

/** The last try to close a deal: how many events its market had told by then, and when. */
interface Try {
  readonly events: number;
  readonly atUs: number;
}

/**
 * Flatten as a state machine that ends in "verified flat": cancels entries, closes every deal, looks again, and goes on
 * until the account book shows neither a working entry nor an open deal, whatever was rejected on the way.
 */
export class Flatten {
  readonly #engine: Engine;
  readonly #book: AccountBook;
  readonly #orders: OrderDesk;
  readonly #sink: TradeSink;
  /** Markets being flattened with the number of tries; −1 stands for all. */
  readonly #running = new Map<number, number>();
  readonly #tried = new Map<string, Try>();

  constructor(engine: Engine, book: AccountBook, orders: OrderDesk, sink: TradeSink) {
    this.#engine = engine;
    this.#book = book;
    this.#orders = orders;
    this.#sink = sink;
  }

  /** Starts, or does nothing when the same flatten is under way. Returns words for the trader. */
  start(market?: number): string {
    const key = market ?? ALL;
    if (this.#flat(market)) return 'Already flat.';
    if (this.#running.has(key)) return 'Flatten is under way.';
    this.#running.set(key, 0);
    this.#step(key);
    return 'Flatten is under way.';
  }

  /** Forgets what was under way: the engine was put to another time and the timers are gone. */
  reset(): void {
    this.#running.clear();
    this.#tried.clear();
  }

  #step(key: number): void {
    const market = key === ALL ? undefined : key;
    if (this.#flat(market)) {
      this.#running.delete(key);
      if (this.#running.size === 0) this.#tried.clear();
      const where =
        market === undefined ? 'all instruments' : (this.#engine.markets[market]?.instrument.label ?? 'market');
      this.#sink.announce('order', `Flat: ${where}, verified.`);
      return;
    }
    const tries = (this.#running.get(key) ?? 0) + 1;
    this.#running.set(key, tries);
    if (tries === WARN_AFTER) {
      this.#sink.announce(
        'fault',
        'Flatten has not finished: a close is not going through. It goes on trying; stops stay in place.',
      );
    }
    this.#orders.cancelEntries(market);
    for (const deal of this.#book.openDeals(market)) if (deal.state === 'open') this.#close(deal);
    this.#engine.scheduler.at(this.#engine.nowUs + RETRY_US, () => this.#step(key));
  }

  /** Closes a deal unless the same was tried just now on the same quote: in a dead market that fills journal and screen only. */
  #close(deal: DealRow): void {
    const { nowUs, markets } = this.#engine;
    const events = markets[deal.market]?.events ?? 0;
    const last = this.#tried.get(deal.id);
    if (last !== undefined && last.events === events && nowUs - last.atUs < UNCHANGED_RETRY_US) return;
    this.#tried.set(deal.id, { events, atUs: nowUs });
    this.#orders.close(deal);
  }

  #flat(market: number | undefined): boolean {
    return this.#book.openDeals(market).length === 0 && this.#book.workingEntries(market).length === 0;
  }
}

const ALL = -1;
const WARN_AFTER = 6;
