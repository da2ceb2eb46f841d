import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WeightedMedian } from '../../main/signals/weighted-median.ts';

const OPTIONS = { capacity: 12, halfLife: 4, least: 3 };

/** The definition, written down: sort, add weights up, stop at half. */
function naive(samples: readonly number[]): number {
  const kept = samples.slice(-OPTIONS.capacity);
  if (kept.length < OPTIONS.least) return Number.NaN;
  const ranked = kept
    .map((value, index) => ({ value, weight: 2 ** (-(kept.length - 1 - index) / OPTIONS.halfLife) }))
    .toSorted((a, b) => a.value - b.value);
  const half = ranked.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let reached = 0;
  return ranked.find(({ weight }) => {
    reached += weight;
    return reached >= half * (1 - 1e-12);
  })!.value;
}

test('is the sample at which half of the weight is reached, after every push', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 50 }), (samples) => {
      const median = new WeightedMedian(OPTIONS);
      for (const [index, sample] of samples.entries()) {
        median.push(sample);
        expect(median.value).toBe(naive(samples.slice(0, index + 1)));
      }
    }),
  );
});

test('one wild quote does not move it, where a mean would', () => {
  const median = new WeightedMedian(OPTIONS);
  for (const sample of [5, 5, 6, 5, 6, 1e9]) median.push(sample);
  expect(median.value).toBe(6);
});

test('restored = never interrupted; cleared = new', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 40 }), fc.nat(40), (samples, at) => {
      const straight = new WeightedMedian(OPTIONS);
      const resumed = new WeightedMedian(OPTIONS);
      for (const sample of samples.slice(0, at)) straight.push(sample);
      resumed.push(99);
      resumed.restore(structuredClone(straight.snapshot()));
      for (const sample of samples.slice(at)) {
        straight.push(sample);
        resumed.push(sample);
        expect(resumed.value).toBe(straight.value);
      }
      straight.clear();
      expect(straight.value).toBeNaN();
    }),
  );
});
