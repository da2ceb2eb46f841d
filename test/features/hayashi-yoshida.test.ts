import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { laggedCorrelation, laggedCovariance, realisedVariance } from '../../main/features/hayashi-yoshida.ts';
import { plainCovariance, series } from './mid-series.ts';

const points = fc
  .array(fc.record({ afterUs: fc.integer({ min: 1, max: 40 }), price: fc.double({ min: 0.5, max: 2, noNaN: true }) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((steps) => {
    let us = 0;
    return series(
      steps.map(({ afterUs, price }) => {
        us += afterUs;
        return [us, price] as const;
      }),
    );
  });

describe('Hayashi-Yoshida', () => {
  const x = series([
    [0, 100],
    [2, 101],
    [5, 100.5],
    [9, 102],
  ]);
  const y = series([
    [1, 50],
    [4, 50.4],
    [6, 50.2],
    [10, 51],
  ]);

  test.each([
    [-4, 5.914214e-5],
    [-2, 2.538333e-4],
    [-1, 1.357842e-4],
    [0, 2.348029e-4],
    [1, 2.937098e-4],
    [2, 2.547895e-4],
    [4, 1.162068e-4],
  ])('a worked example at lag %d', (lag, covariance) => {
    expect(laggedCovariance(x, y, lag)).toBeCloseTo(covariance, 9);
  });

  test('the correlation of the worked example', () => {
    expect(laggedCorrelation(x, y, 0)).toBeCloseTo(0.698548566, 9);
  });

  test('is the sum over all pairs of intersecting intervals, at any lag', () => {
    fc.assert(
      fc.property(points, points, fc.integer({ min: -300, max: 300 }), (a, b, lag) => {
        expect(laggedCovariance(a, b, lag)).toBeCloseTo(plainCovariance(a, b, lag), 10);
      }),
      { numRuns: 500 },
    );
  });

  test('parts of the first series add up to the whole', () => {
    fc.assert(
      fc.property(points, points, fc.integer({ min: -99, max: 99 }), fc.nat(), (a, b, lag, at) => {
        const cut = 1 + (at % a.timesUs.length);
        const parts = laggedCovariance(a, b, lag, 1, cut) + laggedCovariance(a, b, lag, cut);
        expect(parts).toBeCloseTo(laggedCovariance(a, b, lag), 10);
      }),
    );
  });

  test('is symmetric: what follows by a lag is followed by minus the lag', () => {
    fc.assert(
      fc.property(points, points, fc.integer({ min: -99, max: 99 }), (a, b, lag) => {
        expect(laggedCovariance(a, b, lag)).toBeCloseTo(laggedCovariance(b, a, -lag), 10);
      }),
    );
  });

  test('of a series with itself is its variance', () => {
    fc.assert(
      fc.property(points, (a) => {
        expect(laggedCovariance(a, a, 0)).toBeCloseTo(realisedVariance(a), 10);
      }),
    );
  });
});
