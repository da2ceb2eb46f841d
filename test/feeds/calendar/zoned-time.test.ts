import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instantOf, timeZone } from '../../../main/feeds/calendar/zoned-time.ts';

const UTC = timeZone('UTC')!;
const NEW_YORK = timeZone('America/New_York')!;
const iso = (us: number) => new Date(us / 1000).toISOString();

function read(text: string, zone = UTC, order?: 'dmy' | 'mdy'): string {
  const instant = instantOf(text, zone, order);
  return typeof instant === 'string' ? instant : `${iso(instant.us)}${instant.zoned ? '' : ' assumed'}`;
}

describe('times of calendars', () => {
  test.each([
    ['2025-11-07T13:30:00.000Z', '2025-11-07T13:30:00.000Z'],
    ['2025-11-07T08:30:00-05:00', '2025-11-07T13:30:00.000Z'],
    ['2025-11-07 19:00 +0530', '2025-11-07T13:30:00.000Z'],
    ['2025-11-07 13:30 UTC', '2025-11-07T13:30:00.000Z'],
    ['2019-11-01 00:30:00', '2019-11-01T00:30:00.000Z assumed'],
    ['2025.11.07 13:30', '2025-11-07T13:30:00.000Z assumed'],
    ['2025-11-07', '2025-11-07T00:00:00.000Z assumed'],
    ['2025-11-07 All Day', '2025-11-07T00:00:00.000Z assumed'],
    ['2025-11-07 1:30pm', '2025-11-07T13:30:00.000Z assumed'],
    ['2025-11-07 12:05 AM', '2025-11-07T00:05:00.000Z assumed'],
    ['2025-11-07 9am', '2025-11-07T09:00:00.000Z assumed'],
    ['1762522200', '2025-11-07T13:30:00.000Z'],
    ['1762522200000', '2025-11-07T13:30:00.000Z'],
    ['2024-02-29 10:00', '2024-02-29T10:00:00.000Z assumed'],
  ])('reads %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test.each([
    '2025-02-29 10:00',
    '2025-13-01',
    '2025-11-07 25:00',
    '2025-11-07 10:60',
    '2025-11-07 13:30pm',
    '2025-11-07 Tentative',
    'tomorrow',
    '',
  ])('refuses "%s" in words', (text) => {
    expect(typeof instantOf(text, UTC, undefined)).toBe('string');
  });

  test('reads dates with slashes only when told how', () => {
    expect(read('03/04/2025 10:00')).toMatch(/two ways.*--dates/);
    expect(read('03/04/2025 10:00', UTC, 'mdy')).toBe('2025-03-04T10:00:00.000Z assumed');
    expect(read('03/04/2025 10:00', UTC, 'dmy')).toBe('2025-04-03T10:00:00.000Z assumed');
    expect(read('31/12/2025', UTC, 'mdy')).toMatch(/no date/);
  });

  test('reads a local time in its zone, across the changes of daylight time', () => {
    expect(read('2025-11-07 08:30', NEW_YORK)).toBe('2025-11-07T13:30:00.000Z assumed');
    expect(read('2025-07-03 08:30', NEW_YORK)).toBe('2025-07-03T12:30:00.000Z assumed');
    // Comes twice: the first. Skipped: with the offset before the change.
    expect(read('2025-11-02 01:30', NEW_YORK)).toBe('2025-11-02T05:30:00.000Z assumed');
    expect(read('2025-03-09 02:30', NEW_YORK)).toBe('2025-03-09T07:30:00.000Z assumed');
  });

  test('every instant is found again from its local time, or is the second of two', () => {
    const zones = ['UTC', 'America/New_York', 'Europe/Berlin', 'Asia/Tokyo', 'Australia/Lord_Howe', 'Asia/Kolkata'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1990, 0, 1) / 1000, max: Date.UTC(2035, 0, 1) / 1000 }),
        (name, seconds) => {
          const zone = timeZone(name)!;
          const us = seconds * 1_000_000;
          const local = us + zone.offsetUs(us);
          const found = zone.instantUs(local);
          expect(found + zone.offsetUs(found)).toBe(local);
          expect(found).toBeLessThanOrEqual(us);
        },
      ),
      { numRuns: 300 },
    );
  });
});
