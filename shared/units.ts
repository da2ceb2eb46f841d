/**
 * Units of the house. Prices travel as integer ticks of their instrument, or, where the tick is not known yet, as
 * integers in 1e-9 ("nano") price units; sizes as integer lots; times as integer microseconds since the epoch.
 * All are plain numbers and exact below 2^53.
 */

/** Nano units in one price unit. */
export const NANO = 1_000_000_000;

/** Microseconds in a millisecond, second, minute, hour, day. */
export const MS_US = 1_000;
export const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
export const HOUR_US = 60 * MINUTE_US;
export const DAY_US = 24 * HOUR_US;

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;

/** A text that is no plain decimal number, or one with more digits than the unit can hold. */
export class DecimalError extends Error {
  override readonly name = 'DecimalError';
}

/**
 * Parses a decimal string straight to an integer count of 10^-scale units, without passing through a float.
 * @param scale digits after the point that the unit holds (9 for nano)
 * @throws DecimalError when the text is not a decimal, has non-zero digits beyond the scale, or is unsafe (> 2^53)
 */
export function parseDecimal(text: string, scale: number): number {
  const match = DECIMAL.exec(text);
  if (!match) throw new DecimalError(`"${text}" is not a decimal number; expected digits with an optional point`);
  const fraction = match[3] ?? '';
  const kept = fraction.slice(0, scale).padEnd(scale, '0');
  if (/[1-9]/.test(fraction.slice(scale))) {
    throw new DecimalError(`"${text}" has more than ${scale} decimals and would be rounded; refused`);
  }
  const units = Number(`${match[2]}${kept}`);
  if (!Number.isSafeInteger(units)) {
    throw new DecimalError(`"${text}" is too large to be held exactly with ${scale} decimals; refused`);
  }
  return match[1] === '-' && units !== 0 ? -units : units;
}

/** Formats an integer count of 10^-scale units as a decimal string with exactly `decimals` (≤ scale) digits, truncating none. */
export function formatDecimal(units: number, scale: number, decimals: number = scale): string {
  const negative = units < 0;
  const digits = Math.abs(units)
    .toFixed(0)
    .padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).slice(0, decimals);
  return `${negative ? '-' : ''}${whole}${decimals > 0 ? `.${fraction}` : ''}`;
}

/** Digits after the point that a tick needs: 0.00005 → 5, 0.25 → 2, 0.0000005 → 7. */
export function decimalsOfTick(tickNano: number): number {
  let decimals = 9;
  let rest = tickNano;
  while (decimals > 0 && rest % 10 === 0) {
    rest /= 10;
    decimals--;
  }
  return decimals;
}
