import { describe, expect, test } from 'vitest';
import type { LagEstimate } from '../../main/core/lag-port.ts';
import { LinkLag } from '../../main/signals/link-lag.ts';
import { DEFAULT_LINKS } from '../../shared/links.ts';

const link = DEFAULT_LINKS[0]!;
const GOOD: LagEstimate = { lagUs: 85_000, correlation: 0.4, confidence: 0.95, samples: 812 };
const SECOND = 1_000_000;

function told(...estimates: readonly (LagEstimate | null)[]): LinkLag {
  const lag = new LinkLag(link);
  for (const [i, estimate] of estimates.entries()) {
    lag.take({ linkId: link.id, askedUs: (i + 1) * 10 * SECOND, atUs: ((i + 1) * 10 + 2) * SECOND, estimate });
  }
  return lag;
}

describe('the lag of a link', () => {
  test('is measured while the measurement can be relied on', () => {
    const lag = told(GOOD);
    expect([lag.us, lag.guessed, lag.measuredUs]).toEqual([85_000, false, 10 * SECOND]);
    expect(lag.words).toBe('Measured from 812 changes, confidence 0.95.');
  });

  test.each<[string, LagEstimate | undefined, string]>([
    ['nothing was measured', undefined, 'First guess: nothing measured yet.'],
    ['its confidence is below 0.9', { ...GOOD, confidence: 0.895 }, 'First guess: confidence 0.89, 0.90 is needed.'],
    [
      'there was too little to measure',
      { lagUs: null, correlation: null, confidence: 0, samples: 12 },
      'First guess: too little in common, 12 changes.',
    ],
    [
      'the two move against each other',
      { ...GOOD, correlation: -0.4 },
      'First guess: the two move against each other.',
    ],
    ['the spot goes ahead', { ...GOOD, lagUs: -35_000 }, 'First guess: the spot goes ahead by 35 ms.'],
  ])('is the first guess, and says why, when %s', (_name, estimate, words) => {
    const lag = estimate === undefined ? told() : told(GOOD, estimate);
    expect([lag.us, lag.guessed]).toEqual([link.lagUs, true]);
    expect(lag.words).toBe(words);
  });

  test('one that is missing leaves the last in place for a minute', () => {
    const missing = (count: number) => told(GOOD, ...Array.from({ length: count }, () => null));
    expect(missing(5).us).toBe(85_000);
    expect(missing(5).words).toBe('Measured from 812 changes, confidence 0.95. 5 answers were late.');
    expect(told(GOOD, null, GOOD).words).not.toContain('late');
    const forgotten = missing(6);
    expect([forgotten.us, forgotten.measuredUs, forgotten.estimate]).toEqual([link.lagUs, null, null]);
    expect(forgotten.words).toBe('First guess: nothing measured yet. 6 answers were late.');
  });

  test('goes on from a snapshot', () => {
    const lag = told(GOOD, null);
    const again = new LinkLag(link);
    again.restore(structuredClone(lag.snapshot()));
    expect([again.us, again.words, again.measuredUs]).toEqual([lag.us, lag.words, lag.measuredUs]);
  });
});
