import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCalendarFile } from '../../../main/feeds/calendar/calendar-file.ts';
import { delimitedRows } from '../../../main/feeds/calendar/delimited-text.ts';
import { IMPACTS } from '../../../shared/economic-calendar.ts';

const text = fc.string({ unit: fc.constantFrom(...'abcÄ漢🙂 ",;\t:\\-[]0\n'.split(/(?:)/u)), maxLength: 90 });

test('whatever cells are written as delimited text are read again', () => {
  const delimiters = fc.constantFrom(',', ';', '\t');
  const rows = fc.array(fc.array(text, { minLength: 2, maxLength: 5 }), { maxLength: 6 });
  fc.assert(
    fc.property(delimiters, fc.constantFrom('\n', '\r\n'), rows, (delimiter, end, cells) => {
      const quoted = cells.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter));
      const read = delimitedRows(quoted.join(end), delimiter);
      expect(read.open).toBeUndefined();
      expect(read.rows.map((row) => row.cells)).toEqual(cells);
      let line = 1;
      for (const [index, row] of read.rows.entries()) {
        expect(row.line).toBe(line);
        line += quoted[index]!.split('\n').length;
      }
    }),
    { numRuns: 300 },
  );
});

const events = fc.array(
  fc.record({
    title: text.map((title) => title.trim()).filter((title) => title !== ''),
    impact: fc.constantFrom(...IMPACTS),
    currency: fc.constantFrom('USD', 'EUR', 'JPY'),
    seconds: fc.integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2030, 0, 1) / 1000 }),
  }),
  { minLength: 1, maxLength: 8 },
);
type Written = { title: string; impact: string; currency: string; seconds: number };

function readBack(format: 'csv' | 'ics', file: string): Written[] {
  const { events: read, refused } = readCalendarFile(new TextEncoder().encode(file), { name: 'a', format, nowUs: 0 });
  expect(refused).toEqual([]);
  return read.map(({ title, impact, currency, atUs }) => ({ title, impact, currency: currency!, seconds: atUs / 1e6 }));
}

const isoTime = (seconds: number) => new Date(seconds * 1000).toISOString();

test('events written as CSV are read again', () => {
  fc.assert(
    fc.property(events, (written) => {
      const lines = written.map(
        ({ title, impact, currency, seconds }) =>
          `"${title.replaceAll('"', '""')}",${isoTime(seconds)},${currency},${impact.toUpperCase()}`,
      );
      expect(readBack('csv', ['Title,Date,Currency,Impact', ...lines].join('\n'))).toEqual(written);
    }),
    { numRuns: 200 },
  );
});

test('events written as iCalendar are read again, folded anywhere', () => {
  const escaped = (title: string) => title.replace(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 75 }), (written, width) => {
      const lines = written.flatMap(({ title, impact, currency, seconds }) => [
        'BEGIN:VEVENT',
        `DTSTART:${isoTime(seconds).replace(/[-:]|\.000/g, '')}`,
        `SUMMARY:${escaped(title)}`,
        `CATEGORIES:${impact},${currency}`,
        'END:VEVENT',
      ]);
      const folded = ['BEGIN:VCALENDAR', ...lines, 'END:VCALENDAR'].map((line) =>
        [...line].reduce(
          (parts, letter, at) => (at > 0 && at % width === 0 ? `${parts}\r\n ${letter}` : parts + letter),
          '',
        ),
      );
      // A title may begin like a currency mark; CATEGORIES hold the currency here, so it stays a title.
      expect(readBack('ics', `${folded.join('\r\n')}\r\n`)).toEqual(written);
    }),
    { numRuns: 200 },
  );
});
