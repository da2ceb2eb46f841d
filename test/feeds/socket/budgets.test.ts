import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../../main/core/clock/random.ts';
import { SimulatedClock } from '../../../main/core/clock/simulated-clock.ts';
import { Backoff } from '../../../main/feeds/socket/backoff.ts';
import { retryAfterMs } from '../../../main/feeds/socket/http-request.ts';
import { RateBudget } from '../../../main/feeds/socket/rate-budget.ts';

test('waits lie between nothing and a doubling bound, and spread over all of it', () => {
  const bounds = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
  const waits = Array.from({ length: 400 }, (_, seed) => {
    const backoff = new Backoff({ random: new Random(seed) });
    return bounds.map(() => backoff.nextMs());
  });
  for (const [attempt, bound] of bounds.entries()) {
    const column = waits.map((row) => row[attempt]!);
    expect(Math.max(...column)).toBeLessThanOrEqual(bound);
    expect(Math.max(...column)).toBeGreaterThan(bound * 0.95);
    expect(Math.min(...column)).toBeLessThan(bound * 0.05);
  }
});

test('after a reset the first bound holds again, and the least wait always', () => {
  const backoff = new Backoff({ random: new Random(1), leastMs: 100 });
  for (let i = 0; i < 9; i++) backoff.nextMs();
  backoff.reset();
  for (let i = 0; i < 50; i++) {
    backoff.reset();
    expect(backoff.nextMs()).toBeGreaterThanOrEqual(100);
    expect(backoff.failures).toBe(1);
  }
});

test('a budget never grants more than its amount and refill, and a wait that it gave suffices', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.record({ cost: fc.integer({ min: 1, max: 5 }), afterMs: fc.nat(400) }), { maxLength: 80 }),
      (amount, asks) => {
        const clock = new SimulatedClock(0);
        const budget = new RateBudget({ clock, amount, periodMs: 1_000 });
        let spent = 0;
        for (const { cost, afterMs } of asks.filter((ask) => ask.cost <= amount)) {
          clock.advanceTo(clock.nowUs() + afterMs * 1000);
          let waitMs = budget.take(cost);
          while (waitMs > 0) {
            clock.advanceTo(clock.nowUs() + waitMs * 1000);
            waitMs = budget.take(cost);
          }
          spent += cost;
          expect(spent).toBeLessThanOrEqual(amount + (amount * clock.nowUs()) / 1e6 + 1e-6);
        }
      },
    ),
  );
});

test('a budget that the venue calls spent gives nothing for that time', () => {
  const clock = new SimulatedClock(0);
  const budget = new RateBudget({ clock, amount: 10, periodMs: 1_000 });
  budget.exhaust(5_000);
  expect(budget.take()).toBeGreaterThan(5_000);
  clock.advanceTo(4_900_000);
  expect(budget.take()).toBeGreaterThan(0);
  clock.advanceTo(5_200_000);
  expect(budget.take()).toBe(0);
});

test('Retry-After is seconds or a date', () => {
  const header = (value: string | null) => ({ get: () => value });
  const nowUs = Date.UTC(2026, 0, 5, 12, 0, 0) * 1000;
  expect(retryAfterMs(header('7'), nowUs)).toBe(7_000);
  expect(retryAfterMs(header('Mon, 05 Jan 2026 12:00:30 GMT'), nowUs)).toBe(30_000);
  expect(retryAfterMs(header('soon'), nowUs)).toBeUndefined();
  expect(retryAfterMs(header(null), nowUs)).toBeUndefined();
});
