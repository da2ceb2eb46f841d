import { expect, test } from 'vitest';
import { CME_FX_HOLIDAYS, CME_HOLIDAYS_FROM, CME_HOLIDAYS_TO } from '../../../main/core/calendar/cme-holidays.ts';

const DAY_MS = 86_400_000;

function iso(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function nth(year: number, month: number, day: number, n: number): string {
  let at = Date.UTC(year, month - 1, 1);
  while (new Date(at).getUTCDay() !== day) at += DAY_MS;
  return iso(at + (n - 1) * 7 * DAY_MS);
}

function lastMonday(year: number, month: number): string {
  let at = Date.UTC(year, month, 0);
  while (new Date(at).getUTCDay() !== 1) at -= DAY_MS;
  return iso(at);
}

function observed(year: number, month: number, day: number): string {
  const at = Date.UTC(year, month - 1, day);
  const weekday = new Date(at).getUTCDay();
  return iso(weekday === 6 ? at - DAY_MS : weekday === 0 ? at + DAY_MS : at);
}

/** Gauss's algorithm, valid for 1900 to 2099. */
function easter(year: number): number {
  const d = (19 * (year % 19) + 24) % 30;
  const e = (2 * (year % 4) + 4 * (year % 7) + 6 * d + 5) % 7;
  const day = 22 + d + e;
  const shifted = day === 57 || (day === 56 && d === 28 && year % 19 > 10) ? day - 7 : day;
  return Date.UTC(year, 2, shifted);
}

function expectedDates(year: number): string[] {
  const thanksgiving = nth(year, 11, 4, 4);
  const eve = Date.UTC(year, 11, 24);
  return [
    ...(new Date(Date.UTC(year, 0, 1)).getUTCDay() === 6 ? [] : [observed(year, 1, 1)]),
    nth(year, 1, 1, 3),
    nth(year, 2, 1, 3),
    iso(easter(year) - 2 * DAY_MS),
    lastMonday(year, 5),
    ...(year >= 2022 ? [observed(year, 6, 19)] : []),
    observed(year, 7, 4),
    nth(year, 9, 1, 1),
    thanksgiving,
    iso(Date.parse(thanksgiving) + DAY_MS),
    ...([1, 2, 3, 4].includes(new Date(eve).getUTCDay()) ? [iso(eve)] : []),
    observed(year, 12, 25),
  ];
}

test('the table holds exactly the dates that the rules give, in order', () => {
  const expected: string[] = [];
  for (let year = CME_HOLIDAYS_FROM; year <= CME_HOLIDAYS_TO; year++) expected.push(...expectedDates(year));
  expect([...CME_FX_HOLIDAYS.keys()]).toEqual(expected);
});

test('no holiday falls on a weekend', () => {
  for (const date of CME_FX_HOLIDAYS.keys()) expect([0, 6]).not.toContain(new Date(date).getUTCDay());
});
