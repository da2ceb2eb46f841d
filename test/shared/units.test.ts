import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecimalError, decimalsOfTick, formatDecimal, NANO, parseDecimal } from '../../shared/units.ts';

describe('decimal text and integers', () => {
  test('what is formatted is parsed back, at any scale', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 9 }), (units, scale) => {
        expect(parseDecimal(formatDecimal(units, scale), scale)).toBe(units);
      }),
    );
  });

  test('agrees with exact rational arithmetic on plain texts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_000_000 }), fc.integer({ min: 0, max: 999_999_999 }), (whole, nano) => {
        const text = `${whole}.${String(nano).padStart(9, '0')}`;
        expect(BigInt(parseDecimal(text, 9))).toBe(BigInt(whole) * BigInt(NANO) + BigInt(nano));
      }),
    );
  });

  test('refuses what it would have to round, what is too large and what is no number', () => {
    expect(() => parseDecimal('1.23456', 4)).toThrow(DecimalError);
    expect(() => parseDecimal('99999999999.0', 9)).toThrow(/too large/);
    for (const text of ['', '.', '1e5', '0x10', '1,5', ' 1', 'NaN', '--1']) {
      expect(() => parseDecimal(text, 4), text).toThrow(/not a decimal/);
    }
    expect(parseDecimal('1.23450', 4)).toBe(12_345);
    expect(Object.is(parseDecimal('-0.0', 4), 0)).toBe(true);
  });

  test('a tick needs as many decimals as it has', () => {
    expect([50_000, 500, 250_000_000, 1, NANO, 10 * NANO].map(decimalsOfTick)).toEqual([5, 7, 2, 9, 0, 0]);
  });
});
