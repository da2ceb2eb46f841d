import { expect, test } from 'vitest';
import { VenueBook, type VenueLevel } from './kraken-venue-book.ts';

const PAIR = { symbol: 'BTC/USD', priceDecimals: 1, qtyDecimals: 8, start: 630_000 } as const;

const ticksOver = (levels: readonly VenueLevel[], from: number, to: number): number =>
  Math.abs(levels[to]!.price - levels[from]!.price) / (to - from);

test('the stand-in’s market has a narrow inside and levels that thin out, and is the same for the same seed', () => {
  const book = new VenueBook(PAIR, 5);
  const twin = new VenueBook(PAIR, 5);
  let near = 0;
  let far = 0;
  const STEPS = 20_000;
  for (let step = 0; step < STEPS; step++) {
    book.step(() => undefined);
    twin.step(() => undefined);
    const spread = book.asks[0]!.price - book.bids[0]!.price;
    expect(spread >= 1 && spread <= 10).toBe(true);
    for (const levels of [book.bids, book.asks]) {
      near += ticksOver(levels, 0, 8);
      far += ticksOver(levels, 60, 150);
    }
  }
  expect(far / near).toBeGreaterThan(2);
  expect(near / STEPS / 2).toBeLessThan(15);
  expect(twin.rows('bids', 100)).toEqual(book.rows('bids', 100));
});
