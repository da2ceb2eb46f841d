import { type JsonCursor, JsonTextError } from '../../codec/json/json-cursor.ts';
import type { Engine } from '../../core/engine.ts';
import { FrameError } from '../../core/feed-port.ts';
import { takeTimeUs } from './book-item.ts';
import type { KrakenSymbol } from './kraken-symbol.ts';
import { PricedEntry } from './priced-entry.ts';
import type { SymbolDirectory } from './symbol-directory.ts';
import { takeNumber } from './wire-number.ts';
import { WORD } from './wire-words.ts';

/**
 * The `trade` channel: one item a print, `side` is the taker's. Each trade has a number that only grows, so one that was
 * seen is not counted again. The trades of a snapshot happened before anyone listened: they are not flow, only their numbers
 * are noted.
 */
export class TradeChannel {
  readonly #engine: Engine;
  readonly #cursor: JsonCursor;
  readonly #symbols: SymbolDirectory;
  readonly #entry: PricedEntry;

  constructor(engine: Engine, cursor: JsonCursor, symbols: SymbolDirectory) {
    this.#engine = engine;
    this.#cursor = cursor;
    this.#symbols = symbols;
    this.#entry = new PricedEntry(cursor, symbols);
  }

  /** Applies the item that the cursor stands before. @param localUs receive time, for want of a vendor's */
  apply(snapshot: boolean, localUs: number): void {
    const cursor = this.#cursor;
    let symbol: KrakenSymbol | undefined;
    let priceAt = -1;
    let qtyAt = -1;
    let id = -1;
    let timeUs = localUs;
    let side: 1 | -1 | 0 = 0;
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (cursor.is(WORD.price)) {
        priceAt = cursor.at;
        cursor.skip();
      } else if (cursor.is(WORD.qty)) {
        qtyAt = cursor.at;
        cursor.skip();
      } else if (cursor.is(WORD.symbol)) {
        cursor.string();
        symbol = this.#symbols.find(cursor);
      } else if (cursor.is(WORD.side)) side = sideOf(cursor);
      else if (cursor.is(WORD.tradeId)) {
        cursor.decimal();
        id = cursor.digits;
      } else if (cursor.is(WORD.timestamp)) timeUs = takeTimeUs(cursor);
      else cursor.skip();
    }
    if (symbol === undefined) throw new FrameError('Kraken trade', 'an item has no symbol');
    if (side === 0 || priceAt < 0 || qtyAt < 0 || id < 0) {
      throw new FrameError(`Kraken trade of ${symbol.symbol}`, 'a trade lacks its side, price, quantity or number');
    }
    if (id <= symbol.lastTradeId) return;
    symbol.lastTradeId = id;
    if (snapshot) return;
    const endAt = cursor.at;
    this.#read(symbol, priceAt, qtyAt);
    cursor.at = endAt;
    symbol.trades++;
    symbol.market!.sequence = id;
    this.#engine.trade(symbol.market!, timeUs, localUs, this.#entry.ticks, this.#entry.lots, side);
  }

  #read(symbol: KrakenSymbol, priceAt: number, qtyAt: number): void {
    const cursor = this.#cursor;
    const entry = this.#entry;
    if (symbol.form?.digits.defined !== true) {
      cursor.at = priceAt;
      takeNumber(cursor);
      const { decimals } = cursor;
      cursor.at = qtyAt;
      takeNumber(cursor);
      this.#symbols.learn(symbol, decimals, cursor.decimals);
    }
    entry.clear();
    cursor.at = priceAt;
    entry.takePrice(symbol);
    cursor.at = qtyAt;
    entry.takeQty(symbol);
    if (entry.lots <= 0) throw new FrameError(`Kraken trade of ${symbol.symbol}`, 'a trade has no quantity');
  }
}

function sideOf(cursor: JsonCursor): 1 | -1 {
  cursor.string();
  if (cursor.is(WORD.buy)) return 1;
  if (cursor.is(WORD.sell)) return -1;
  throw new JsonTextError('buy or sell', cursor.textStart);
}
