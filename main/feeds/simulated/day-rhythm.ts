import { DAY_US, HOUR_US, MINUTE_US } from '../../../shared/units.ts';

/**
 * Activity by hour of the UTC day relative to a busy London afternoon: quiet Asia, London from seven, the overlap with New
 * York, then a slow evening. One value per hour, linear in between.
 */
const ACTIVITY = [
  0.35, 0.38, 0.34, 0.3, 0.3, 0.36, 0.6, 1, 1.1, 0.95, 0.85, 0.9, 1.25, 1.5, 1.6, 1.4, 1, 0.75, 0.6, 0.5, 0.35, 0.2,
  0.18, 0.28,
] as const;

/** What demo hours never fall below, whatever the clock says. */
const DEMO_FLOOR = 0.85;

/** Relative activity at an instant. */
export function activityAt(us: number, demoHours: boolean): number {
  const hours = (us % DAY_US) / HOUR_US;
  const hour = Math.floor(hours);
  const here = ACTIVITY[hour]!;
  const activity = here + (ACTIVITY[(hour + 1) % 24]! - here) * (hours - hour);
  return demoHours && activity < DEMO_FLOOR ? DEMO_FLOOR : activity;
}

/** Whether one of the usual release times, 12:30 or 14:00 UTC, lies in (fromUs, toUs]. */
export function releaseTimeWithin(fromUs: number, toUs: number): boolean {
  const day = Math.floor(toUs / DAY_US) * DAY_US;
  return [12 * HOUR_US + 30 * MINUTE_US, 14 * HOUR_US].some((time) => day + time > fromUs && day + time <= toUs);
}
