import { DAY_US, HOUR_US, MINUTE_US } from '../../../shared/units.ts';
import { dateOfDay, dayNumber, weekday } from '../../core/calendar/civil-time.ts';

const QUARTER_CODES = ['H', 'M', 'U', 'Z'] as const;
/** Days before the last trading day at which volume has moved to the next contract. */
const ROLL_DAYS = 8;

/** A quarterly contract of CME's FX futures. */
export interface ContractMonth {
  /** Month code and last digit of the year: `Z6`. */
  readonly code: string;
  readonly year: number;
  readonly month: number;
  readonly expiresUs: number;
}

/**
 * The quarterly contract that carries the volume at an instant. Last trading day: the second business day before the
 * third Wednesday of March, June, September and December, 9:16 Chicago time (CME Group contract specifications);
 * that is the Monday, holidays aside, which are left aside here.
 */
export function frontContract(us: number): ContractMonth {
  const today = Math.floor(us / DAY_US);
  const { year, month } = dateOfDay(today);
  for (let quarter = Math.floor((month - 1) / 3); ; quarter++) {
    const contractYear = year + Math.floor(quarter / 4);
    const contractMonth = (quarter % 4) * 3 + 3;
    const lastDay = thirdWednesday(contractYear, contractMonth) - 2;
    if (today >= lastDay - ROLL_DAYS) continue;
    return {
      code: `${QUARTER_CODES[quarter % 4]!}${contractYear % 10}`,
      year: contractYear,
      month: contractMonth,
      expiresUs: lastDay * DAY_US + 15 * HOUR_US + 16 * MINUTE_US,
    };
  }
}

function thirdWednesday(year: number, month: number): number {
  const first = dayNumber(year, month, 1);
  return first + ((3 - weekday(first) + 7) % 7) + 14;
}
