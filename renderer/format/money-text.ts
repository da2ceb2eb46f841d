import { type Currency, formatMoney } from '../../shared/money.ts';

/** A result in money with its sign, so that colour is never the only sign: "+125.00", "−30.50". */
export function resultText(minor: number, currency: Currency): string {
  if (!Number.isFinite(minor)) return '—';
  const rounded = Math.round(minor);
  const text = formatMoney({ minor: Math.abs(rounded), currency });
  if (rounded === 0) return text;
  return `${rounded < 0 ? '\u2212' : '+'}${text}`;
}

/** Class of a result: profit is drawn as long, loss as short, nothing as quiet. */
export function resultClass(value: number): 'profit' | 'loss' | 'flat' {
  if (!Number.isFinite(value) || Math.round(value) === 0) return 'flat';
  return value > 0 ? 'profit' : 'loss';
}
