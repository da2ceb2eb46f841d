import type { DealRow, Side } from '../../shared/trading.ts';
import type { AccountBook } from './account-book.ts';

/** Open deals of a market that an order of this side would close, oldest first; those already being closed are left out. */
export function dealsAgainst(book: AccountBook, market: number, side: Side): readonly DealRow[] {
  return book.openDeals(market).filter((deal) => deal.side !== side && deal.state === 'open');
}

/** The oldest of the deals until the lots are covered. Deals are closed whole, so it may come to more lots than asked. */
export function coveringDeals(deals: readonly DealRow[], lots: number): readonly DealRow[] {
  let left = lots;
  return deals.filter((deal) => {
    const wanted = left > 0;
    left -= deal.lots;
    return wanted;
  });
}

/** Lots of deals together. */
export function lotsOf(deals: readonly DealRow[]): number {
  return deals.reduce((lots, deal) => lots + deal.lots, 0);
}
