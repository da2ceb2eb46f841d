import { describe, expect, test } from 'vitest';
import { calendarDueUs } from '../../../main/feeds/insightsentry/calendar-plan.ts';
import type { EconomicEvent, Impact } from '../../../shared/economic-calendar.ts';

const MINUTE = 60_000_000;
const AT = 1_762_522_200_000_000;
const EVERY = 30 * MINUTE;

function event(impact: Impact, actual: string | null = null): EconomicEvent {
  const rest = { currency: 'USD', country: 'US', forecast: null, previous: null, source: 'a', revisedUs: 0 };
  return { id: 'a', atUs: AT, title: 'Payrolls', impact, actual, ...rest };
}

describe('the plan of the calendar', () => {
  test('asks at once, then every half hour', () => {
    expect(calendarDueUs(AT, undefined, [], EVERY)).toBe(AT);
    expect(calendarDueUs(AT, AT - MINUTE, [event('medium')], EVERY)).toBe(AT + 29 * MINUTE);
  });

  test('asks every 12 s from two minutes before an event of high impact to five after', () => {
    const dueAfter = (askedUs: number) => calendarDueUs(askedUs, askedUs, [event('high')], EVERY);
    expect(dueAfter(AT - 40 * MINUTE)).toBe(AT - 10 * MINUTE);
    expect(dueAfter(AT - 20 * MINUTE)).toBe(AT - 2 * MINUTE);
    expect(dueAfter(AT - 2 * MINUTE)).toBe(AT - 2 * MINUTE + 12_000_000);
    expect(dueAfter(AT + 3 * MINUTE)).toBe(AT + 3 * MINUTE + 12_000_000);
    expect(dueAfter(AT + 5 * MINUTE)).toBe(AT + 35 * MINUTE);
  });

  test('asks no more often once the figure is there', () => {
    expect(calendarDueUs(AT, AT, [event('high', '61')], EVERY)).toBe(AT + 30 * MINUTE);
    expect(calendarDueUs(AT, AT, [event('high', '61'), event('high')], EVERY)).toBe(AT + 12_000_000);
  });
});
