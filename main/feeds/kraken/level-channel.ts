import type { JsonCursor } from '../../codec/json/json-cursor.ts';
import type { Engine } from '../../core/engine.ts';
import { FrameError } from '../../core/feed-port.ts';
import { BookChannel } from './book-channel.ts';
import type { CheckedLevelBook } from './checked-level-book.ts';
import type { KrakenSymbol } from './kraken-symbol.ts';
import type { SymbolDirectory } from './symbol-directory.ts';
import { WORD } from './wire-words.ts';

/** The `book` channel: price levels with absolute sizes; where a price is named twice, the last one counts. */
export class LevelChannel extends BookChannel<CheckedLevelBook> {
  constructor(engine: Engine, cursor: JsonCursor, symbols: SymbolDirectory) {
    super(engine, cursor, symbols, { price: WORD.price, qty: WORD.qty });
  }

  /** Where the book is known by order, the same book by level adds nothing. */
  protected idle(symbol: KrakenSymbol): boolean {
    return symbol.orders !== undefined && symbol.trust === 'true';
  }

  protected bookOf(symbol: KrakenSymbol): CheckedLevelBook | undefined {
    return symbol.trust === 'true' ? symbol.levels : undefined;
  }

  protected begin(symbol: KrakenSymbol, size: number): CheckedLevelBook {
    return symbol.startLevels(this.symbols.depths.public, size);
  }

  protected side(symbol: KrakenSymbol, book: CheckedLevelBook, side: 1 | -1): void {
    const { cursor, entry } = this;
    cursor.enterList();
    while (cursor.nextItem()) {
      entry.clear();
      cursor.enterObject();
      while (cursor.nextKey()) {
        if (cursor.is(WORD.price)) entry.takePrice(symbol);
        else if (cursor.is(WORD.qty)) entry.takeQty(symbol);
        else cursor.skip();
      }
      if (Number.isNaN(entry.ticks) || Number.isNaN(entry.lots)) {
        throw new FrameError(`Kraken book of ${symbol.symbol}`, 'a level lacks its price or its quantity');
      }
      if (entry.odd && entry.lots > 0) book.setOdd(side, entry.ticks, entry.lots, entry.text(symbol));
      else if (side === 1) book.setBid(entry.ticks, entry.lots);
      else book.setAsk(entry.ticks, entry.lots);
    }
  }
}
