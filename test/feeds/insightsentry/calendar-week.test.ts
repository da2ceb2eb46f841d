import { describe, expect, test } from 'vitest';
import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import { soon } from '../../../main/core/clock/wall-timer.ts';
import { saysTheSame } from '../../../main/feeds/insightsentry/answer-body.ts';
import { CalendarWeek } from '../../../main/feeds/insightsentry/calendar-week.ts';

const item = (i: number, more: object = {}) => ({
  title: `Release ${i}`,
  country: 'US',
  currency: 'USD',
  importance: 'high',
  date: new Date(Date.UTC(2026, 10, 20, 0, i)).toISOString(),
  previous: i,
  source_url: 'http://www.bls.gov/',
  ...more,
});
const answer = (count: number, more: Record<number, object> = {}) => ({
  total_count: count,
  data: Array.from({ length: count }, (_, i) => item(i, more[i])),
});

/** A clock by which every look takes a millisecond. */
class SteppingClock extends LiveClock {
  #us = 0;
  override nowUs(): number {
    this.#us += 1_000;
    return this.#us;
  }
}

describe('a week of the calendar', () => {
  test('tells what an answer says, and keeps of it what is used', async () => {
    const week = new CalendarWeek(1, new LiveClock());
    expect(await week.take(answer(3), 7)).toBe(true);
    expect(week.events.map(({ title, previous, revisedUs }) => [title, previous, revisedUs])).toEqual([
      ['Release 0', '0', 7],
      ['Release 1', '1', 7],
      ['Release 2', '2', 7],
    ]);
    expect(week.told).toMatchObject({ fromUs: Date.UTC(2026, 10, 20) * 1000 });
    expect(JSON.stringify(week.kept)).not.toContain('bls.gov');
    const again = new CalendarWeek(1, new LiveClock());
    await again.take(week.kept, 7);
    expect([again.events, again.told]).toEqual([week.events, week.told]);
  });

  test('reads only what is not as it was, and says whether anything is', async () => {
    const week = new CalendarWeek(1, new LiveClock());
    await week.take(answer(100), 1);
    const before = week.events;
    expect(await week.take(answer(100), 2)).toBe(false);
    expect(await week.take(answer(100, { 4: { source_url: 'elsewhere' } }), 3)).toBe(false);
    expect(await week.take(answer(100, { 4: { actual: 9 } }), 4)).toBe(true);
    expect(week.events.filter((event, i) => event !== before[i])).toMatchObject([
      { title: 'Release 4', actual: '9', revisedUs: 4 },
    ]);
    expect(await week.take(answer(99, { 4: { actual: 9 } }), 5)).toBe(true);
    expect(week.events).toHaveLength(99);
  });

  test('counts what cannot be read, and then is not told as a whole', async () => {
    const week = new CalendarWeek(1, new LiveClock());
    await week.take(answer(4, { 1: { importance: 'severe' }, 2: { title: ['no text'] } }), 1);
    expect(week.events.map(({ title }) => title)).toEqual(['Release 0', 'Release 3']);
    expect(week.refused).toBe(2);
    expect(week.told).toBeUndefined();
    expect(await week.take({ total_count: 2, data: [item(0), item(3)] }, 2)).toBe(true);
    expect(week.told).toBeDefined();
    // Part of a longer list is no whole, either.
    expect(await week.take({ total_count: 9, data: [item(0), item(3)] }, 3)).toBe(true);
    expect(week.told).toBeUndefined();
  });

  test('lets others have their turn while it reads', async () => {
    const week = new CalendarWeek(1, new SteppingClock());
    let turns = 0;
    let reading = true;
    const count = () => {
      turns++;
      if (reading) soon(count);
    };
    soon(count);
    await week.take(answer(100), 1);
    reading = false;
    expect(week.events).toHaveLength(100);
    expect(turns).toBeGreaterThan(30);
  });
});

describe('bodies of answers', () => {
  const body = (text: string) => new TextEncoder().encode(text);
  const told = (at: number, data: string, count = 2) =>
    body(`{"total_count":${count},"range":"a week","last_update":${at},"data":[${data}]}`);

  test('say the same when only the time differs at which they were made', () => {
    expect(saysTheSame(told(1, '{"a":1}'), told(22, '{"a":1}'))).toBe(true);
    expect(saysTheSame(told(1, '{"a":1}'), told(1, '{"a":2}'))).toBe(false);
    expect(saysTheSame(told(1, '{"a":1}'), told(1, '{"a":1}', 3))).toBe(false);
    expect(saysTheSame(told(1, '{"a":1}'), told(1, '{"a":1},{"b":1}'))).toBe(false);
  });

  test('without data are never taken for the same', () => {
    expect(saysTheSame(body('{}'), body('{}'))).toBe(false);
    expect(saysTheSame(body(''), told(1, ''))).toBe(false);
  });

  test('are compared where they lie, within a greater buffer', () => {
    const whole = body(`xx${new TextDecoder().decode(told(1, '{"a":1}'))}yy`);
    expect(saysTheSame(whole.subarray(2, whole.length - 2), told(3, '{"a":1}'))).toBe(true);
  });
});
