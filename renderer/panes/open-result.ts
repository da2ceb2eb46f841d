import type { MarketRow } from '../../shared/contract/topics.ts';
import { type Currency, MINOR_DIGITS } from '../../shared/money.ts';
import type { DealRow } from '../../shared/trading.ts';
import { NANO } from '../../shared/units.ts';

/** Best bid and ask of a market in ticks, as the replica has them; NaN while a side is missing. */
export interface Quote {
  readonly bid: number;
  readonly ask: number;
}

/** Ticks that an open deal has gained at the price at which it could be closed now; negative for a loss. */
export function openTicks(deal: Pick<DealRow, 'side' | 'openTicks'>, quote: Quote): number {
  return deal.side === 'buy' ? quote.bid - deal.openTicks : deal.openTicks - quote.ask;
}

/**
 * Result of an open deal in minor units of the account currency. NaN while a price or the rate that it needs is missing.
 * @param quoteOf quote of a market by its root, for the conversion of the quote currency
 */
export function openMinor(
  deal: Pick<DealRow, 'side' | 'openTicks' | 'lots'>,
  market: Pick<MarketRow, 'tickNano' | 'multiplier' | 'quoteCurrency'>,
  quote: Quote,
  account: Currency,
  quoteOf: (root: string) => { readonly mid: number } | undefined,
): number {
  const gained = (openTicks(deal, quote) * market.tickNano) / NANO;
  const inQuote = gained * market.multiplier * deal.lots;
  return inQuote * rate(market.quoteCurrency, account, quoteOf) * 10 ** MINOR_DIGITS[account];
}

function rate(from: string, to: string, quoteOf: (root: string) => { readonly mid: number } | undefined): number {
  if (from === to) return 1;
  const direct = quoteOf(`${from}${to}`);
  if (direct) return direct.mid;
  const inverse = quoteOf(`${to}${from}`);
  return inverse ? 1 / inverse.mid : Number.NaN;
}
