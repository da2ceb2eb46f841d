const ZERO = 0x30;
const DAY_SECONDS = 86_400;

/**
 * Time of an RFC 3339 text (`2023-10-06T17:35:55.440295Z`, any number of decimals, or an offset such as `+02:00`) in integer
 * microseconds since the epoch; finer digits are cut off. NaN when the text is none. Reads bytes and makes nothing.
 */
export function rfc3339Us(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 20) return Number.NaN;
  const year = two(bytes, start) * 100 + two(bytes, start + 2);
  const month = two(bytes, start + 5);
  const day = two(bytes, start + 8);
  const second = (two(bytes, start + 11) * 60 + two(bytes, start + 14)) * 60 + two(bytes, start + 17);
  if (!punctuated(bytes, start) || month < 1 || month > 12 || day < 1 || day > 31) return Number.NaN;
  let at = start + 19;
  let micro = 0;
  if (bytes[at] === 0x2e) {
    at++;
    let unit = 100_000;
    for (let digit = bytes[at]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at]! - ZERO) {
      micro += digit * unit;
      unit = unit > 1 ? unit / 10 : 0;
    }
  }
  const offset = offsetSeconds(bytes, at, end);
  return (daysOf(year, month, day) * DAY_SECONDS + second - offset) * 1_000_000 + micro;
}

/** The marks between the numbers are where they belong; RFC 3339 allows `t` and a space for `T`. */
function punctuated(bytes: Uint8Array, start: number): boolean {
  const mark = bytes[start + 10]!;
  return (
    bytes[start + 4] === 0x2d &&
    bytes[start + 7] === 0x2d &&
    (mark === 0x54 || mark === 0x74 || mark === 0x20) &&
    bytes[start + 13] === 0x3a &&
    bytes[start + 16] === 0x3a
  );
}

/** Seconds east of Greenwich; NaN when no zone ends the text. */
function offsetSeconds(bytes: Uint8Array, at: number, end: number): number {
  const mark = bytes[at]!;
  if ((mark === 0x5a || mark === 0x7a) && end === at + 1) return 0;
  if ((mark !== 0x2b && mark !== 0x2d) || end !== at + 6 || bytes[at + 3] !== 0x3a) return Number.NaN;
  const seconds = (two(bytes, at + 1) * 60 + two(bytes, at + 4)) * 60;
  return mark === 0x2b ? seconds : -seconds;
}

/** A number of two digits; NaN when they are none. */
function two(bytes: Uint8Array, at: number): number {
  const high = bytes[at]! - ZERO;
  const low = bytes[at + 1]! - ZERO;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : Number.NaN;
}

/** Days since 1970-01-01 in the Gregorian calendar, counting years from March so that the leap day comes last. */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const fromMarch = month <= 2 ? month + 9 : month - 3;
  const leap = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return y * 365 + leap + Math.floor((153 * fromMarch + 2) / 5) + day - 1 - 719_468;
}
