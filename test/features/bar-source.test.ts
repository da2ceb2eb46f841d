import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BarCandidate, chooseBarSource } from '../../main/features/bar-source.ts';

const cme = (bars: number): BarCandidate => ({ source: 'databento', volumeType: 'real', bars });
const ig = (bars: number): BarCandidate => ({ source: 'ig', volumeType: 'tick', bars });

describe('the source of bars', () => {
  test.each([
    ['all that were asked for', cme(100), ig(100), 'databento'],
    ['exactly half', cme(50), ig(100), 'databento'],
    ['less than half', cme(49), ig(100), 'ig'],
    ['less than half, but more than the other', cme(49), ig(3), 'ig'],
    ['none', cme(0), ig(1), 'ig'],
    ['less than half, where nothing else has any', cme(49), ig(0), 'databento'],
  ])('with real volume that has %s', (_name, real, tick, source) => {
    expect(chooseBarSource([tick, real], 100)?.source).toBe(source);
    expect(chooseBarSource([real, tick], 100)?.source).toBe(source);
  });

  test('says what it is, and what its average price is', () => {
    expect(chooseBarSource([cme(9)], 10)).toMatchObject({ volumeType: 'real', vwapKind: 'true_vwap' });
    expect(chooseBarSource([ig(9)], 10)).toMatchObject({ volumeType: 'tick', vwapKind: 'twap' });
  });

  test('nothing has a bar', () => {
    expect(chooseBarSource([cme(0), ig(0)], 10)).toBeUndefined();
    expect(chooseBarSource([], 10)).toBeUndefined();
  });

  test('is the first with the most bars of its kind, and real exactly when that has half', () => {
    const candidate = fc.record({
      source: fc.constantFrom('a', 'b', 'c'),
      volumeType: fc.constantFrom('real' as const, 'tick' as const),
      bars: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 6 }), fc.integer({ min: 1, max: 40 }), (list, asked) => {
        const chosen = chooseBarSource(list, asked);
        const of = (type: string) => list.filter(({ volumeType, bars }) => volumeType === type && bars > 0);
        const half = of('real').some(({ bars }) => bars >= asked / 2);
        const from = half || of('tick').length === 0 ? of('real') : of('tick');
        const best = Math.max(...from.map(({ bars }) => bars));
        expect(chosen?.candidate).toBe(from.find(({ bars }) => bars === best));
      }),
    );
  });
});
