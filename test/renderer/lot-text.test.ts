import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lotText, lotUnit, signedLotText } from '../../renderer/format/lot-text.ts';

describe('sizes', () => {
  test('of contracts are whole lots, as before', () => {
    const text = lotText(0);
    expect([0, 7, 999, 12_345, Number.NaN].map(text)).toEqual(['0', '7', '999', '12.3k', '—']);
    expect(lotUnit(0)).toBe('lots');
    expect(lotUnit(8)).toBe('size');
  });

  test('of coins have as many digits as tell them apart', () => {
    const text = lotText(8, 4);
    const coins = [0, 0.00000001, 0.0004, 0.12341, 1.23412, 12.3412, 123.456, 1234.5, 23_456, 1_234_567];
    expect(coins.map((size) => text(Math.round(size * 1e8)))).toEqual([
      '0.0000',
      '<.0001',
      '0.0004',
      '0.1234',
      '1.234',
      '12.34',
      '123.5',
      '1235',
      '23.5k',
      '1.23M',
    ]);
    expect(lotText(8, 2)(123_000_000)).toBe('1.2');
    expect(lotText(8, 2)(400)).toBe('<.01');
  });

  test('never show more digits than the venue has', () => {
    expect(lotText(1, 4)(3)).toBe('0.3');
    expect(lotText(2, 4)(1_234)).toBe('12.34');
  });

  test('are within half a unit of the last digit, and the same text each time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 1, max: 9 }), (lots, lotDecimals) => {
        const text = lotText(lotDecimals, 4)(lots);
        expect(lotText(lotDecimals, 4)(lots)).toBe(text);
        if (!/^\d+(\.\d+)?$/.test(text)) return;
        const decimals = text.split('.')[1]?.length ?? 0;
        expect(Math.abs(Number(text) - lots / 10 ** lotDecimals)).toBeLessThanOrEqual(0.5 * 10 ** -decimals + 1e-9);
        expect(text.replace('.', '').replace(/^0/, '').length).toBeLessThanOrEqual(5);
      }),
    );
  });

  test('with a sign are as wide as their opposite', () => {
    const text = signedLotText(lotText(8, 3));
    expect([text(25_000_000), text(-25_000_000), text(0)]).toEqual(['+0.250', '−0.250', '\u20070.000']);
  });
});
