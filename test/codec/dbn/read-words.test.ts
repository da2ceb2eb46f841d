import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UNDEF_PRICE, UNDEF_TIMESTAMP } from '../../../main/codec/dbn/layout.ts';
import { i64, priceNano, tsNs, tsNsRemainder, tsUs, u64, u64Number } from '../../../main/codec/dbn/read-words.ts';

function wordsOf(value: bigint): Int32Array {
  const words = new Int32Array(2);
  new BigInt64Array(words.buffer)[0] = BigInt.asIntN(64, value);
  return words;
}

const time = fc.bigInt({ min: 0n, max: 9007199254740991999n });

describe('64-bit fields from two words', () => {
  test('a time is the exact floor of nanoseconds / 1000, and its remainder', () => {
    fc.assert(
      fc.property(time, (ns) => {
        const words = wordsOf(ns);
        expect(tsUs(words, 0)).toBe(Number(ns / 1000n));
        expect(tsNsRemainder(words, 0)).toBe(Number(ns % 1000n));
        expect(tsNs(words, 0)).toBe(ns);
      }),
      { numRuns: 5000 },
    );
  });

  test('a time just below a microsecond does not round up', () => {
    for (const ns of [999n, 1715126400059699999n, 4294967295999n, 9007199254740990999n]) {
      expect(tsUs(wordsOf(ns), 0)).toBe(Number(ns / 1000n));
    }
  });

  test('an undefined time or price is NaN', () => {
    expect(tsUs(wordsOf(UNDEF_TIMESTAMP), 0)).toBeNaN();
    expect(priceNano(wordsOf(UNDEF_PRICE), 0)).toBeNaN();
    expect(tsNs(wordsOf(UNDEF_TIMESTAMP), 0)).toBe(UNDEF_TIMESTAMP);
  });

  test('a price below 2^53 is exact, negative ones too', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (nano) => {
        expect(priceNano(wordsOf(BigInt(nano)), 0)).toBe(nano);
        expect(i64(wordsOf(BigInt(nano)), 0)).toBe(BigInt(nano));
      }),
      { numRuns: 2000 },
    );
  });

  test('an unsigned number keeps its highest bit', () => {
    expect(u64(wordsOf(2n ** 63n + 5n), 0)).toBe(2n ** 63n + 5n);
    expect(u64Number(wordsOf(647784973705n), 0)).toBe(647784973705);
  });
});
