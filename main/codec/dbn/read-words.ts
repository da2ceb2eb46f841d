import { UNDEF_PRICE_HI, UNDEF_PRICE_LO } from './layout.ts';

/**
 * Reading 64-bit fields from the two 32-bit words that hold them, low word first. `index` is the word index of the
 * field: the record's `at` plus an offset of layout.ts.
 */

const TWO_32 = 4294967296;

/** A price in units of 1e-9: exact while it is below 2^53 (9,007,199 and some), NaN for UNDEF_PRICE. */
export function priceNano(words: Int32Array, index: number): number {
  const lo = words[index]!;
  const hi = words[index + 1]!;
  return hi === UNDEF_PRICE_HI && lo === UNDEF_PRICE_LO ? Number.NaN : hi * TWO_32 + (lo >>> 0);
}

/**
 * A time in integer microseconds since the epoch, floor of nanoseconds / 1000: exact until the year 2255; NaN for
 * UNDEF_TIMESTAMP. 2^32 = 4,294,967 × 1000 + 296, so that neither part leaves the range of exact integers.
 */
export function tsUs(words: Int32Array, index: number): number {
  const lo = words[index]! >>> 0;
  const hi = words[index + 1]! >>> 0;
  if (hi === 0xffffffff && lo === 0xffffffff) return Number.NaN;
  return hi * 4294967 + Math.floor((hi * 296 + lo) / 1000);
}

/** The 0..999 nanoseconds that `tsUs` leaves out. */
export function tsNsRemainder(words: Int32Array, index: number): number {
  return ((words[index + 1]! >>> 0) * 296 + (words[index]! >>> 0)) % 1000;
}

/** A time in nanoseconds since the epoch, UNDEF_TIMESTAMP included. Allocates: not for hot code. */
export function tsNs(words: Int32Array, index: number): bigint {
  return u64(words, index);
}

/** An unsigned 64-bit field. Allocates: not for hot code. */
export function u64(words: Int32Array, index: number): bigint {
  return (BigInt(words[index + 1]! >>> 0) << 32n) | BigInt(words[index]! >>> 0);
}

/** A signed 64-bit field. Allocates: not for hot code. */
export function i64(words: Int32Array, index: number): bigint {
  return (BigInt(words[index + 1]!) << 32n) | BigInt(words[index]! >>> 0);
}

/** An unsigned 64-bit field as a plain number: exact below 2^53, else the nearest double. */
export function u64Number(words: Int32Array, index: number): number {
  return (words[index + 1]! >>> 0) * TWO_32 + (words[index]! >>> 0);
}
