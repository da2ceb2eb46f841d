import { compact, lotsText } from './quantity-text.ts';

/** Writes sizes of one market, given in lots. */
export type LotText = (lots: number) => string;

/** Texts of small whole numbers of 10^-decimals, by decimals: filled as they come up, so that drawing allocates nothing. */
const TEXTS: string[][] = [];
const HELD = 10_000;

/**
 * How sizes of a market are written. Contracts are whole lots. Coins have fractions of many digits, of which as many are
 * written as tell sizes apart: with 4 digits 0.0004, 0.1234, 1.234, 12.34, 123.4, 1234, 12.3k.
 * @param lotDecimals digits after the point that a size of the venue has
 */
export function lotText(lotDecimals: number, digits = 4): LotText {
  if (lotDecimals === 0) return lotsText;
  const unit = 10 ** lotDecimals;
  return (lots) => {
    if (!Number.isFinite(lots)) return '—';
    const size = lots / unit;
    const decimals = Math.min(lotDecimals, decimalsFor(size, digits));
    const whole = Math.round(size * 10 ** decimals);
    if (whole === 0 && size > 0) return leastText(decimals);
    return whole < HELD ? heldText(whole, decimals) : compact(Math.round(size));
  };
}

/** A size with its sign, so that it is as wide as its opposite. */
export function signedLotText(text: LotText): (lots: number) => string {
  return (lots) => (lots === 0 ? `\u2007${text(0)}` : `${lots < 0 ? '\u2212' : '+'}${text(Math.abs(lots))}`);
}

/** What sizes of a market are counted in. */
export function lotUnit(lotDecimals: number): 'lots' | 'size' {
  return lotDecimals === 0 ? 'lots' : 'size';
}

function decimalsFor(size: number, digits: number): number {
  let decimals = digits;
  for (let power = 1; decimals > 0 && size >= power; power *= 10) decimals--;
  return decimals;
}

function heldText(whole: number, decimals: number): string {
  const texts = TEXTS[decimals] ?? [];
  TEXTS[decimals] = texts;
  const text = texts[whole] ?? (whole / 10 ** decimals).toFixed(decimals);
  texts[whole] = text;
  return text;
}

const LEAST = Array.from({ length: 10 }, (_, decimals) => `<${(10 ** -decimals).toFixed(decimals).replace('0.', '.')}`);

/** What is written of a size that rounds to nothing. */
function leastText(decimals: number): string {
  return LEAST[decimals] ?? '<';
}
