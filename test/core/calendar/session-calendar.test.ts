import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dateOfDay, dayNumber, isoDate, zoneOffsetUs } from '../../../main/core/calendar/civil-time.ts';
import { SessionCalendar, sessionAt } from '../../../main/core/calendar/session-calendar.ts';
import type { CalendarId } from '../../../shared/instruments.ts';
import { DAY_US, HOUR_US, MINUTE_US } from '../../../shared/units.ts';

function us(iso: string): number {
  return Date.parse(iso) * 1000;
}

function cme(iso: string) {
  return sessionAt('cme-globex-fx', us(iso));
}

const YEARS_2016_TO_2027 = { min: us('2016-01-01T00:00Z'), max: us('2027-12-31T12:00Z') };

describe('civil time', () => {
  test('dates agree with the engine for every day of two centuries', () => {
    for (let day = dayNumber(1900, 1, 1); day < dayNumber(2100, 1, 1); day++) {
      const text = new Date(day * 86_400_000).toISOString().slice(0, 10);
      if (isoDate(day) !== text) expect(isoDate(day)).toBe(text);
      const { year, month, day: dayOfMonth } = dateOfDay(day);
      if (dayNumber(year, month, dayOfMonth) !== day) expect(dayNumber(year, month, dayOfMonth)).toBe(day);
    }
  });

  test('daylight saving agrees with the time zone database for every hour of some years', () => {
    for (const [zone, name] of [
      ['chicago', 'America/Chicago'],
      ['newYork', 'America/New_York'],
    ] as const) {
      const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
      for (let at = us('2025-01-01T00:00Z'); at < us('2028-01-01T00:00Z'); at += HOUR_US) {
        const words = format.format(at / 1000);
        const hours = Number(/GMT([+-]\d\d)/.exec(words)![1]);
        if (zoneOffsetUs(zone, at) !== hours * HOUR_US) expect(`${words} ${zoneOffsetUs(zone, at)}`).toBe(name);
      }
    }
  });
});

describe('CME Globex FX', () => {
  test.each([
    ['2026-11-16T22:59:59.999Z', 'break', '2026-11-16'],
    ['2026-11-16T21:59:59.999Z', 'open', '2026-11-16'],
    ['2026-11-16T22:00:00Z', 'break', '2026-11-16'],
    ['2026-11-16T23:00:00Z', 'open', '2026-11-17'],
    ['2026-11-20T21:59:59Z', 'open', '2026-11-20'],
    ['2026-11-20T22:00:00Z', 'closed', '2026-11-20'],
    ['2026-11-20T23:00:00Z', 'closed', '2026-11-23'],
    ['2026-11-22T22:59:59Z', 'closed', '2026-11-23'],
    ['2026-11-22T23:00:00Z', 'open', '2026-11-23'],
  ])('%s is %s of trade date %s', (at, phase, tradeDate) => {
    expect(cme(at)).toMatchObject({ phase, tradeDate });
  });

  test('daylight saving moves the opening of the Sunday on which it begins and ends', () => {
    expect(cme('2026-03-08T21:59:59Z').phase).toBe('closed');
    expect(cme('2026-03-08T22:00:00Z').phase).toBe('open');
    expect(cme('2026-03-06T21:59:59Z').phase).toBe('open');
    expect(cme('2026-03-06T22:00:00Z').phase).toBe('closed');
    expect(cme('2026-10-30T20:59:59Z').phase).toBe('open');
    expect(cme('2026-10-30T21:00:00Z').phase).toBe('closed');
    expect(cme('2026-11-01T22:59:59Z').phase).toBe('closed');
    expect(cme('2026-11-01T23:00:00Z').phase).toBe('open');
  });

  test('says when things change and when the trade date began', () => {
    expect(cme('2026-11-18T12:00:00Z')).toEqual({
      phase: 'open',
      tradeDate: '2026-11-18',
      startedUs: us('2026-11-17T23:00:00Z'),
      changesUs: us('2026-11-18T22:00:00Z'),
      words: 'open until Wed 22:00 UTC',
    });
    expect(cme('2026-11-21T12:00:00Z')).toEqual({
      phase: 'closed',
      tradeDate: '2026-11-23',
      startedUs: us('2026-11-22T23:00:00Z'),
      changesUs: us('2026-11-22T23:00:00Z'),
      words: 'closed until Sun 23:00 UTC',
    });
  });

  test('holidays: closed days, early closes, bank holidays without a trade date', () => {
    expect(cme('2025-12-25T12:00:00Z')).toMatchObject({ phase: 'holiday', tradeDate: '2025-12-26' });
    expect(cme('2025-12-25T12:00:00Z').changesUs).toBe(us('2025-12-25T23:00:00Z'));
    expect(cme('2025-12-24T18:14:59Z')).toMatchObject({ phase: 'open', tradeDate: '2025-12-24' });
    expect(cme('2025-12-24T18:15:00Z')).toMatchObject({ phase: 'holiday', tradeDate: '2025-12-24' });
    expect(cme('2026-04-03T15:14:59Z').phase).toBe('open');
    expect(cme('2026-04-03T15:15:00Z')).toMatchObject({
      phase: 'holiday',
      words: 'Good Friday, closed until Fri 22:00 UTC',
    });
    expect(cme('2027-03-26T12:00:00Z').phase).toBe('holiday');
    expect(cme('2027-03-25T12:00:00Z').phase).toBe('open');
    const monday = cme('2026-01-19T15:00:00Z');
    expect(monday).toMatchObject({ phase: 'open', tradeDate: '2026-01-20', startedUs: us('2026-01-18T23:00:00Z') });
    expect(cme('2026-01-20T15:00:00Z').startedUs).toBe(monday.startedUs);
    expect(cme('2019-11-28T17:59:59Z').phase).toBe('open');
    expect(cme('2019-11-28T18:00:00Z').phase).toBe('holiday');
  });

  test('beyond the table it says that it does not know', () => {
    expect(cme('2027-12-30T12:00:00Z').phase).toBe('open');
    expect(cme('2027-12-31T21:59:59Z').phase).toBe('open');
    expect(cme('2027-12-31T22:00:00Z').changesUs).toBe(us('2027-12-31T23:00:00Z'));
    expect(cme('2027-12-31T23:00:00Z')).toMatchObject({ phase: 'unknown', changesUs: 0, startedUs: 0 });
    expect(cme('2028-02-01T15:00:00Z').phase).toBe('unknown');
    expect(cme('2015-06-01T15:00:00Z').phase).toBe('unknown');
  });
});

test('spot FX runs from Sunday to Friday 17:00 New York without a break', () => {
  expect(sessionAt('fx-spot', us('2026-11-22T21:59:59Z')).phase).toBe('closed');
  expect(sessionAt('fx-spot', us('2026-11-22T22:00:00Z'))).toMatchObject({
    phase: 'open',
    tradeDate: '2026-11-23',
    changesUs: us('2026-11-27T22:00:00Z'),
  });
  expect(sessionAt('fx-spot', us('2026-11-23T22:00:00Z'))).toMatchObject({ phase: 'open', tradeDate: '2026-11-24' });
  expect(sessionAt('fx-spot', us('2026-11-27T22:00:00Z')).phase).toBe('closed');
});

test('crypto never closes and turns at midnight UTC', () => {
  const at = us('2026-11-21T23:59:59.999Z');
  expect(sessionAt('crypto', at)).toMatchObject({ phase: 'open', tradeDate: '2026-11-21', changesUs: 0 });
  expect(sessionAt('crypto', at + 1_000)).toMatchObject({
    phase: 'open',
    tradeDate: '2026-11-22',
    startedUs: us('2026-11-22T00:00:00Z'),
  });
});

describe('what the venue says', () => {
  const noon = us('2026-11-18T18:00:00Z');
  const calendar = new SessionCalendar('cme-globex-fx');

  test('wins over the table, from when it came until the next change', () => {
    const halt = { status: 'halt', sinceUs: noon } as const;
    expect(calendar.sessionAt(noon - 1, halt).phase).toBe('open');
    expect(calendar.sessionAt(noon, halt)).toMatchObject({ phase: 'halted', tradeDate: '2026-11-18' });
    expect(calendar.sessionAt(noon + 4 * HOUR_US - 1, halt).phase).toBe('halted');
    expect(calendar.sessionAt(noon + 4 * HOUR_US, halt).phase).toBe('break');
    expect(calendar.sessionAt(noon, { status: 'trading', sinceUs: noon })).toBe(calendar.sessionAt(noon));
  });

  test('maps each status, and holds where the table knows nothing', () => {
    const saturday = us('2026-11-21T12:00:00Z');
    expect(calendar.sessionAt(saturday, { status: 'trading', sinceUs: saturday }).phase).toBe('open');
    expect(calendar.sessionAt(noon, { status: 'pre-open', sinceUs: noon }).phase).toBe('break');
    expect(calendar.sessionAt(noon, { status: 'close', sinceUs: noon }).phase).toBe('closed');
    const later = us('2031-05-06T12:00:00Z');
    expect(calendar.sessionAt(later, { status: 'trading', sinceUs: later - DAY_US }).phase).toBe('open');
  });
});

describe('properties', () => {
  const calendars: CalendarId[] = ['cme-globex-fx', 'fx-spot'];

  test('phases tile time: what changes does so exactly at changesUs and not before', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...calendars),
        fc.integer(YEARS_2016_TO_2027),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (id, at, part) => {
          const session = sessionAt(id, at);
          expect(session.changesUs).toBeGreaterThan(at);
          const between = at + Math.floor((session.changesUs - at) * part);
          expect(sessionAt(id, between).phase).toBe(session.phase);
          expect(sessionAt(id, session.changesUs - 1).phase).toBe(session.phase);
          expect(sessionAt(id, session.changesUs).phase).not.toBe(session.phase);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('a calendar that remembers answers like one that does not, in any order', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<CalendarId>('cme-globex-fx', 'fx-spot', 'crypto'),
        fc.array(fc.integer(YEARS_2016_TO_2027), { minLength: 1, maxLength: 50 }),
        (id, times) => {
          const calendar = new SessionCalendar(id);
          for (const at of times) {
            expect(calendar.sessionAt(at)).toEqual(sessionAt(id, at));
            expect(calendar.sessionAt(at)).toBe(calendar.sessionAt(at));
          }
        },
      ),
    );
  });

  test('trade dates never go back, and each begins once', () => {
    const calendar = new SessionCalendar('cme-globex-fx');
    let last = calendar.sessionAt(YEARS_2016_TO_2027.min);
    for (let at = YEARS_2016_TO_2027.min; at < YEARS_2016_TO_2027.max; at += 15 * MINUTE_US) {
      const session = calendar.sessionAt(at);
      if (session.tradeDate === last.tradeDate) {
        if (session.startedUs !== last.startedUs) expect(session).toEqual(last);
      } else {
        expect(session.tradeDate > last.tradeDate).toBe(true);
        expect(session.startedUs).toBeGreaterThan(last.startedUs);
      }
      last = session;
    }
  });
});
