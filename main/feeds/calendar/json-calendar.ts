import { z } from 'zod';
import {
  CalendarFileError,
  type EventField,
  fieldsOfNames,
  type RawCalendar,
  type RawEvent,
  type RefusedRow,
} from './raw-event.ts';

const records = z.array(z.unknown());
const envelope = z.looseObject({ data: records.optional(), events: records.optional(), result: records.optional() });
const record = z.record(z.string(), z.unknown());

/**
 * Reads an array of objects, or an object that holds one as `data`, `events` or `result` (InsightSentry's answers do). Rows
 * are counted from 1. @throws CalendarFileError for anything else
 */
export function readJsonCalendar(text: string): RawCalendar {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CalendarFileError(`the file is not JSON: ${(error as Error).message}`);
  }
  const items = itemsOf(json);
  if (items === undefined) {
    throw new CalendarFileError('the file holds no array of events, nor an object with one as data, events or result');
  }
  const rows: RawEvent[] = [];
  const refused: RefusedRow[] = [];
  for (const [index, item] of items.entries()) {
    const parsed = record.safeParse(item);
    if (parsed.success) rows.push({ line: index + 1, fields: textsOf(parsed.data) });
    else refused.push({ line: index + 1, reason: 'is not an object' });
  }
  return { rows, refused };
}

function itemsOf(json: unknown): readonly unknown[] | undefined {
  const bare = records.safeParse(json);
  if (bare.success) return bare.data;
  const wrapped = envelope.safeParse(json);
  if (!wrapped.success) return undefined;
  const { data, events, result } = wrapped.data;
  return data ?? events ?? result;
}

/** Texts and figures of an object by our names; what is null or deeper is left out. */
export function textsOf(item: Readonly<Record<string, unknown>>): Partial<Record<EventField, string>> {
  const texts: Partial<Record<EventField, string>> = {};
  for (const [name, field] of fieldsOfNames(Object.keys(item))) {
    const value = item[name];
    if (typeof value === 'string' || typeof value === 'number') texts[field] = String(value);
  }
  return texts;
}
