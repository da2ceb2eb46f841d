const ZERO = 0x30;
const POINT = 0x2e;
const EIGHT_DIGITS = 100_000_000;

/** Writes a positive integer up to 2^53 in decimal digits at a place. @returns the place behind it */
export function writeDigits(value: number, into: Uint8Array, at: number): number {
  if (value < EIGHT_DIGITS) return writeHead(value | 0, into, at);
  const high = Math.floor(value / EIGHT_DIGITS);
  const low = (value - high * EIGHT_DIGITS) | 0;
  const start = writeHead(high | 0, into, at);
  for (let place = start + 7, rest = low; place >= start; place--) {
    const next = (rest / 10) | 0;
    into[place] = ZERO + rest - next * 10;
    rest = next;
  }
  return start + 8;
}

/** An integer below 10^9 without leading zeros. */
function writeHead(value: number, into: Uint8Array, at: number): number {
  let end = at + 1;
  for (let bound = 10; value >= bound && end < at + 9; bound *= 10) end++;
  for (let place = end - 1, rest = value; place >= at; place--) {
    const next = (rest / 10) | 0;
    into[place] = ZERO + rest - next * 10;
    rest = next;
  }
  return end;
}

/** Writes the digits of a decimal text without its point and leading zeros. @returns the place behind them */
export function writeTextDigits(text: string, into: Uint8Array, at: number): number {
  let end = at;
  for (let i = 0; i < text.length; i++) {
    const byte = text.charCodeAt(i);
    if (byte === POINT || (byte === ZERO && end === at)) continue;
    into[end++] = byte;
  }
  return end;
}

/** Decimal text of an integer count of 10^-decimals units: (1500, 3) is `1.500`. */
export function decimalText(units: number, decimals: number): string {
  const digits = units.toFixed(0).padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  return decimals === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
}
