/** Text that is not JSON, or not the JSON that was expected at this place. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError';

  constructor(expected: string, at: number) {
    super(`JSON: expected ${expected} at byte ${at}`);
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const ZERO = 0x30;
const NINE = 0x39;
const SPACE = 0x20;
/** Digits that a double holds whatever they are. */
const MOST_DIGITS = 15;
/** Digits that a 32-bit integer holds whatever they are. */
const WHOLE_DIGITS = 9;
const POWERS: readonly number[] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
const NUMBER = /^(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const NUMBER_BYTES: readonly number[] = [...new TextEncoder().encode('0123456789.+-eE')];

/**
 * Reads JSON where it lies, forwards, without making an object, a string or a number on the heap: what a market-data frame
 * is read with. Decimal numbers (bare, or in quotes as most venues send them) come as an integer of all their digits and a count of
 * decimals, so that no price passes through a binary fraction. What is not asked for is skipped unread.
 *
 * Usage: `open(bytes)`, then `enterObject()` and `nextKey()` until it is false, or `enterList()` and `nextItem()`; each
 * value is taken by one of `decimal`, `string`, `skip`, `enter…`.
 */
export class JsonCursor {
  bytes: Uint8Array = new Uint8Array(0);
  /** Next byte to be read. */
  at = 0;
  /** Where the last key, string or number lies, without its quotes. */
  textStart = 0;
  textEnd = 0;
  /** All digits of the last decimal as one integer, with its sign; exact up to 2^53. */
  digits = 0;
  /** Digits after its point; negative after a positive exponent. */
  decimals = 0;
  /** The last string holds a backslash: its bytes are not its text. */
  escaped = false;
  /** The last fixed decimal in units of its scale. */
  units = 0;
  /** The last fixed decimal has digits that its scale can't hold; `units` is without them. */
  finer = false;
  /** The last fixed decimal is written with leading zeros, an exponent or a bare point: its units do not give its text back. */
  unusual = false;

  /** Stands before the first value. */
  open(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.at = 0;
    this.#space();
  }

  /** Byte that the next value begins with: `{`, `[`, `"`, a digit … */
  get peek(): number {
    return this.bytes[this.at] ?? 0;
  }

  enterObject(): void {
    if (this.bytes[this.at] !== OPEN_OBJECT) throw new JsonTextError('an object', this.at);
    this.at++;
    this.#space();
  }

  enterList(): void {
    if (this.bytes[this.at] !== OPEN_LIST) throw new JsonTextError('a list', this.at);
    this.at++;
    this.#space();
  }

  /** Moves to the next key's value, or behind the object: then false. The key is the last text. */
  nextKey(): boolean {
    const { bytes } = this;
    if (bytes[this.at] === COMMA) {
      this.at++;
      this.#space();
    }
    if (bytes[this.at] === CLOSE_OBJECT) {
      this.at++;
      this.#space();
      return false;
    }
    this.#quoted();
    if (bytes[this.at] !== COLON) throw new JsonTextError('a colon', this.at);
    this.at++;
    this.#space();
    return true;
  }

  /** Moves to the next value of a list, or behind the list: then false. */
  nextItem(): boolean {
    const { bytes } = this;
    if (bytes[this.at] === COMMA) {
      this.at++;
      this.#space();
    }
    if (bytes[this.at] === CLOSE_LIST) {
      this.at++;
      this.#space();
      return false;
    }
    if (this.at >= bytes.length) throw new JsonTextError('a value or the end of the list', this.at);
    return true;
  }

  /** Takes a string; its bytes lie between `textStart` and `textEnd`. */
  string(): void {
    this.#quoted();
  }

  /** Takes a decimal number, bare or in quotes. @throws JsonTextError when it is none, or has more than 15 significant digits that matter */
  decimal(): void {
    const { bytes } = this;
    let at = this.at;
    const quoted = bytes[at] === QUOTE;
    if (quoted) at++;
    this.textStart = at;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    const first = at;
    let digits = 0;
    let byte = bytes[at]!;
    while (byte >= ZERO && byte <= NINE) {
      digits = digits * 10 + (byte - ZERO);
      byte = bytes[++at]!;
    }
    if (at === first) throw new JsonTextError('a decimal number', at);
    let decimals = 0;
    if (byte === POINT) {
      const point = at;
      byte = bytes[++at]!;
      while (byte >= ZERO && byte <= NINE) {
        digits = digits * 10 + (byte - ZERO);
        byte = bytes[++at]!;
      }
      decimals = at - point - 1;
    }
    if (at - first > MOST_DIGITS && digits > Number.MAX_SAFE_INTEGER) {
      throw new JsonTextError('a number of at most 2^53 in its own decimals', first);
    }
    this.digits = negative && digits !== 0 ? -digits : digits;
    this.decimals = decimals;
    if (byte === 0x65 || byte === 0x45) at = this.#exponent(at + 1);
    this.textEnd = at;
    if (quoted) {
      if (bytes[at] !== QUOTE) throw new JsonTextError('the end of a decimal number', at);
      at++;
    }
    this.at = at;
    if (bytes[at]! <= SPACE) this.#space();
  }

  /**
   * Takes a decimal number that is not negative, bare or in quotes, as an integer of 10^-scale units. Whole part and
   * fraction are gathered as 32-bit integers, which is several times faster than `decimal`.
   * @param scale 0…9
   * @throws JsonTextError when it is none, or greater than 2^53 units
   */
  fixed(scale: number): void {
    const { bytes } = this;
    let at = this.at;
    const quoted = bytes[at] === QUOTE;
    if (quoted) at++;
    const first = at;
    let whole = 0;
    let digit = bytes[at]! - ZERO;
    while (digit >= 0 && digit <= 9) {
      whole = (Math.imul(whole, 10) + digit) | 0;
      digit = bytes[++at]! - ZERO;
    }
    const wholeDigits = at - first;
    if (wholeDigits === 0 || wholeDigits > WHOLE_DIGITS) {
      this.#fixedSlowly(scale, first, quoted);
      return;
    }
    let fraction = 0;
    let taken = 0;
    let finer = false;
    this.decimals = 0;
    this.unusual = wholeDigits > 1 && bytes[first] === ZERO;
    if (digit === POINT - ZERO) {
      const start = ++at;
      const stop = start + scale;
      digit = bytes[at]! - ZERO;
      while (digit >= 0 && digit <= 9 && at < stop) {
        fraction = (Math.imul(fraction, 10) + digit) | 0;
        digit = bytes[++at]! - ZERO;
      }
      taken = at - start;
      while (digit >= 0 && digit <= 9) {
        if (digit !== 0) finer = true;
        digit = bytes[++at]! - ZERO;
      }
      this.decimals = at - start;
      if (at === start) this.unusual = true;
    }
    if (digit === 0x65 - ZERO || digit === 0x45 - ZERO) {
      this.#fixedSlowly(scale, first, quoted);
      return;
    }
    const units = whole * POWERS[scale]! + fraction * POWERS[scale - taken]!;
    if (units > Number.MAX_SAFE_INTEGER) throw new JsonTextError('a number of at most 2^53 units', first);
    this.units = units;
    this.finer = finer;
    this.textStart = first;
    this.textEnd = at;
    if (quoted) {
      if (digit !== QUOTE - ZERO) throw new JsonTextError('the end of a decimal number', at);
      at++;
    }
    this.at = at;
    if (bytes[at]! <= SPACE) this.#space();
  }

  /** Takes `true` or `false`. */
  boolean(): boolean {
    const yes = this.bytes[this.at] === 0x74;
    if (!yes && this.bytes[this.at] !== 0x66) throw new JsonTextError('true or false', this.at);
    this.skip();
    return yes;
  }

  /** Passes over the next value, whatever it is. */
  skip(): void {
    const { bytes } = this;
    const first = bytes[this.at];
    if (first === QUOTE) {
      this.#quoted();
      return;
    }
    let depth = 0;
    let at = this.at;
    const start = at;
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.at = at;
        this.#quoted();
        at = this.at - 1;
      } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        depth++;
      } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
        if (depth === 0) break;
        depth--;
        if (depth === 0) {
          at++;
          break;
        }
      } else if (depth === 0 && (byte === COMMA || byte <= SPACE)) {
        break;
      }
    }
    if (at === start || depth > 0) throw new JsonTextError('a whole value', at);
    this.at = at;
    this.#space();
  }

  /** Whether the last text is these ASCII bytes. */
  is(ascii: Uint8Array): boolean {
    const length = this.textEnd - this.textStart;
    if (length !== ascii.length) return false;
    for (let i = 0; i < length; i++) if (this.bytes[this.textStart + i] !== ascii[i]) return false;
    return true;
  }

  /** The last text as a string. Allocates. @throws JsonTextError when its escapes are none that JSON has */
  text(): string {
    const raw = decoder.decode(this.bytes.subarray(this.textStart, this.textEnd));
    if (!this.escaped) return raw;
    try {
      return JSON.parse(`"${raw}"`) as string;
    } catch {
      throw new JsonTextError('a string with the escapes of JSON', this.textStart);
    }
  }

  #quoted(): void {
    const { bytes } = this;
    if (bytes[this.at] !== QUOTE) throw new JsonTextError('a string', this.at);
    let at = this.at + 1;
    this.textStart = at;
    this.escaped = false;
    for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[++at]) {
      if (byte === undefined) throw new JsonTextError('the end of a string', at);
      if (byte !== BACKSLASH) continue;
      this.escaped = true;
      at++;
    }
    this.textEnd = at;
    this.at = at + 1;
    if (bytes[this.at]! <= SPACE) this.#space();
  }

  /** The same for numbers that are long or written with an exponent. */
  #fixedSlowly(scale: number, first: number, quoted: boolean): void {
    let end = first;
    while (NUMBER_BYTES.includes(this.bytes[end] ?? 0)) end++;
    const match = NUMBER.exec(decoder.decode(this.bytes.subarray(first, end)));
    if (match === null) throw new JsonTextError('a decimal number that is not negative', first);
    const [, whole = '', fraction = '', exponent = '0'] = match;
    const digits = (whole + fraction).replace(/0+$/, '');
    const shift = scale + Number(exponent) - fraction.length + (whole.length + fraction.length - digits.length);
    const kept = shift >= 0 ? digits + '0'.repeat(digits === '' ? 0 : Math.min(shift, 400)) : digits.slice(0, shift);
    const units = Number(kept);
    if (units > Number.MAX_SAFE_INTEGER) throw new JsonTextError('a number of at most 2^53 units', first);
    this.units = units;
    this.finer = shift < 0 && digits !== '';
    this.decimals = fraction.length;
    this.unusual = match[3] !== undefined || /^0\d|\.$/.test(match[0]);
    this.textStart = first;
    this.textEnd = end;
    if (quoted && this.bytes[end] !== QUOTE) throw new JsonTextError('the end of a decimal number', end);
    this.at = quoted ? end + 1 : end;
    this.#space();
  }

  #exponent(from: number): number {
    const { bytes } = this;
    let at = from;
    const negative = bytes[at] === MINUS;
    if (negative || bytes[at] === PLUS) at++;
    const first = at;
    let exponent = 0;
    for (let byte = bytes[at]!; byte >= ZERO && byte <= NINE; byte = bytes[++at]!)
      exponent = exponent * 10 + byte - ZERO;
    if (at === first) throw new JsonTextError('an exponent', at);
    this.decimals += negative ? exponent : -exponent;
    return at;
  }

  #space(): void {
    while (this.bytes[this.at]! <= SPACE) this.at++;
  }
}

const decoder = new TextDecoder();
