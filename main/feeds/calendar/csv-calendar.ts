import { delimitedRows, delimiterOf } from './delimited-text.ts';
import {
  CalendarFileError,
  type EventField,
  fieldsOfNames,
  type RawCalendar,
  type RawEvent,
  type RefusedRow,
} from './raw-event.ts';

/** Reads a calendar with one event a row under a row of names. @throws CalendarFileError without such names */
export function readCsvCalendar(text: string): RawCalendar {
  const { rows, open } = delimitedRows(text, delimiterOf(text));
  const [head, ...body] = rows;
  if (head === undefined) throw new CalendarFileError('the file is empty');
  const fields = fieldsOfNames(head.cells);
  const columns = head.cells.map((name) => fields.get(name));
  for (const needed of ['at', 'title'] as const) {
    if (!columns.includes(needed)) {
      throw new CalendarFileError(
        `line ${head.line} names no column for the ${needed === 'at' ? 'time (Start, Date, Time …)' : 'title (Name, Title, Event …)'}; it has ${shown(head.cells)}`,
      );
    }
  }
  const taken: RawEvent[] = [];
  const refused: RefusedRow[] = [];
  for (const { line, cells } of body) {
    if (cells.length > columns.length && cells.slice(columns.length).some((cell) => cell.trim() !== '')) {
      refused.push({ line, reason: `has ${cells.length} cells under ${columns.length} names; is a quote missing?` });
      continue;
    }
    const event: Partial<Record<EventField, string>> = {};
    for (const [index, field] of columns.entries()) {
      if (field !== undefined && cells[index] !== undefined) event[field] = cells[index];
    }
    taken.push({ line, fields: event });
  }
  if (open !== undefined) refused.push({ line: open, reason: 'a quote is opened here and never closed' });
  return { rows: open === undefined ? taken : taken.slice(0, -1), refused };
}

const MOST_SHOWN = 200;

/** The names of a file that may be anything, as a terminal may show them. */
function shown(cells: readonly string[]): string {
  const text = cells.join(', ').replace(/\p{C}/gu, '·');
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)} …`;
}
