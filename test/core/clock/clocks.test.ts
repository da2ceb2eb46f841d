import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import { SimulatedClock } from '../../../main/core/clock/simulated-clock.ts';
import { afterMs, everyMs, soon } from '../../../main/core/clock/wall-timer.ts';

describe('live clock', () => {
  test('gives whole microseconds near the wall time and never runs backwards', () => {
    const clock = new LiveClock();
    const wall = Date.now() * 1000;
    let last = clock.nowUs();
    expect(Math.abs(last - wall)).toBeLessThan(1_000_000);
    for (let i = 0; i < 10_000; i++) {
      const now = clock.nowUs();
      expect(Number.isSafeInteger(now)).toBe(true);
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
    expect(Math.abs(clock.wallDriftUs())).toBeLessThan(1_000_000);
  });

  test('follows a wall clock that has jumped ahead, when told to, and never one that was set back', () => {
    const wall = vi.spyOn(Date, 'now');
    try {
      const startMs = 1_800_000_000_000;
      wall.mockReturnValue(startMs);
      const clock = new LiveClock();
      wall.mockReturnValue(startMs + 3_600_000);
      expect(clock.nowUs()).toBeLessThan((startMs + 60_000) * 1000);
      const jumpUs = clock.followWall(2_000_000);
      expect(Math.abs(jumpUs - 3_600_000_000)).toBeLessThan(5_000_000);
      expect(clock.nowUs()).toBeGreaterThanOrEqual((startMs + 3_600_000) * 1000);
      expect(clock.followWall(2_000_000)).toBe(0);
      const before = clock.nowUs();
      wall.mockReturnValue(startMs);
      expect(clock.followWall(2_000_000)).toBeLessThan(-3_500_000_000);
      expect(clock.nowUs()).toBeGreaterThanOrEqual(before);
    } finally {
      wall.mockRestore();
    }
  });
});

describe('simulated clock', () => {
  test('advances, refuses to go back and to hold fractions', () => {
    const clock = new SimulatedClock(1_000);
    clock.advanceTo(1_000);
    clock.advanceTo(2_500);
    expect(clock.nowUs()).toBe(2_500);
    expect(() => clock.advanceTo(2_499)).toThrow(/can't go back/);
    expect(() => clock.advanceTo(3_000.5)).toThrow(/integer microseconds/);
    expect(clock.nowUs()).toBe(2_500);
  });

  test('a restored clock continues where the snapshot was taken', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (start, first, second) => {
        const clock = new SimulatedClock(start);
        clock.advanceTo(start + first);
        const snapshot = clock.snapshot();
        clock.advanceTo(start + first + second);
        clock.restore(snapshot);
        expect(clock.nowUs()).toBe(start + first);
      }),
    );
  });
});

describe('wall timers', () => {
  test('run once, repeatedly and soon, and stay silent once cancelled', async () => {
    const ran: string[] = [];
    soon(() => ran.push('cancelled soon'))();
    afterMs(0, () => ran.push('cancelled after'))();
    await new Promise<void>((resolve) => soon(resolve));
    await new Promise<void>((resolve) => afterMs(1, resolve));
    await new Promise<void>((resolve) => {
      const cancel = everyMs(1, () => {
        ran.push('tick');
        if (ran.length === 3) {
          cancel();
          afterMs(5, resolve);
        }
      });
    });
    expect(ran).toEqual(['tick', 'tick', 'tick']);
  });
});
