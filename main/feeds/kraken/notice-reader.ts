import type { JsonCursor } from '../../codec/json/json-cursor.ts';
import { FrameError } from '../../core/feed-port.ts';
import type { VenueStatus } from '../../core/market.ts';
import type { PairDigits } from './pair-form.ts';
import type { SymbolDirectory } from './symbol-directory.ts';
import { WORD } from './wire-words.ts';

/** States of the venue and of a pair in which orders match; all others are a halt, but for `post_only`. */
const TRADING = new Set(['online', 'limit_only', 'reduce_only']);

/** The channels that speak about the market and not of it: `instrument`, `status`, and acknowledgements. */
export class NoticeReader {
  readonly #cursor: JsonCursor;
  readonly #symbols: SymbolDirectory;

  constructor(cursor: JsonCursor, symbols: SymbolDirectory) {
    this.#cursor = cursor;
    this.#symbols = symbols;
  }

  /** Data of the `instrument` channel: an object that holds a list of pairs. */
  instruments(): void {
    const cursor = this.#cursor;
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (!cursor.is(WORD.pairs)) {
        cursor.skip();
        continue;
      }
      cursor.enterList();
      while (cursor.nextItem()) this.#pair();
    }
  }

  /** Data of the `status` channel: a list with the state of the whole venue. */
  status(): void {
    const cursor = this.#cursor;
    cursor.enterList();
    while (cursor.nextItem()) {
      cursor.enterObject();
      while (cursor.nextKey()) {
        if (!cursor.is(WORD.system)) {
          cursor.skip();
          continue;
        }
        cursor.string();
        this.#symbols.system(statusOf(cursor.text()));
      }
    }
  }

  /** The rest of an acknowledgement, whose method was read: what depth a symbol is subscribed with. */
  acknowledgement(resultAt: number): void {
    const cursor = this.#cursor;
    const endAt = cursor.at;
    let channel = '';
    let symbol = '';
    let depth = 0;
    cursor.at = resultAt;
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (cursor.is(WORD.channel)) {
        cursor.string();
        channel = cursor.text();
      } else if (cursor.is(WORD.symbol)) {
        cursor.string();
        symbol = cursor.text();
      } else if (cursor.is(WORD.depth)) {
        cursor.decimal();
        depth = cursor.digits;
      } else cursor.skip();
    }
    cursor.at = endAt;
    if (symbol === '' || depth <= 0) return;
    if (channel === 'book') this.#symbols.named(symbol).levelDepth = depth;
    else if (channel === 'level3') this.#symbols.named(symbol).orderDepth = depth;
  }

  #pair(): void {
    const cursor = this.#cursor;
    let symbol = '';
    let status = 'online';
    let priceDecimals = -1;
    let qtyDecimals = -1;
    let stepDigits = 0;
    let stepDecimals = 0;
    cursor.enterObject();
    while (cursor.nextKey()) {
      if (cursor.is(WORD.symbol)) {
        cursor.string();
        symbol = cursor.text();
      } else if (cursor.is(WORD.status)) {
        cursor.string();
        status = cursor.text();
      } else if (cursor.is(WORD.pricePrecision)) {
        cursor.decimal();
        priceDecimals = cursor.digits;
      } else if (cursor.is(WORD.qtyPrecision)) {
        cursor.decimal();
        qtyDecimals = cursor.digits;
      } else if (cursor.is(WORD.priceIncrement)) {
        cursor.decimal();
        stepDigits = cursor.digits;
        stepDecimals = cursor.decimals;
      } else cursor.skip();
    }
    if (symbol === '' || priceDecimals < 0 || qtyDecimals < 0) {
      throw new FrameError('Kraken instrument', `the pair ${symbol} lacks its symbol or its precisions`);
    }
    this.#symbols.note(symbol, digitsOf(priceDecimals, qtyDecimals, stepDigits, stepDecimals), statusOf(status));
  }
}

/** Form of a pair: where the price step is finer than the stated precision, the step says how many decimals there are. */
function digitsOf(priceDecimals: number, qtyDecimals: number, stepDigits: number, stepDecimals: number): PairDigits {
  let step = stepDigits;
  let decimals = stepDecimals;
  while (step > 0 && step % 10 === 0) {
    step /= 10;
    decimals--;
  }
  const finest = step > 0 ? Math.max(priceDecimals, decimals) : priceDecimals;
  const tickUnits = step > 0 ? step * 10 ** (finest - decimals) : 1;
  return { priceDecimals: finest, qtyDecimals, tickUnits, defined: true };
}

function statusOf(word: string): VenueStatus {
  if (TRADING.has(word)) return 'trading';
  return word === 'post_only' ? 'pre-open' : 'halt';
}
