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

/** `1234.50` style text with the currency's own number of decimals and thousands separated by thin commas. */
export function formatMoney(money: Money): string {
  const digits = MINOR_DIGITS[money.currency];
  return toMajor(money.minor, money.currency).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
