import { formatDecimal } from './units.ts';

/** Money is an integer count of minor units (cents, pence, yen) with its currency; it is never a float. */
export interface Money {
  readonly minor: number;
  readonly currency: Currency;
}

export type Currency = 'USD' | 'EUR' | 'GBP' | 'JPY';

/** Digits of the minor unit after ISO 4217: the yen has none. */
export const MINOR_DIGITS: Readonly<Record<Currency, number>> = { USD: 2, EUR: 2, GBP: 2, JPY: 0 };

/** Rounds an amount in major units half away from zero to minor units of the currency. */
export function toMinor(major: number, currency: Currency): number {
  const scaled = Math.abs(major) * 10 ** MINOR_DIGITS[currency];
  const rounded = Math.floor(scaled + 0.5);
  return major < 0 && rounded !== 0 ? -rounded : rounded;
}

/** Amount in major units, for display and ratios only. */
export function toMajor(minor: number, currency: Currency): number {
  return minor / 10 ** MINOR_DIGITS[currency];
}

/**
 * `1,234.50` with the decimals of the currency. Made of the integer's own digits: a locale's formatter differs between
 * versions of its data, and these words are part of what the engine puts out.
 */
export function formatMoney(money: Money): string {
  const digits = MINOR_DIGITS[money.currency];
  const [whole = '', fraction] = formatDecimal(money.minor, digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
