import { expect, test } from 'vitest';
import { SessionCalendar } from '../../../main/core/calendar/session-calendar.ts';
import { nextRollCheckUs } from '../../../main/feeds/databento/roll-check.ts';

const cme = new SessionCalendar('cme-globex-fx');

test.each([
  ['in the session: half an hour before the daily break ends', '2026-11-18T14:00Z', '2026-11-18T22:30Z'],
  ['in the first half of the break', '2026-11-18T22:10Z', '2026-11-18T22:30Z'],
  ['in its second half: the next day’s', '2026-11-18T22:30Z', '2026-11-19T22:30Z'],
  ['on Friday: before the week begins', '2026-11-20T20:00Z', '2026-11-22T22:30Z'],
  ['in summer an hour earlier', '2026-07-15T14:00Z', '2026-07-15T21:30Z'],
])('%s', (_when, at, check) => {
  expect(new Date(nextRollCheckUs(cme, Date.parse(at) * 1000)! / 1000).toISOString()).toBe(
    new Date(check).toISOString(),
  );
});

test('a market that never closes has no break to do it in', () => {
  expect(nextRollCheckUs(new SessionCalendar('crypto'), Date.parse('2026-11-18T14:00Z') * 1000)).toBeUndefined();
});
