import { type JsonCursor, JsonTextError } from '../../codec/json/json-cursor.ts';
import type { Engine } from '../../core/engine.ts';
import { FrameError } from '../../core/feed-port.ts';
import { BookItem, takeTimeUs } from './book-item.ts';
import type { CheckedOrderBook } from './checked-order-book.ts';
import type { KrakenSymbol } from './kraken-symbol.ts';
import { PricedEntry } from './priced-entry.ts';
import type { SymbolDirectory } from './symbol-directory.ts';
import { WORD } from './wire-words.ts';

/** What an entry does; orders of a snapshot have no event and are added. */
type OrderEvent = 'add' | 'modify' | 'delete';

/**
 * The `level3` channel: single orders by id. Queue order is the snapshot's, then arrival; a modify keeps its place; a delete
 * may come without a size. The checksum is made of every order at the ten best prices.
 */
export class OrderReader {
  readonly #engine: Engine;
  readonly #cursor: JsonCursor;
  readonly #symbols: SymbolDirectory;
  readonly #item: BookItem;
  readonly #entry: PricedEntry;
  #event: OrderEvent = 'add';
  #id = '';
  #latestUs = 0;

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
    if (snapshot) this.#start(symbol);
    else if (symbol.orders === undefined || symbol.trust !== 'true') {
      if (symbol.trust === 'none') this.#symbols.lose(symbol, 'an update came before its snapshot', true);
      return;
    }
    const book = symbol.orders!;
    this.#latestUs = 0;
    if (item.bidsAt > 0) this.#side(symbol, book, 'bid', item.bidsAt);
    if (item.asksAt > 0) this.#side(symbol, book, 'ask', item.asksAt);
    this.#cursor.at = item.endAt;
    if (book.settle() !== item.checksum) {
      this.#symbols.checksumFailures++;
      this.#symbols.discard(symbol, 'the checksum of its orders is not the venue’s');
      return;
    }
    symbol.trust = 'true';
    symbol.updates++;
    const market = symbol.market!;
    book.fill(market.depth);
    const timeUs = Number.isNaN(item.timeUs) ? this.#latestUs : item.timeUs;
    this.#engine.endEvent(market, timeUs === 0 ? localUs : timeUs, localUs, true);
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
    if (symbol.trust === 'true') this.#engine.gap(symbol.market!, 'clear');
    symbol.startOrders(Math.max(bids, asks));
  }

  /** Counts the prices of a list of orders, and the most decimals of their numbers. */
  #survey(at: number, survey: Survey): number {
    const cursor = this.#cursor;
    cursor.at = at;
    cursor.enterList();
    let prices = 0;
    let last = Number.NaN;
    while (cursor.nextItem()) {
      cursor.enterObject();
      while (cursor.nextKey()) {
        if (cursor.is(WORD.limitPrice)) {
          cursor.decimal();
          survey.priceDecimals = Math.max(survey.priceDecimals, cursor.decimals);
          const price = cursor.digits / 10 ** cursor.decimals;
          if (price !== last) prices++;
          last = price;
        } else if (cursor.is(WORD.orderQty)) {
          cursor.decimal();
          survey.qtyDecimals = Math.max(survey.qtyDecimals, cursor.decimals);
        } else cursor.skip();
      }
    }
    return prices;
  }

  #side(symbol: KrakenSymbol, book: CheckedOrderBook, side: 'bid' | 'ask', at: number): void {
    const cursor = this.#cursor;
    const entry = this.#entry;
    cursor.at = at;
    cursor.enterList();
    while (cursor.nextItem()) {
      this.#take(symbol);
      if (this.#id === '') throw new FrameError(`Kraken level3 of ${symbol.symbol}`, 'an order has no id');
      if (this.#event === 'delete' || entry.lots === 0) {
        book.delete(this.#id);
        continue;
      }
      if (Number.isNaN(entry.ticks) || Number.isNaN(entry.lots)) {
        throw new FrameError(`Kraken level3 of ${symbol.symbol}`, 'an order lacks its price or its quantity');
      }
      const text = entry.odd ? entry.text(symbol) : undefined;
      if (this.#event === 'add') book.add(this.#id, side, entry.ticks, entry.lots, text);
      else book.modify(this.#id, side, entry.ticks, entry.lots, text);
    }
  }

  /** Reads one order. */
  #take(symbol: KrakenSymbol): void {
    const cursor = this.#cursor;
    const entry = this.#entry;
    entry.clear();
    this.#event = 'add';
    this.#id = '';
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (cursor.is(WORD.event)) {
        cursor.string();
        this.#event = eventOf(cursor);
      } else if (cursor.is(WORD.orderId)) {
        cursor.string();
        this.#id = cursor.text();
      } else if (cursor.is(WORD.limitPrice)) entry.takePrice(symbol);
      else if (cursor.is(WORD.orderQty)) entry.takeQty(symbol);
      else if (cursor.is(WORD.timestamp)) {
        const us = takeTimeUs(cursor);
        if (us > this.#latestUs) this.#latestUs = us;
      } else cursor.skip();
    }
  }
}

function eventOf(cursor: JsonCursor): OrderEvent {
  if (cursor.is(WORD.add)) return 'add';
  if (cursor.is(WORD.modify)) return 'modify';
  if (cursor.is(WORD.delete)) return 'delete';
  throw new JsonTextError('add, modify or delete', cursor.textStart);
}

interface Survey {
  priceDecimals: number;
  qtyDecimals: number;
}
