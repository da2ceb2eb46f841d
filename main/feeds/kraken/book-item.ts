import { type JsonCursor, JsonTextError } from '../../codec/json/json-cursor.ts';
import { rfc3339Us } from '../../codec/json/rfc3339.ts';
import { FrameError } from '../../core/feed-port.ts';
import type { KrakenSymbol } from './kraken-symbol.ts';
import type { SymbolDirectory } from './symbol-directory.ts';
import { WORD } from './wire-words.ts';

/**
 * One item of a `book` or `level3` message: where its parts lie, in whatever order the venue wrote them. Reused; the lists
 * are read afterwards, when the symbol is known.
 */
export class BookItem {
  readonly #cursor: JsonCursor;
  readonly #symbols: SymbolDirectory;
  symbol: KrakenSymbol | undefined;
  bidsAt = 0;
  asksAt = 0;
  endAt = 0;
  checksum = 0;
  /** NaN when the item has no time. */
  timeUs = Number.NaN;

  constructor(cursor: JsonCursor, symbols: SymbolDirectory) {
    this.#cursor = cursor;
    this.#symbols = symbols;
  }

  /** Reads the item that the cursor stands before. @throws FrameError when symbol or checksum is missing */
  read(): KrakenSymbol {
    const cursor = this.#cursor;
    this.symbol = undefined;
    this.bidsAt = 0;
    this.asksAt = 0;
    this.checksum = -1;
    this.timeUs = Number.NaN;
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (cursor.is(WORD.bids)) {
        this.bidsAt = cursor.at;
        cursor.skip();
      } else if (cursor.is(WORD.asks)) {
        this.asksAt = cursor.at;
        cursor.skip();
      } else if (cursor.is(WORD.symbol)) {
        cursor.string();
        this.symbol = this.#symbols.find(cursor);
      } else if (cursor.is(WORD.checksum)) {
        cursor.decimal();
        this.checksum = cursor.digits;
      } else if (cursor.is(WORD.timestamp)) {
        this.timeUs = takeTimeUs(cursor);
      } else {
        cursor.skip();
      }
    }
    this.endAt = cursor.at;
    if (this.symbol === undefined) throw new FrameError('Kraken book', 'an item has no symbol');
    if (this.checksum < 0) throw new FrameError(`Kraken book of ${this.symbol.symbol}`, 'an item has no checksum');
    return this.symbol;
  }
}

/** Takes a time. @throws JsonTextError when it is none */
export function takeTimeUs(cursor: JsonCursor): number {
  cursor.string();
  const us = rfc3339Us(cursor.bytes, cursor.textStart, cursor.textEnd);
  if (Number.isNaN(us)) throw new JsonTextError('an RFC 3339 time', cursor.textStart);
  return us;
}
