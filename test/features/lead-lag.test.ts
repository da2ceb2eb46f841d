import { describe, expect, test } from 'vitest';
import { Random } from '../../main/core/clock/random.ts';
import type { MidSeries } from '../../main/features/hayashi-yoshida.ts';
import { estimateLag } from '../../main/features/lead-lag.ts';
import { plainCovariance, series } from './mid-series.ts';

/** A random walk of a few changes a second, and one that repeats it later with changes of its own in between. */
function pair(
  seed: number,
  lagUs: number,
  options: { own?: number; sign?: 1 | -1; changes?: number } = {},
): [MidSeries, MidSeries] {
  const { own = 0.3, sign = 1, changes = 600 } = options;
  const random = new Random(seed);
  const leader: [number, number][] = [];
  const follower: [number, number][] = [];
  let us = 10_000_000;
  let level = 0;
  let other = 0;
  for (let i = 0; i < changes; i++) {
    us += 1 + Math.floor(random.exponential(6) * 1e6);
    const step = random.normal() * 1e-5;
    level += step;
    leader.push([us, Math.exp(level)]);
    other += sign * step + own * random.normal() * 1e-5;
    follower.push([us + lagUs + random.nextInt(8_000) - 4_000, Math.exp(other)]);
  }
  follower.sort(([a], [b]) => a - b);
  const kept = follower.filter(([at], index) => index === 0 || at > follower[index - 1]![0]);
  return [series(leader), series(kept)];
}

describe('the lag between two markets', () => {
  test.each([-400_000, -5_000, 0, 25_000, 80_000, 150_000, 175_000, 300_000, 1_230_000])(
    'a planted lag of %d µs is found within 10 ms',
    (lagUs) => {
      for (const seed of [1, 2, 3]) {
        const estimate = estimateLag(...pair(seed, lagUs));
        expect(Math.abs(estimate.lagUs! - lagUs)).toBeLessThanOrEqual(10_000);
        expect(estimate.confidence).toBeGreaterThanOrEqual(0.95);
        expect(estimate.correlation).toBeGreaterThan(0.7);
        expect(estimate.samples).toBeGreaterThan(500);
      }
    },
  );

  test('no lag on the fine grid has a greater contrast, by the definition of the contrast', () => {
    const [x, y] = pair(4, 150_000, { changes: 300 });
    const { lagUs } = estimateLag(x, y);
    const at = (us: number) => Math.abs(plainCovariance(x, y, us));
    const most = at(lagUs!);
    for (let us = 100_000; us <= 200_000; us += 5_000) expect(at(us)).toBeLessThanOrEqual(most + 1e-15);
  });

  test('what moves the other way is found with a negative correlation', () => {
    const estimate = estimateLag(...pair(5, 150_000, { sign: -1 }));
    expect(Math.abs(estimate.lagUs! - 150_000)).toBeLessThanOrEqual(10_000);
    expect(estimate.correlation).toBeLessThan(-0.7);
  });

  test('markets that have nothing to do with each other are never measured with confidence', () => {
    for (let seed = 0; seed < 20; seed++) {
      const [x] = pair(seed, 0);
      const [, y] = pair(seed + 100, 0);
      expect(estimateLag(x, y).confidence).toBeLessThan(0.9);
    }
  });

  test('confidence falls with what the follower does by itself', () => {
    const mean = (own: number) =>
      [1, 2, 3, 4, 5].reduce((sum, seed) => sum + estimateLag(...pair(seed, 150_000, { own })).confidence, 0) / 5;
    expect(mean(0.3)).toBeGreaterThan(mean(6));
  });

  test('too few changes, or none, are no measurement', () => {
    expect(estimateLag(...pair(1, 150_000, { changes: 200 }))).toMatchObject({ lagUs: null, confidence: 0 });
    expect(estimateLag(...pair(1, 150_000, { changes: 230 })).lagUs).not.toBeNull();
    const still = series(Array.from({ length: 400 }, (_, i) => [i + 1, 1] as const));
    expect(estimateLag(still, still)).toEqual({ lagUs: null, correlation: null, confidence: 0, samples: 399 });
  });

  test('the same input gives the same estimate', () => {
    expect(estimateLag(...pair(9, 80_000))).toEqual(estimateLag(...pair(9, 80_000)));
  });
});
