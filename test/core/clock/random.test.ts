import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../main/core/clock/random.ts';

const FIRST_OF_42 = [656401615, 478193053, 3278332503, 1360198844];

function draws(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.nextUint32());
}

describe('random', () => {
  test('the stream of a seed is fixed for good', () => {
    expect(draws(new Random(42), 4)).toEqual(FIRST_OF_42);
    expect(draws(new Random(42, 1), 1)).not.toEqual(FIRST_OF_42.slice(0, 1));
    expect(draws(new Random(42 + 2 ** 33), 1)).not.toEqual(FIRST_OF_42.slice(0, 1));
  });

  test('restored and continued = never interrupted', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(50), (seed, burn) => {
        const random = new Random(seed);
        for (let i = 0; i < burn; i++) random.normal();
        const snapshot = random.snapshot();
        const expected = draws(random, 20);
        const other = new Random(0);
        other.restore(snapshot);
        expect(draws(other, 20)).toEqual(expected);
      }),
    );
  });

  test('moments of the distributions', () => {
    const random = new Random(7);
    const count = 200_000;
    let uniform = 0;
    let waiting = 0;
    let sum = 0;
    let squares = 0;
    const faces = new Array<number>(6).fill(0);
    let hits = 0;
    for (let i = 0; i < count; i++) {
      uniform += random.nextFloat();
      waiting += random.exponential(4);
      const z = random.normal();
      sum += z;
      squares += z * z;
      faces[random.nextInt(6)]!++;
      if (random.chance(0.3)) hits++;
    }
    expect(uniform / count).toBeCloseTo(0.5, 2);
    expect(waiting / count).toBeCloseTo(0.25, 2);
    expect(Math.abs(sum / count)).toBeLessThan(0.01);
    expect(squares / count).toBeCloseTo(1, 1);
    for (const face of faces) expect(Math.abs(face / count - 1 / 6)).toBeLessThan(0.005);
    expect(hits / count).toBeCloseTo(0.3, 2);
  });

  test('picks from the list only, and refuses an empty one', () => {
    const random = new Random(1);
    const seen = new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c'])));
    expect([...seen].sort()).toEqual(['a', 'b', 'c']);
    expect(() => random.pick([])).toThrow(/empty/);
  });
});
