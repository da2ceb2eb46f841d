import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatMoney, toMajor, toMinor } from '../../shared/money.ts';

test('rounds half away from zero, the same for gains and losses, and knows that the yen has no minor unit', () => {
  expect([toMinor(1.005, 'JPY'), toMinor(0.5, 'JPY'), toMinor(-0.5, 'JPY'), toMinor(-0.004, 'USD')]).toEqual([
    1, 1, -1, 0,
  ]);
  expect(Object.is(toMinor(-0.001, 'USD'), 0)).toBe(true);
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), (minor) => {
      expect(toMinor(toMajor(minor, 'USD'), 'USD')).toBe(minor);
      expect(toMinor(-toMajor(minor, 'EUR'), 'EUR') + minor).toBe(0);
    }),
  );
});

test('is shown with the decimals of its currency', () => {
  expect(formatMoney({ minor: -123_456_789, currency: 'USD' })).toBe('-1,234,567.89');
  expect(formatMoney({ minor: 50_000, currency: 'JPY' })).toBe('50,000');
});

test('agrees with the formatter of the platform at hand', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }),
      fc.constantFrom('USD', 'JPY'),
      (minor, currency) => {
        const digits = currency === 'JPY' ? 0 : 2;
        const expected = new Intl.NumberFormat('en-US', {
          minimumFractionDigits: digits,
          maximumFractionDigits: digits,
        });
        expect(formatMoney({ minor, currency })).toBe(expected.format(toMajor(minor, currency)));
      },
    ),
  );
});
