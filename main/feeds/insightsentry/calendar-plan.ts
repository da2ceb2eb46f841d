import type { EconomicEvent } from '../../../shared/economic-calendar.ts';
import { MINUTE_US, SECOND_US } from '../../../shared/units.ts';

/** From so long before an event of high impact to so long after it, its week is asked for often, for what comes of it. */
const BEFORE_US = 2 * MINUTE_US;
const AFTER_US = 5 * MINUTE_US;
const OFTEN_US = 12 * SECOND_US;

/**
 * When the calendar of a week is due again, µs.
 * @param askedUs when it was last asked for; undefined = never
 * @param events of that week
 * @param everyUs how often it is asked for as a rule
 */
export function calendarDueUs(
  nowUs: number,
  askedUs: number | undefined,
  events: readonly EconomicEvent[],
  everyUs: number,
): number {
  if (askedUs === undefined) return nowUs;
  let dueUs = askedUs + everyUs;
  for (const { impact, actual, atUs } of events) {
    if (impact !== 'high' || actual !== null || atUs + AFTER_US < nowUs) continue;
    const nextUs = Math.max(askedUs + OFTEN_US, atUs - BEFORE_US);
    if (nextUs <= atUs + AFTER_US) dueUs = Math.min(dueUs, nextUs);
  }
  return dueUs;
}
