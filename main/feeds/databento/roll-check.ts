import { MINUTE_US } from '../../../shared/units.ts';
import type { SessionCalendar } from '../../core/calendar/session-calendar.ts';

/** Symbols are resolved so long before trading starts again. */
const LEAD_US = 30 * MINUTE_US;
/** Changes of phase looked through; a week of holidays has fewer. */
const MOST_PHASES = 60;

/**
 * When continuous symbols are to be resolved again: half an hour before the next opening, so once in each daily break and
 * once before a week begins. The gateway resolves them only when a session subscribes.
 * @returns an instant after `us`, or undefined where the calendar knows no next opening
 */
export function nextRollCheckUs(calendar: SessionCalendar, us: number): number | undefined {
  let at = us;
  for (let phases = 0; phases < MOST_PHASES; phases++) {
    const { phase, changesUs } = calendar.sessionAt(at);
    if (changesUs === 0) return undefined;
    const opens = phase !== 'open' && calendar.sessionAt(changesUs).phase === 'open';
    if (opens && changesUs - LEAD_US > us) return changesUs - LEAD_US;
    at = changesUs;
  }
  return undefined;
}
