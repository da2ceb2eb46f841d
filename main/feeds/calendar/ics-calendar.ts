import { isCurrency } from './currency-of-country.ts';
import { type Component, componentsOf, type Property, textOf } from './icalendar.ts';
import { impactOf } from './impact-words.ts';
import { CalendarFileError, type EventField, type RawCalendar, type RawEvent, type RefusedRow } from './raw-event.ts';

const DATE_TIME = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$/;
/** `USD: CPI`, `[USD] CPI`, `USD - CPI`. */
const LED_BY_CURRENCY = /^\[?([A-Z]{3})\]?(?:\s*[:\-–|]\s*|\s+)(?=\S)/;

/**
 * Reads the events of an iCalendar stream (RFC 5545): SUMMARY, DTSTART with its zone, impact and currency from CATEGORIES,
 * the impact else from PRIORITY (1-4 high, 5 medium, 6-9 low), the currency else from the start of SUMMARY. Recurring
 * events are refused: calendars of releases name each. @throws CalendarFileError for a file that is no iCalendar
 */
export function readIcsCalendar(text: string): RawCalendar {
  const { components, strayLines } = componentsOf(text);
  if (!components.some(({ name }) => name === 'VCALENDAR'))
    throw new CalendarFileError('the file has no BEGIN:VCALENDAR');
  const zones = new Map(
    components
      .filter(({ name }) => name === 'VTIMEZONE')
      .map((zone) => [plainValue(zone, 'TZID'), zoneOf(zone)] as const),
  );
  const calendar = components.find(({ name }) => name === 'VCALENDAR')!;
  const zone = plainValue(calendar, 'X-WR-TIMEZONE');
  const rows: RawEvent[] = [];
  const refused: RefusedRow[] = strayLines.map((line) => ({ line, reason: 'is no property of an iCalendar' }));
  for (const event of components.filter(({ name }) => name === 'VEVENT')) {
    const read = eventOf(event, zones);
    if (typeof read === 'string') refused.push({ line: event.line, reason: read });
    else rows.push({ line: event.line, fields: read });
  }
  return { rows, refused, ...(zone === undefined ? {} : { zone }) };
}

function eventOf(
  event: Component,
  zones: ReadonlyMap<string | undefined, string | undefined>,
): Partial<Record<EventField, string>> | string {
  if (!event.whole) return 'the event has no END:VEVENT';
  if (plainValue(event, 'STATUS')?.toUpperCase() === 'CANCELLED') return 'the event is cancelled';
  if (propertyOf(event, 'RRULE') !== undefined) return 'the event recurs; events are taken one by one only';
  const start = propertyOf(event, 'DTSTART');
  if (start === undefined) return 'the event has no DTSTART';
  const at = startOf(start.value.trim());
  if (at === undefined) return `DTSTART "${start.value}" is no date and time`;
  const zoneId = start.parameters.get('TZID');
  const zone = zoneId === undefined ? undefined : (zones.get(zoneId) ?? ianaName(zoneId));
  const marks = categoriesOf(event);
  const summary = textOf(propertyOf(event, 'SUMMARY')?.value ?? '');
  const led = LED_BY_CURRENCY.exec(summary);
  const leading = led !== null && isCurrency(led[1]!) ? led[1] : undefined;
  const currency = marks.find(isCurrency) ?? leading;
  const impact = marks.find((mark) => impactOf(mark) !== undefined) ?? impactOfPriority(plainValue(event, 'PRIORITY'));
  return {
    at,
    title: leading === undefined ? summary : summary.slice(led![0].length),
    ...(zone === undefined ? {} : { zone }),
    ...(currency === undefined ? {} : { currency }),
    ...(impact === undefined ? {} : { impact }),
  };
}

/** As `instantOf` reads it. */
function startOf(value: string): string | undefined {
  const match = DATE_TIME.exec(value);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, utc] = match;
  const date = `${year}-${month}-${day}`;
  return hour === undefined ? date : `${date} ${hour}:${minute}:${second === '60' ? '59' : second}${utc}`;
}

function impactOfPriority(text: string | undefined): string | undefined {
  const priority = Number(text ?? 0);
  if (!(priority >= 1 && priority <= 9)) return undefined;
  return priority < 5 ? 'high' : priority === 5 ? 'medium' : 'low';
}

function categoriesOf(event: Component): string[] {
  return event.properties
    .filter(({ name }) => name === 'CATEGORIES')
    .flatMap(({ value }) => value.split(/(?<!\\),/).map(textOf));
}

/** IANA name of a zone that the file defines: as some writers state it, else its own name. */
function zoneOf(zone: Component): string | undefined {
  const stated = plainValue(zone, 'X-LIC-LOCATION') ?? plainValue(zone, 'TZID');
  return stated === undefined ? undefined : ianaName(stated);
}

/** The part of a zone's name that is the IANA one: `/example.org/20240101/Europe/Berlin` ends with it. */
function ianaName(id: string): string {
  const parts = id.split('/').filter((part) => part !== '');
  return parts.length > 2 && id.startsWith('/') ? parts.slice(-2).join('/') : id;
}

function propertyOf(component: Component, name: string): Property | undefined {
  return component.properties.find((property) => property.name === name);
}

function plainValue(component: Component, name: string): string | undefined {
  return propertyOf(component, name)?.value.trim();
}
