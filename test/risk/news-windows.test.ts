import { expect, test } from 'vitest';
import { newsWindows } from '../../main/risk/news-windows.ts';
import type { EconomicEvent, Impact } from '../../shared/economic-calendar.ts';

/** Friday 2025-11-07 13:30 UTC. */
const PAYROLLS_US = Date.UTC(2025, 10, 7, 13, 30) * 1000;

function event(title: string, impact: Impact, currency: string | null = 'USD'): EconomicEvent {
  return {
    ...{ id: `id of ${title}`, atUs: PAYROLLS_US, currency, country: 'US', impact, title, forecast: null },
    ...{ previous: null, actual: null, source: 'test', revisedUs: 0 },
  };
}

test('releases of high impact have a window, from before them until after', () => {
  const events = [event('Non-Farm Payrolls', 'high'), event('Wholesale Trade', 'low'), event('Summit', 'high', null)];
  expect(newsWindows(events, { beforeMinutes: 2, afterMinutes: 10 })).toEqual([
    {
      ...{ id: 'id of Non-Farm Payrolls', eventId: 'id of Non-Farm Payrolls', currency: 'USD', effect: 'warn' },
      ...{ fromUs: PAYROLLS_US - 120_000_000, toUs: PAYROLLS_US + 600_000_000, reason: 'USD Non-Farm Payrolls' },
    },
    {
      ...{ id: 'id of Summit', eventId: 'id of Summit', currency: null, effect: 'warn' },
      ...{ fromUs: PAYROLLS_US - 120_000_000, toUs: PAYROLLS_US + 600_000_000, reason: 'Summit' },
    },
  ]);
});
