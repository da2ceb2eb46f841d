import { type EconomicEvent, eventId } from '../../shared/economic-calendar.ts';

/** 2025-11-07 12:00 UTC. */
export const NOON = Date.UTC(2025, 10, 7, 12) * 1000;
export const HOUR = 3_600_000_000;

export function calendarEvent(hour: number, title: string, more: Partial<EconomicEvent> = {}): EconomicEvent {
  const row = {
    atUs: NOON + hour * HOUR,
    currency: 'USD',
    country: 'US',
    impact: 'high' as const,
    title,
    forecast: null,
    previous: null,
    actual: null,
    source: 'insightsentry',
    revisedUs: NOON,
    ...more,
  };
  return { id: eventId(row), ...row };
}
