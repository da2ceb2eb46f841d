import type { EconomicEvent } from '../../shared/economic-calendar.ts';
import { MINUTE_US } from '../../shared/units.ts';
import type { NewsGate } from '../core/store-port.ts';

/** How long before and after a release its window lasts. */
export interface NewsWindowLength {
  readonly beforeMinutes: number;
  readonly afterMinutes: number;
}

/** The windows around releases of high impact: what was traded in one is looked at as such. They warn, and block nothing. */
export function newsWindows(
  events: readonly EconomicEvent[],
  { beforeMinutes, afterMinutes }: NewsWindowLength,
): readonly NewsGate[] {
  return events
    .filter(({ impact }) => impact === 'high')
    .map(({ id, atUs, currency, title }) => ({
      id,
      eventId: id,
      currency,
      fromUs: atUs - beforeMinutes * MINUTE_US,
      toUs: atUs + afterMinutes * MINUTE_US,
      effect: 'warn',
      reason: currency === null ? title : `${currency} ${title}`,
    }));
}
