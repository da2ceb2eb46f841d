import { type JsonCursor, JsonTextError } from '../../codec/json/json-cursor.ts';
import type { Engine } from '../../core/engine.ts';
import type { CoinbaseBook } from './coinbase-book.ts';
import type { CoinbaseBooks } from './coinbase-books.ts';
import { isSnapshotEvent } from './event-kind.ts';
import { TradeBatch } from './trade-batch.ts';
import { WORD } from './wire-words.ts';

/** Reads events of `market_trades` into the engine; each trade counts once, by its id. */
export class TradeReader {
  readonly #engine: Engine;
  readonly #cursor: JsonCursor;
  readonly #books: CoinbaseBooks;
  readonly #count: (kind: string, by: number) => void;
  readonly #batch = new TradeBatch();
  /** The book of the trade that was read last. */
  target: CoinbaseBook | undefined;

  /** @param count takes in what there is to be told beside trades */
  constructor(engine: Engine, cursor: JsonCursor, books: CoinbaseBooks, count: (kind: string, by: number) => void) {
    this.#engine = engine;
    this.#cursor = cursor;
    this.#books = books;
    this.#count = count;
  }

  /** Takes the event under the cursor. */
  readEvent(localUs: number): void {
    const cursor = this.#cursor;
    // What has no word for it is taken for new.
    let isSnapshot = false;
    let tradesAt = -1;
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (cursor.is(WORD.kind)) isSnapshot = isSnapshotEvent(cursor);
      else {
        if (cursor.is(WORD.trades)) tradesAt = cursor.at;
        cursor.skip();
      }
    }
    if (tradesAt < 0) throw new JsonTextError('trades', cursor.at);
    const end = cursor.at;
    cursor.at = tradesAt;
    this.#batch.read(cursor);
    const { count } = this.#batch;
    if (isSnapshot) for (let place = count - 1; place >= 0; place--) this.#recent(place);
    else for (let place = 0; place < count; place++) this.#trade(place, localUs);
    cursor.at = end;
  }

  /** Recent trades, told when a connection begins, are no new flow: the newest of a product says what was missed. */
  #recent(place: number): void {
    const target = this.#bookOf(place);
    const { id } = this.#batch.at(place);
    if (id <= target.lastTradeId) return;
    if (!Number.isNaN(target.lastTradeId)) this.#count('missed-trade', id - target.lastTradeId);
    target.lastTradeId = id;
  }

  /** One new trade, in the order of ids. */
  #trade(place: number, localUs: number): void {
    const { id, timeUs, aggressor, priceAt, sizeAt } = this.#batch.at(place);
    const target = this.#bookOf(place);
    if (id <= target.lastTradeId) return;
    if (id > target.lastTradeId + 1) this.#count('missed-trade', id - target.lastTradeId - 1);
    target.lastTradeId = id;
    if (target.market === undefined) return;
    const { book } = target;
    this.#cursor.at = priceAt;
    book.price(this.#cursor);
    this.#cursor.at = sizeAt;
    book.size(this.#cursor);
    if (book.lots === 0) throw new JsonTextError('a size above 0', sizeAt);
    const market = book.rescaled ? this.#books.describe(target) : target.market;
    target.trades++;
    const eventUs = Number.isNaN(timeUs) ? localUs : timeUs;
    market.sequence = id;
    this.#engine.trade(market, eventUs, localUs, book.ticks, book.lots, aggressor);
    if (target.live) this.#engine.endEvent(market, eventUs, localUs, true);
  }

  #bookOf(place: number): CoinbaseBook {
    const { productStart, productEnd } = this.#batch.at(place);
    this.#cursor.textStart = productStart;
    this.#cursor.textEnd = productEnd;
    this.target = this.#books.named(this.#cursor);
    return this.target;
  }
}
