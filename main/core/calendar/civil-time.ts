import { DAY_US, HOUR_US } from '../../../shared/units.ts';

/** A date of the proleptic Gregorian calendar. */
export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** Days from 1970-01-01 to a date; months and days beyond their range carry over. Era arithmetic of 400 years. */
export function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

/** The date of a day number. */
export function dateOfDay(days: number): CivilDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  const day = dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** Day of the week of a day number: 0 Sunday to 6 Saturday. */
export function weekday(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}

/** `YYYY-MM-DD` of a day number. */
export function isoDate(days: number): string {
  const { year, month, day } = dateOfDay(days);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** Time zones of the United States that calendars here follow, by their standard offset from UTC. */
const ZONE_OFFSET_HOURS = { chicago: -6, newYork: -5 } as const;
export type UsZone = keyof typeof ZONE_OFFSET_HOURS;

/** First year in which the rule below holds. */
export const US_DAYLIGHT_RULE_SINCE = 2007;

/**
 * Offset from UTC of a zone at an instant, in microseconds. Rule of the Energy Policy Act of 2005, in force since 2007:
 * daylight time from 02:00 on the second Sunday of March to 02:00 on the first Sunday of November.
 */
export function zoneOffsetUs(zone: UsZone, us: number): number {
  const standardUs = ZONE_OFFSET_HOURS[zone] * HOUR_US;
  const { year } = dateOfDay(Math.floor((us + standardUs) / DAY_US));
  const startUs = nthSunday(year, 3, 2) * DAY_US + 2 * HOUR_US - standardUs;
  const endUs = nthSunday(year, 11, 1) * DAY_US + HOUR_US - standardUs;
  return us >= startUs && us < endUs ? standardUs + HOUR_US : standardUs;
}

/** Instant of a local time of day; `minutes` since local midnight. Not for the hours that a change skips or repeats. */
export function localInstantUs(zone: UsZone, days: number, minutes: number): number {
  const localUs = days * DAY_US + minutes * 60_000_000;
  return localUs - zoneOffsetUs(zone, localUs - ZONE_OFFSET_HOURS[zone] * HOUR_US);
}

function nthSunday(year: number, month: number, nth: number): number {
  const first = dayNumber(year, month, 1);
  return first + ((7 - weekday(first)) % 7) + (nth - 1) * 7;
}
