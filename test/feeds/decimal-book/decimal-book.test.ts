import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonCursor } from '../../../main/codec/json/json-cursor.ts';
import { DecimalBook } from '../../../main/feeds/decimal-book/decimal-book.ts';

const cursor = new JsonCursor();

function put(book: DecimalBook, side: 'bid' | 'ask', price: string, size: string): void {
  cursor.open(new TextEncoder().encode(`["${price}","${size}"]`));
  cursor.enterList();
  book.levelPrice(cursor);
  cursor.nextItem();
  book.levelSize(cursor);
  if (side === 'bid') book.putBid();
  else book.putAsk();
}

const digits = fc.nat({ max: 9_999_999 });

/** Decimal text in every form that JSON or a careless venue allows. */
const decimalText = fc.oneof(
  digits.map((n) => (n / 1e8).toFixed(8)),
  digits.map((n) => (n / 1e4).toFixed(2)),
  digits.map((n) => String(n / 1e4)),
  digits.map(String),
  fc.tuple(fc.nat({ max: 999 }), fc.integer({ min: -5, max: 3 })).map(([n, exponent]) => `${n}e${exponent}`),
  digits.map((n) => `0${n}.50`),
);

describe('a book of decimal text', () => {
  test('gives every text back as it was written, in whatever mixture of forms', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('bid' as const, 'ask' as const), decimalText, decimalText), {
          maxLength: 60,
        }),
        fc.option(fc.constantFrom('0.01', '0.25', '0.00000001', '5'), { nil: undefined }),
        (levels, increment) => {
          const book = new DecimalBook('X');
          if (increment !== undefined) book.define(increment, '0.001');
          const expected = { bid: new Map<number, [string, string]>(), ask: new Map<number, [string, string]>() };
          for (const [side, price, size] of levels) {
            put(book, side, price, size);
            if (Number(size) === 0) expected[side].delete(Number(price));
            else expected[side].set(Number(price), [price, size]);
          }
          const sorted = (side: 'bid' | 'ask', sign: number) =>
            [...expected[side]].sort(([a], [b]) => sign * (a - b)).map(([, text]) => text);
          expect(book.text(100)).toEqual({ bids: sorted('bid', -1), asks: sorted('ask', 1) });

          const restored = new DecimalBook('X');
          restored.restore(structuredClone(book.snapshot()));
          expect(restored.text(100)).toEqual(book.text(100));
          expect(restored.tickNano).toBe(book.tickNano);
        },
      ),
    );
  });

  test('keeps no text for levels that are written in the usual form', () => {
    const book = new DecimalBook('X');
    for (let i = 0; i < 200; i++) put(book, 'bid', (60_000 + i / 100).toFixed(8), (i + 1).toFixed(8));
    for (let i = 0; i < 200; i++) put(book, 'ask', (61_000 + i / 100).toFixed(8), String(i + 0.5).concat('0000000'));
    const { oddPrices, oddSizes } = book.snapshot();
    expect([oddPrices, oddSizes]).toEqual([[], []]);
    expect(book.text(1)).toEqual({
      bids: [['60001.99000000', '200.00000000']],
      asks: [['61000.00000000', '0.50000000']],
    });
  });

  test('learns the finest decimal as tick and lot, and moves the levels that it has', () => {
    const book = new DecimalBook('X');
    put(book, 'bid', '100.00', '1');
    put(book, 'ask', '100.5', '2.25');
    expect([book.tickNano, book.lotDecimals, book.defined]).toEqual([100_000_000, 2, false]);
    put(book, 'bid', '99.125', '1');
    expect(book.tickNano).toBe(1_000_000);
    expect(book.levels.bids.levels().map(({ ticks, lots }) => [ticks, lots])).toEqual([
      [100_000, 100],
      [99_125, 100],
    ]);
  });

  test('takes the defined tick, and a finer unit where older orders rest beside it', () => {
    const book = new DecimalBook('X');
    put(book, 'bid', '0.25974', '10');
    book.define('0.00010000', '1.00000000');
    expect([book.tickNano, book.defined]).toEqual([10_000, false]);
    book.clear();
    book.define('0.00010000', '1.00000000');
    expect([book.tickNano, book.defined]).toEqual([100_000, true]);
    put(book, 'bid', '0.3521', '1');
    expect(book.levels.bids.levels()[0]?.ticks).toBe(3521);
    put(book, 'bid', '0.25974', '1');
    expect(book.levels.bids.levels().map(({ ticks }) => ticks)).toEqual([35_210, 25_974]);
    expect(book.text(1).bids).toEqual([['0.3521', '1']]);
  });

  test('counts in a tick that is no power of ten while all prices lie on it', () => {
    const book = new DecimalBook('X');
    book.define('0.25', '1');
    put(book, 'ask', '100.75', '3');
    expect(book.levels.asks.levels()[0]?.ticks).toBe(403);
    put(book, 'ask', '100.80', '3');
    expect(book.levels.asks.levels().map(({ ticks }) => ticks)).toEqual([10_075, 10_080]);
    expect(book.text(2).asks.map(([price]) => price)).toEqual(['100.75', '100.80']);
  });

  test('refuses what it could not hold exactly', () => {
    const book = new DecimalBook('X');
    expect(() => put(book, 'bid', '0.00000000001', '1')).toThrow(RangeError);
    expect(() => put(book, 'bid', '99999999999999999', '1')).toThrow(/at most 2\^53/);
    expect(() => put(book, 'bid', '-1', '1')).toThrow(/not negative/);
    put(book, 'bid', '1', '900719925474099');
    expect(() => put(book, 'bid', '2', '0.001')).toThrow(/at most 2\^53/);
  });
});
