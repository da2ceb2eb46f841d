import type { JsonCursor } from '../../codec/json/json-cursor.ts';
import { FrameError, type TextLevel } from '../../core/feed-port.ts';
import type { KrakenSymbol } from './kraken-symbol.ts';
import { LONGEST_TEXT } from './odd-texts.ts';
import type { SymbolDirectory } from './symbol-directory.ts';
import { takeNumber } from './wire-number.ts';

/** Price and size of one level, order or trade as they are being read. Reused. */
export class PricedEntry {
  readonly #cursor: JsonCursor;
  readonly #symbols: SymbolDirectory;
  ticks = Number.NaN;
  lots = Number.NaN;
  /** A number came in another form than the pair's usual one: its text has to be kept. */
  odd = false;
  #priceAt = 0;
  #priceEnd = 0;
  #qtyAt = 0;
  #qtyEnd = 0;

  constructor(cursor: JsonCursor, symbols: SymbolDirectory) {
    this.#cursor = cursor;
    this.#symbols = symbols;
  }

  clear(): void {
    this.ticks = Number.NaN;
    this.lots = Number.NaN;
    this.odd = false;
  }

  /** Takes the price under the cursor. @throws OffTickError, or FrameError when it is none or finer than what was learned */
  takePrice(symbol: KrakenSymbol): void {
    const cursor = this.#cursor;
    const long = takeNumber(cursor);
    const form = symbol.form!;
    this.ticks = form.ticks(cursor.digits, cursor.decimals);
    this.#priceAt = cursor.textStart;
    this.#priceEnd = cursor.textEnd;
    if (cursor.decimals !== form.priceDecimals || long) this.odd = true;
    if (this.ticks > 0 && this.ticks <= Number.MAX_SAFE_INTEGER) return;
    if (Number.isNaN(this.ticks)) this.#finer(symbol, 'price', cursor.decimals, 0);
    throw new FrameError(`Kraken ${symbol.symbol}`, 'a price is not above zero, or beyond all ticks');
  }

  /**
   * Takes the size under the cursor; beyond 2^53 lots it is the nearest double, and its text is kept.
   * @throws FrameError when it is none or finer than what was known
   */
  takeQty(symbol: KrakenSymbol): void {
    const cursor = this.#cursor;
    const long = takeNumber(cursor);
    const form = symbol.form!;
    this.lots = form.lots(cursor.digits, cursor.decimals);
    this.#qtyAt = cursor.textStart;
    this.#qtyEnd = cursor.textEnd;
    if (cursor.decimals !== form.qtyDecimals || long) this.odd = true;
    if (this.lots >= 0) return;
    if (Number.isNaN(this.lots)) this.#finer(symbol, 'size', 0, cursor.decimals);
    throw new FrameError(`Kraken ${symbol.symbol}`, 'a size is below zero');
  }

  /** The two numbers as they came. Allocates. @throws FrameError when they are too long to be market data */
  text(symbol: KrakenSymbol): TextLevel {
    const { bytes } = this.#cursor;
    const longest = Math.max(this.#priceEnd - this.#priceAt, this.#qtyEnd - this.#qtyAt);
    if (longest > LONGEST_TEXT) throw new FrameError(`Kraken ${symbol.symbol}`, `a number has ${longest} characters`);
    const text = (from: number, to: number) => decoder.decode(bytes.subarray(from, to));
    return [text(this.#priceAt, this.#priceEnd), text(this.#qtyAt, this.#qtyEnd)];
  }

  /** The form is widened, and the book begins anew in it. */
  #finer(symbol: KrakenSymbol, what: string, priceDecimals: number, qtyDecimals: number): never {
    this.#symbols.learn(symbol, priceDecimals, qtyDecimals);
    const decimals = Math.max(priceDecimals, qtyDecimals);
    throw new FrameError(
      `Kraken ${symbol.symbol}`,
      `a ${what} has ${decimals} decimals, more than its book had so far`,
    );
  }
}

const decoder = new TextDecoder();
