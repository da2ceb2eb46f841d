import type { DealRow } from '../../shared/trading.ts';

/** The button says what flattening a market would do: which way and how many lots. */
export function flattenWords(label: string, deals: readonly Pick<DealRow, 'side' | 'lots'>[], entries: number): string {
  const bought = deals.filter((deal) => deal.side === 'buy').reduce((sum, deal) => sum + deal.lots, 0);
  const sold = deals.filter((deal) => deal.side === 'sell').reduce((sum, deal) => sum + deal.lots, 0);
  const parts: string[] = [];
  if (entries > 0) parts.push(`cancels ${entries}`);
  if (bought > 0) parts.push(`sells ${bought}`);
  if (sold > 0) parts.push(`buys ${sold}`);
  if (parts.length === 0) return `${label} is flat`;
  return `Flatten ${label} · ${parts.join(', ')}${bought + sold > 0 ? ' at market' : ''}`;
}
