import { decimalsOfTick, formatDecimal } from '../../shared/units.ts';

/** How prices of one market are written: decimals and where its pip digits stand. */
export interface PriceStyle {
  readonly tickNano: number;
  readonly pipNano: number;
  /** Whether prices are told in pips; where not, no digits of theirs are emphasised. */
  readonly hasPips: boolean;
}

/** A price cut where its emphasis changes: 1.08·42·5. `tail` is empty when the tick is a whole pip, `pips` where none are told. */
export interface PriceParts {
  readonly head: string;
  readonly pips: string;
  readonly tail: string;
}

const NANO_DIGITS = 9;

/** A price in ticks as text with the decimals of its tick; an em dash when absent. */
export function priceText(ticks: number, style: PriceStyle): string {
  if (!Number.isFinite(ticks)) return '—';
  return formatDecimal(ticks * style.tickNano, NANO_DIGITS, decimalsOfTick(style.tickNano));
}

/**
 * Cuts a price into head, the two pip digits and tail. The pip digits end at the pip's decimal place; where the tick is
 * coarser than a pip (indices), the last two digits are emphasised.
 */
export function priceParts(ticks: number, style: PriceStyle): PriceParts {
  const text = priceText(ticks, style);
  if (text === '—') return { head: '', pips: text, tail: '' };
  if (!style.hasPips) return { head: text, pips: '', tail: '' };
  const beyond = Math.max(0, decimalsOfTick(style.tickNano) - decimalsOfTick(style.pipNano));
  const end = text.length - beyond;
  let start = end;
  for (let digits = 0; digits < 2 && start > 0; start--) if (text[start - 1] !== '.') digits++;
  return { head: text.slice(0, start), pips: text.slice(start, end), tail: text.slice(end) };
}

/** Ticks as pips with one decimal and a sign, for distances: "+2.4". */
export function pipsText(ticks: number, style: PriceStyle): string {
  return signedText((ticks * style.tickNano) / style.pipNano, 1);
}

/** A spread in pips with one decimal, without a sign; an em dash while a side is missing. */
export function spreadText(ticks: number, style: PriceStyle): string {
  return Number.isFinite(ticks) ? ((ticks * style.tickNano) / style.pipNano).toFixed(1) : '—';
}

/** A number with a sign that is a minus, not a hyphen, so that it is as wide as the plus; an em dash when absent. */
export function signedText(value: number | null, decimals: number): string {
  if (value === null || !Number.isFinite(value)) return '—';
  const text = Math.abs(value).toFixed(decimals);
  if (Number(text) === 0) return `\u2007${text}`;
  return `${value < 0 ? '\u2212' : '+'}${text}`;
}
