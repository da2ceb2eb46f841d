import { formatDecimal } from '../../../shared/units.ts';
import type { JsonCursor } from '../../codec/json/json-cursor.ts';

const ZERO = 0x30;

/**
 * How a market's numbers are written, learned from what it sends, so that text need not be kept for each level: at least so
 * many decimals, and beyond them no trailing zeros. That covers both habits of venues: a fixed number of decimals
 * (`0.50000000`) and none but those that are needed (`0.5`).
 */
export class TextForm {
  #leastDecimals = Number.POSITIVE_INFINITY;
  /** A padded number was seen, which tells the decimals for good. */
  #settled = false;

  /** Whether the cursor's last fixed decimal is written in this form, so that its units give its text back. */
  fits(cursor: JsonCursor): boolean {
    const { decimals } = cursor;
    if (cursor.unusual) return false;
    if (decimals > 0 && cursor.bytes[cursor.textEnd - 1] === ZERO) {
      return decimals === this.#leastDecimals && this.#settled ? true : this.#settle(decimals);
    }
    return decimals >= this.#leastDecimals ? true : this.#lower(decimals);
  }

  /** Text of an amount of 10^-scale units. */
  text(units: number, scale: number): string {
    const all = formatDecimal(units, scale);
    if (this.#leastDecimals >= scale) {
      if (this.#leastDecimals === scale || this.#leastDecimals === Number.POSITIVE_INFINITY) return all;
      return `${scale === 0 ? `${all}.` : all}${'0'.repeat(this.#leastDecimals - scale)}`;
    }
    let end = all.length;
    const least = all.length - scale + this.#leastDecimals;
    while (end > least && all[end - 1] === '0') end--;
    return all.slice(0, all[end - 1] === '.' ? end - 1 : end);
  }

  snapshot(): TextFormSnapshot {
    return { leastDecimals: this.#leastDecimals, settled: this.#settled };
  }

  restore(snapshot: TextFormSnapshot): void {
    this.#leastDecimals = snapshot.leastDecimals;
    this.#settled = snapshot.settled;
  }

  /** A number that ends in 0 has exactly the decimals of its form, unless shorter ones have shown that there is no such form. */
  #settle(decimals: number): boolean {
    if (this.#settled || decimals > this.#leastDecimals) return false;
    this.#leastDecimals = decimals;
    this.#settled = true;
    return true;
  }

  #lower(decimals: number): boolean {
    if (this.#settled) return false;
    this.#leastDecimals = decimals;
    return true;
  }
}

export interface TextFormSnapshot {
  readonly leastDecimals: number;
  readonly settled: boolean;
}
