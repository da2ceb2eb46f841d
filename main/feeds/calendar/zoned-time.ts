import { DAY_US, MINUTE_US, SECOND_US } from '../../../shared/units.ts';
import { dateOfDay, dayNumber } from '../../core/calendar/civil-time.ts';

/** How dates with slashes are to be read: `03/04/2025` is 4 March (`mdy`) or 3 April (`dmy`). */
export type DateOrder = 'mdy' | 'dmy';

const formats = (zone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });

/** A time zone by its IANA name, as the runtime's tables have it. */
export class TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;

  /** @throws RangeError for a name that is not known */
  constructor(name: string) {
    this.name = name;
    this.#format = formats(name);
  }

  /** Offset from UTC at an instant, µs. */
  offsetUs(us: number): number {
    if (this.name === 'UTC') return 0;
    const part = Object.fromEntries(
      this.#format.formatToParts(Math.floor(us / 1000)).map(({ type, value }) => [type, Number(value)]),
    );
    const seconds = part['hour']! * 3600 + part['minute']! * 60 + part['second']!;
    const localUs = dayNumber(part['year']!, part['month']!, part['day']!) * DAY_US + seconds * SECOND_US;
    return localUs - Math.floor(us / SECOND_US) * SECOND_US;
  }

  /**
   * Instant of a local time. One that comes twice is the first; one that a change skips is read with the offset before the
   * change (RFC 5545, 3.3.5).
   */
  instantUs(localUs: number): number {
    const before = this.offsetUs(localUs - DAY_US);
    const after = this.offsetUs(localUs + DAY_US);
    for (const offset of [before, after]) {
      if (this.offsetUs(localUs - offset) === offset) return localUs - offset;
    }
    return localUs - before;
  }
}

/** A zone by name; undefined when the runtime does not know it. */
export function timeZone(name: string): TimeZone | undefined {
  try {
    return new TimeZone(name);
  } catch {
    return undefined;
  }
}

/** A local date and time of day, µs since the epoch as if the zone were UTC; undefined for a date that does not exist. */
function localUs(year: number, month: number, day: number, secondsOfDay = 0): number | undefined {
  const days = dayNumber(year, month, day);
  const date = dateOfDay(days);
  if (date.year !== year || date.month !== month || date.day !== day) return undefined;
  if (!(secondsOfDay >= 0 && secondsOfDay < 86_400)) return undefined;
  return days * DAY_US + Math.round(secondsOfDay * SECOND_US);
}

const ISO_DATE = /^(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?:[T ,]+(.+))?$/;
const SHORT_DATE = /^(\d{1,2})[-./](\d{1,2})[-./](\d{4})(?:[T ,]+(.+))?$/;
const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s*([ap]m)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$/i;
const TIME_OF_HOUR = /^(\d{1,2})\s*([ap]m)$/i;
const ALL_DAY = /^(all[ -]?day|holiday|day \d+)$/i;

/** When something is, and whether its text named a zone of its own. */
export interface ReadInstant {
  readonly us: number;
  readonly zoned: boolean;
}

/**
 * Instant that a calendar writes as text: ISO 8601 with or without zone, `2025.11.07 13:30`, `11/07/2025 8:30am`, seconds or
 * milliseconds since the epoch. A date alone is its first moment.
 * @param zone for times that name none
 * @returns the instant, or why it cannot be read
 */
export function instantOf(text: string, zone: TimeZone, order: DateOrder | undefined): ReadInstant | string {
  const trimmed = text.trim();
  if (/^\d{9,14}(\.\d+)?$/.test(trimmed)) {
    const figure = Number(trimmed);
    return { us: Math.round(figure * (figure >= 100_000_000_000 ? 1000 : SECOND_US)), zoned: true };
  }
  const iso = ISO_DATE.exec(trimmed);
  const short = iso === null ? SHORT_DATE.exec(trimmed) : null;
  if (iso !== null) return instantAt(trimmed, Number(iso[1]), Number(iso[2]), Number(iso[3]), iso[4], zone);
  if (short === null) return `the time "${trimmed}" is not one that is understood; write 2025-11-07 13:30`;
  if (order === undefined) {
    return `the date "${trimmed}" can be read in two ways; say which with --dates dmy or --dates mdy`;
  }
  const [first, second] = [Number(short[1]), Number(short[2])];
  const [month, day] = order === 'mdy' ? [first, second] : [second, first];
  return instantAt(trimmed, Number(short[3]), month, day, short[4], zone);
}

function instantAt(
  text: string,
  year: number,
  month: number,
  day: number,
  time: string | undefined,
  zone: TimeZone,
): ReadInstant | string {
  const clock = time === undefined || ALL_DAY.test(time.trim()) ? { seconds: 0 } : timeOfDay(time.trim());
  if (clock === undefined) return `the time of day "${time}" is not one that is understood; write 13:30`;
  const local = localUs(year, month, day, clock.seconds);
  if (local === undefined) return `"${text}" is no date and time of the calendar`;
  return clock.offsetUs === undefined
    ? { us: zone.instantUs(local), zoned: false }
    : { us: local - clock.offsetUs, zoned: true };
}

function timeOfDay(text: string): { readonly seconds: number; readonly offsetUs?: number } | undefined {
  const short = TIME_OF_HOUR.exec(text);
  const match = short === null ? TIME.exec(text) : [text, short[1], '0', undefined, short[2], undefined];
  if (match === null) return undefined;
  const [, hourText, minuteText, secondText = '0', half, zone] = match;
  let hour = Number(hourText);
  const minute = Number(minuteText);
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  }
  if (hour > 23 || minute > 59 || Number(secondText) >= 60) return undefined;
  const seconds = hour * 3600 + minute * 60 + Number(secondText);
  return zone === undefined ? { seconds } : { seconds, offsetUs: offsetOf(zone) };
}

function offsetOf(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return (match[1] === '-' ? -1 : 1) * minutes * MINUTE_US;
}
