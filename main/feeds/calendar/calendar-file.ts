import type { EconomicEvent } from '../../../shared/economic-calendar.ts';
import { readCsvCalendar } from './csv-calendar.ts';
import { EventReader } from './event-reader.ts';
import { readIcsCalendar } from './ics-calendar.ts';
import { readJsonCalendar } from './json-calendar.ts';
import { CalendarFileError, type RawCalendar, type RefusedRow } from './raw-event.ts';
import { type DateOrder, TimeZone, timeZone } from './zoned-time.ts';

export const CALENDAR_FORMATS = ['csv', 'ics', 'json'] as const;
export type CalendarFormat = (typeof CALENDAR_FORMATS)[number];

export interface CalendarFileOptions {
  /** File name without folders: it decides the format where its content does not, and names the source. */
  readonly name: string;
  readonly format?: CalendarFormat | undefined;
  /** IANA zone for times that name none; else the one that the file gives, else UTC. */
  readonly zone?: string | undefined;
  readonly dates?: DateOrder | undefined;
  /** When the file was read, µs. */
  readonly nowUs: number;
}

/** What a calendar file holds. */
export interface CalendarReading {
  readonly format: CalendarFormat;
  /** In the order of the file. */
  readonly events: readonly EconomicEvent[];
  readonly refused: readonly RefusedRow[];
  /** Zone in which times that name none were read, and how many those were. */
  readonly zone: string;
  readonly withoutZone: number;
  /** Events that gave no impact and stand as `none`. */
  readonly withoutImpact: number;
}

const READERS: Readonly<Record<CalendarFormat, (text: string) => RawCalendar>> = {
  csv: readCsvCalendar,
  ics: readIcsCalendar,
  json: readJsonCalendar,
};

/**
 * Reads a calendar file. Rows of one file that have the same country (or currency), time and title stay events of their
 * own, numbered in the file's order: files without countries tell the holidays of several so.
 * @throws CalendarFileError for a file that is none, or a zone that is not known
 */
export function readCalendarFile(bytes: Uint8Array, options: CalendarFileOptions): CalendarReading {
  const text = textOfFile(bytes);
  const format = options.format ?? formatOf(options.name, text);
  const raw = READERS[format](text);
  const zoneName = options.zone ?? raw.zone ?? 'UTC';
  const zone = zoneName === 'UTC' ? new TimeZone('UTC') : timeZone(zoneName);
  if (zone === undefined) {
    throw new CalendarFileError(
      `the time zone "${zoneName}" is not one that is known; use an IANA name such as America/New_York`,
    );
  }
  const reader = new EventReader({ zone, dates: options.dates, source: `file ${options.name}`, toldUs: options.nowUs });
  const events: EconomicEvent[] = [];
  const refused = [...raw.refused];
  const seen = new Map<string, number>();
  for (const row of raw.rows) {
    const event = reader.read(row);
    if (typeof event === 'string') {
      refused.push({ line: row.line, reason: event });
      continue;
    }
    const times = (seen.get(event.id) ?? 0) + 1;
    seen.set(event.id, times);
    events.push(times === 1 ? event : { ...event, id: `${event.id} #${times}` });
  }
  refused.sort((a, b) => a.line - b.line);
  const { withoutZone, withoutImpact } = reader;
  return { format, events, refused, zone: zone.name, withoutZone, withoutImpact };
}

/** Text by its byte order mark; without one UTF-8, or Windows-1252 where it is not that. */
function textOfFile(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function formatOf(name: string, text: string): CalendarFormat {
  const start = text.trimStart();
  if (/^BEGIN:VCALENDAR/i.test(start)) return 'ics';
  if (start.startsWith('[') || start.startsWith('{')) return 'json';
  const ending = /\.(ics|json)$/i.exec(name)?.[1]?.toLowerCase();
  return ending === 'ics' || ending === 'json' ? ending : 'csv';
}
