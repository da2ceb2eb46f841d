import { type JsonCursor, JsonTextError } from '../../codec/json/json-cursor.ts';
import type { Engine } from '../../core/engine.ts';
import { FrameError } from '../../core/feed-port.ts';
import { BookChannel } from './book-channel.ts';
import { takeTimeUs } from './book-item.ts';
import type { CheckedOrderBook } from './checked-order-book.ts';
import type { KrakenSymbol } from './kraken-symbol.ts';
import type { SymbolDirectory } from './symbol-directory.ts';
import { WORD } from './wire-words.ts';

/** What an entry does; orders of a snapshot have no event and are added. */
type OrderEvent = 'add' | 'modify' | 'delete';

/**
 * The `level3` channel: single orders by id. Queue order is the snapshot's, then arrival; a modify keeps its place; a delete
 * may come without a size. Times stand with the orders.
 */
export class OrderChannel extends BookChannel<CheckedOrderBook> {
  #event: OrderEvent = 'add';
  #id = '';

  constructor(engine: Engine, cursor: JsonCursor, symbols: SymbolDirectory) {
    super(engine, cursor, symbols, { price: WORD.limitPrice, qty: WORD.orderQty });
  }

  protected idle(_symbol: KrakenSymbol): boolean {
    return false;
  }

  protected bookOf(symbol: KrakenSymbol): CheckedOrderBook | undefined {
    return symbol.trust === 'true' ? symbol.orders : undefined;
  }

  protected begin(symbol: KrakenSymbol, size: number): CheckedOrderBook {
    return symbol.startOrders(this.symbols.depths.level3, size);
  }

  protected side(symbol: KrakenSymbol, book: CheckedOrderBook, sign: 1 | -1): void {
    const { cursor, entry } = this;
    const side = sign === 1 ? 'bid' : 'ask';
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
    const { cursor, entry } = this;
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
        if (us > this.entriesUs) this.entriesUs = us;
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
