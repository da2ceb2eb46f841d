import type { DealRow } from '../../shared/trading.ts';

/** The button says what flattening would do: which way and how many lots. */
export function flattenWords(deals: readonly Pick<DealRow, 'side' | 'lots'>[], entries: number): string {
  const bought = deals.filter((deal) => deal.side === 'buy').reduce((sum, deal) => sum + deal.lots, 0);
  const sold = deals.filter((deal) => deal.side === 'sell').reduce((sum, deal) => sum + deal.lots, 0);
  const parts: string[] = [];
  if (entries > 0) parts.push(`cancels ${entries} ${entries === 1 ? 'entry' : 'entries'}`);
  if (bought > 0) parts.push(`sells ${bought} at market`);
  if (sold > 0) parts.push(`buys ${sold} at market`);
  return parts.length === 0 ? 'Flatten · nothing open' : `Flatten · ${parts.join(', ')}`;
}
