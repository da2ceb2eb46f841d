import { isoDate } from './civil-time.ts';
import { CME_GLOBEX_FX, turnDayAt, turnsOf } from './trading-week.ts';

/** A day of market data as it is filed: from 17:00 Chicago time to the next, whatever the market. */
export interface TradingDay {
  /** `2026-11-27`: the date on which it ends in Chicago, which for CME FX is its trade date. */
  readonly date: string;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
}

/** The trading day that holds an instant; a Saturday is one too, for the markets that never close. */
export function tradingDayAt(us: number): TradingDay {
  const { day, fromUs, toUs } = turnDayAt(CME_GLOBEX_FX, us);
  return { date: isoDate(day), fromUs, toUs };
}

/** The trading day of a date `2026-11-27`. */
export function tradingDayOf(date: string): TradingDay {
  const day = Math.round(Date.parse(`${date}T00:00:00Z`) / 86_400_000);
  return { date, ...turnsOf(CME_GLOBEX_FX, day) };
}
