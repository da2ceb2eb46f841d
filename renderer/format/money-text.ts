import { type Currency, formatMoney } from '../../shared/money.ts';

const KEPT = 4_096;
const texts = new Map<string, string>();

/** Unsigned amount; formatting by locale is slow, and results are written with every frame. */
function amountText(minor: number, currency: Currency): string {
  const key = `${currency}${minor}`;
  let text = texts.get(key);
  if (text === undefined) {
    if (texts.size >= KEPT) texts.clear();
    text = formatMoney({ minor, currency });
    texts.set(key, text);
  }
  return text;
}

/** A result in money with its sign, so that colour is never the only sign: "+125.00", "−30.50". */
export function resultText(minor: number, currency: Currency): string {
  if (!Number.isFinite(minor)) return '—';
  const rounded = Math.round(minor);
  const text = amountText(Math.abs(rounded), currency);
  if (rounded === 0) return text;
  return `${rounded < 0 ? '\u2212' : '+'}${text}`;
}

/** Class of a result: profit is drawn as long, loss as short, nothing as quiet. */
export function resultClass(value: number): 'profit' | 'loss' | 'flat' {
  if (!Number.isFinite(value) || Math.round(value) === 0) return 'flat';
  return value > 0 ? 'profit' : 'loss';
}
