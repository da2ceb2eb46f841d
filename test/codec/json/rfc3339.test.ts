import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rfc3339Us } from '../../../main/codec/json/rfc3339.ts';

const us = (text: string) => {
  const bytes = Buffer.from(`"${text}"`);
  return rfc3339Us(bytes, 1, bytes.length - 1);
};

test('any time of four centuries is what the platform says, to the microsecond', () => {
  const date = fc.date({
    min: new Date('1900-01-01T00:00:00Z'),
    max: new Date('2299-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(date, fc.stringMatching(/^\d{0,9}$/), (day, fraction) => {
      const seconds = Math.floor(day.getTime() / 1000);
      const text = `${new Date(seconds * 1000).toISOString().slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`;
      expect(us(text)).toBe(seconds * 1e6 + Number(fraction.padEnd(6, '0').slice(0, 6)));
    }),
    { numRuns: 2000 },
  );
});

test('zones other than Greenwich are taken off', () => {
  expect(us('2026-03-01T00:30:00+02:00')).toBe(us('2026-02-28T22:30:00Z'));
  expect(us('2026-12-31T20:00:00.5-05:30')).toBe(us('2027-01-01T01:30:00.5Z'));
});

test.each([
  '',
  '2026-01-01',
  '2026-01-01T00:00:00',
  '2026-13-01T00:00:00Z',
  '2026-01-01T00:00:00.1',
  'now, or never, or then',
  '2026-01-01X00:00:00Z',
])('%j is no time', (text) => expect(us(text)).toBeNaN());
