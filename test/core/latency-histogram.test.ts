import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LatencyHistogram } from '../../main/core/latency-histogram.ts';

test('percentiles lie within a tenth above the exact ones', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1_000_000_000 }), { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1),
      (samples, share) => {
        const histogram = new LatencyHistogram();
        for (const sample of samples) histogram.add(sample);
        const exact = samples.toSorted((a, b) => a - b)[Math.ceil(samples.length * share) - 1]!;
        const told = histogram.percentile(share);
        expect(told).toBeGreaterThanOrEqual(exact);
        expect(told).toBeLessThanOrEqual(exact * 2 ** (1 / 8) * (1 + 1e-12));
      },
    ),
  );
});

test('nothing measured is zero, below one counts as one', () => {
  const histogram = new LatencyHistogram();
  expect(histogram.percentile(0.99)).toBe(0);
  histogram.add(0);
  histogram.add(0.3);
  expect(histogram.total).toBe(2);
  expect(histogram.percentile(1)).toBeLessThan(1.1);
  histogram.add(2 ** 60);
  expect(histogram.percentile(1)).toBe(2 ** 40);
});

test('what was slow is told until the second turn after it, and no longer', () => {
  const histogram = new LatencyHistogram();
  histogram.add(1_000_000);
  histogram.turn();
  histogram.add(10);
  expect(histogram.total).toBe(2);
  expect(histogram.percentile(1)).toBeGreaterThanOrEqual(1_000_000);
  histogram.turn();
  expect(histogram.total).toBe(1);
  expect(histogram.percentile(1)).toBeLessThan(12);
  histogram.turn();
  expect([histogram.total, histogram.percentile(0.5)]).toEqual([0, 0]);
});
