import { type JsonCursor, JsonTextError } from '../../codec/json/json-cursor.ts';
import { rfc3339Us } from '../../codec/json/rfc3339.ts';
import type { Aggressor } from '../../core/ports.ts';
import { WORD } from './wire-words.ts';

/** One trade of a batch, by where its parts lie in the message. */
interface BatchedTrade {
  id: number;
  timeUs: number;
  aggressor: Aggressor;
  productStart: number;
  productEnd: number;
  priceAt: number;
  sizeAt: number;
}

/**
 * The trades of one event, put in the order of their ids: the venue gathers trades for 250 ms and may tell the newest first.
 * Its places are used again and again.
 */
export class TradeBatch {
  readonly #places: BatchedTrade[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Trade by its place in the order of ids. */
  at(place: number): BatchedTrade {
    return this.#places[place]!;
  }

  /** Reads the list under the cursor. @throws JsonTextError where a trade has not all of its parts */
  read(cursor: JsonCursor): void {
    this.#count = 0;
    cursor.enterList();
    while (cursor.nextItem()) {
      if (this.#count === this.#places.length) this.#places.push(emptyTrade());
      readTrade(cursor, this.#places[this.#count]!);
      this.#count++;
      this.#sink();
    }
  }

  /** Moves the newest entry to where its id belongs: a batch is small, and mostly in order or in reverse. */
  #sink(): void {
    const places = this.#places;
    for (let at = this.#count - 1; at > 0 && places[at]!.id < places[at - 1]!.id; at--) {
      const moved = places[at]!;
      places[at] = places[at - 1]!;
      places[at - 1] = moved;
    }
  }
}

function emptyTrade(): BatchedTrade {
  return { id: 0, timeUs: 0, aggressor: 0, productStart: 0, productEnd: 0, priceAt: 0, sizeAt: 0 };
}

function readTrade(cursor: JsonCursor, trade: BatchedTrade): void {
  trade.id = Number.NaN;
  trade.timeUs = Number.NaN;
  trade.aggressor = 0;
  trade.productStart = -1;
  trade.priceAt = -1;
  trade.sizeAt = -1;
  cursor.enterObject();
  while (cursor.nextKey()) readPart(cursor, trade);
  if (Number.isNaN(trade.id) || trade.productStart < 0 || trade.priceAt < 0 || trade.sizeAt < 0)
    throw new JsonTextError('id, product, price and size of a trade', cursor.at);
}

function readPart(cursor: JsonCursor, trade: BatchedTrade): void {
  if (cursor.is(WORD.tradeId)) {
    cursor.decimal();
    trade.id = cursor.digits;
  } else if (cursor.is(WORD.product)) {
    cursor.string();
    trade.productStart = cursor.textStart;
    trade.productEnd = cursor.textEnd;
  } else if (cursor.is(WORD.tradePrice)) {
    trade.priceAt = cursor.at;
    cursor.skip();
  } else if (cursor.is(WORD.tradeSize)) {
    trade.sizeAt = cursor.at;
    cursor.skip();
  } else if (cursor.is(WORD.side)) {
    cursor.string();
    // The venue names the side of the maker: where that bought, the aggressor sold.
    trade.aggressor = cursor.is(WORD.buy) ? -1 : cursor.is(WORD.sell) ? 1 : 0;
  } else if (cursor.is(WORD.time)) {
    cursor.string();
    trade.timeUs = rfc3339Us(cursor.bytes, cursor.textStart, cursor.textEnd);
  } else {
    cursor.skip();
  }
}
