import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical, exp, log, normalCdf, pow2 } from '../../main/core/numeric.ts';

const RELATIVE = 5e-16;

function relativeError(actual: number, expected: number): number {
  return expected === 0 ? Math.abs(actual) : Math.abs(actual / expected - 1);
}

describe('exp', () => {
  test('agrees with the engine over the normal range', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 709.7, noNaN: true }), (x) => {
        expect(relativeError(exp(x), Math.exp(x))).toBeLessThan(RELATIVE);
      }),
      { numRuns: 5_000 },
    );
  });

  test('never falls when x rises', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -40, max: 40, noNaN: true }),
        fc.double({ min: 1e-12, max: 1, noNaN: true }),
        (x, step) => {
          expect(exp(x + step)).toBeGreaterThanOrEqual(exp(x));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  test('edges', () => {
    expect(exp(0)).toBe(1);
    expect(exp(-0)).toBe(1);
    expect(exp(710)).toBe(Number.POSITIVE_INFINITY);
    expect(exp(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(exp(Number.NaN)).toBeNaN();
    expect(exp(-745)).toBe(Number.MIN_VALUE);
    expect(relativeError(exp(709.782712893383), Math.exp(709.782712893383))).toBeLessThan(RELATIVE);
  });
});

describe('log', () => {
  test('agrees with the engine over all positive doubles', () => {
    fc.assert(
      fc.property(fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true }), (x) => {
        expect(relativeError(log(x), Math.log(x))).toBeLessThan(RELATIVE);
      }),
      { numRuns: 5_000 },
    );
  });

  test('agrees near one, where the result is small', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 2, noNaN: true }), (x) => {
        expect(relativeError(log(x), Math.log(x))).toBeLessThan(RELATIVE);
      }),
      { numRuns: 5_000 },
    );
  });

  test('never falls when x rises', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-14, max: 1, noNaN: true }),
        (x, step) => {
          expect(log(x * (1 + step))).toBeGreaterThanOrEqual(log(x));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  test('edges', () => {
    expect(log(1)).toBe(0);
    expect(log(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(log(-1)).toBeNaN();
    expect(log(Number.NaN)).toBeNaN();
    expect(log(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(relativeError(log(Number.MIN_VALUE), Math.log(Number.MIN_VALUE))).toBeLessThan(RELATIVE);
  });

  test('undoes exp', () => {
    fc.assert(
      fc.property(fc.double({ min: -300, max: 300, noNaN: true }), (x) => {
        expect(Math.abs(log(exp(x)) - x)).toBeLessThan(3e-16 * Math.max(1, Math.abs(x)));
      }),
    );
  });
});

test('pow2 is exact for every exponent', () => {
  for (let exponent = -1080; exponent <= 1030; exponent++) expect(pow2(exponent)).toBe(2 ** exponent);
});

test('the normal distribution function keeps the accuracy of its series', () => {
  expect(Math.abs(normalCdf(1.25) - 0.894350226)).toBeLessThan(1.5e-7);
  expect(Math.abs(normalCdf(-0.4) - 0.344578258)).toBeLessThan(1.5e-7);
  fc.assert(
    fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (z) => {
      expect(Math.abs(normalCdf(z) + normalCdf(-z) - 1)).toBeLessThan(3e-7);
    }),
  );
});

test('canonical values have one bit pattern each', () => {
  const scratch = new DataView(new ArrayBuffer(8));
  const bitsOf = (x: number) => {
    scratch.setFloat64(0, x);
    return scratch.getBigUint64(0);
  };
  expect(bitsOf(canonical(-0))).toBe(0n);
  expect(bitsOf(canonical(-Number.NaN))).toBe(bitsOf(Number.NaN));
  expect(canonical(-1.5)).toBe(-1.5);
});
