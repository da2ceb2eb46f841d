import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Scheduler } from '../../main/core/scheduler.ts';

test('timers fire in the order of their time, then of their setting: as a stable sort does', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(30), fc.boolean()), { maxLength: 80 }), fc.nat(40), (draws, nowUs) => {
      const scheduler = new Scheduler();
      const fired: number[] = [];
      const ids = draws.map(([dueUs], index) => scheduler.at(dueUs, () => fired.push(index)));
      for (const [index, [, taken]] of draws.entries()) if (taken) scheduler.cancel(ids[index]!);
      const times: number[] = [];
      while (scheduler.fireNext(nowUs, (dueUs) => times.push(dueUs)));
      const expected = draws
        .map(([dueUs, taken], index) => ({ dueUs, taken, index }))
        .filter(({ dueUs, taken }) => !taken && dueUs <= nowUs)
        .toSorted((a, b) => a.dueUs - b.dueUs);
      expect(fired).toEqual(expected.map(({ index }) => index));
      expect(times).toEqual(expected.map(({ dueUs }) => dueUs));
    }),
  );
});

test('a timer set in a timer has its turn in order, also one for the same time', () => {
  const scheduler = new Scheduler();
  const fired: string[] = [];
  scheduler.at(10, () => {
    fired.push('a');
    scheduler.at(10, () => fired.push('a then'));
    scheduler.at(15, () => fired.push('later'));
  });
  scheduler.at(10, () => fired.push('b'));
  scheduler.at(20, () => fired.push('c'));
  while (scheduler.fireNext(20, () => undefined));
  expect(fired).toEqual(['a', 'b', 'a then', 'later', 'c']);
});

test('taking back a timer that has fired, twice or from within, harms nothing', () => {
  const scheduler = new Scheduler();
  const fired: string[] = [];
  const first = scheduler.at(1, () => {
    fired.push('first');
    scheduler.cancel(first);
    scheduler.cancel(second);
    scheduler.cancel(second);
  });
  const second = scheduler.at(1, () => fired.push('second'));
  while (scheduler.fireNext(1, () => undefined));
  scheduler.cancel(first);
  scheduler.at(2, () => fired.push('third'));
  while (scheduler.fireNext(2, () => undefined));
  expect(fired).toEqual(['first', 'third']);
  expect(scheduler.nextDueUs).toBe(Number.POSITIVE_INFINITY);
});

test('cleared, it forgets timers and cancellations', () => {
  const scheduler = new Scheduler();
  scheduler.cancel(scheduler.at(5, () => undefined));
  scheduler.clear();
  expect(scheduler.nextDueUs).toBe(Number.POSITIVE_INFINITY);
  expect(scheduler.fireNext(100, () => undefined)).toBe(false);
});
