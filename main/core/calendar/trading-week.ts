import type { SessionPhase } from '../../../shared/sessions.ts';
import { DAY_US, MINUTE_US } from '../../../shared/units.ts';
import {
  dateOfDay,
  isoDate,
  localInstantUs,
  US_DAYLIGHT_RULE_SINCE,
  type UsZone,
  weekday,
  zoneOffsetUs,
} from './civil-time.ts';
import { CME_FX_HOLIDAYS, CME_HOLIDAYS_FROM, CME_HOLIDAYS_TO, type HolidaySession } from './cme-holidays.ts';

/** Local minute at which trade dates turn and sessions open. */
const TURN_MINUTE = 17 * 60;

/** The rules of a market that trades from Sunday to Friday, with trade dates that turn at 17:00 local time. */
export interface WeekRules {
  readonly zone: UsZone;
  /** Local minute at which a session ends that no holiday shortens; equal to the turn when there is no daily break. */
  readonly closeMinute: number;
  readonly holidays: ReadonlyMap<string, HolidaySession>;
  readonly fromYear: number;
  readonly toYear: number;
}

/** CME Globex FX: Sunday 17:00 to Friday 16:00 Chicago, break 16:00 to 17:00. Source: CME Group contract specifications. */
export const CME_GLOBEX_FX: WeekRules = {
  zone: 'chicago',
  closeMinute: 16 * 60,
  holidays: CME_FX_HOLIDAYS,
  fromYear: CME_HOLIDAYS_FROM,
  toYear: CME_HOLIDAYS_TO,
};

/**
 * Spot FX: Sunday 17:00 to Friday 17:00 New York, the convention of the interbank market. It has no exchange and no
 * holiday table: some dealers stop on Christmas and New Year's Day, and stale quotes show it then.
 */
export const FX_SPOT: WeekRules = {
  zone: 'newYork',
  closeMinute: TURN_MINUTE,
  holidays: new Map(),
  fromYear: US_DAYLIGHT_RULE_SINCE,
  toYear: Number.POSITIVE_INFINITY,
};

/** A stretch of time in which neither phase nor trade date changes. */
export interface Stretch {
  readonly phase: SessionPhase;
  readonly fromUs: number;
  readonly toUs: number;
  /** Day number of the trade date. */
  readonly tradeDay: number;
  readonly holiday: string | undefined;
}

/** The 24 hours, but for clock changes, from one turn of the trade date to the next. */
export interface TurnDay {
  /** Day number: Sunday 17:00 to Monday 17:00 local time is Monday. */
  readonly day: number;
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
}

/** The day from turn to turn that holds an instant, weekends included. */
export function turnDayAt(rules: WeekRules, us: number): TurnDay {
  const day = turnDayOf(rules, us);
  return { day, ...turnsOf(rules, day) };
}

/** From which instant to which a day lasts, from turn to turn. */
export function turnsOf(rules: WeekRules, day: number): Omit<TurnDay, 'day'> {
  return {
    fromUs: localInstantUs(rules.zone, day - 1, TURN_MINUTE),
    toUs: localInstantUs(rules.zone, day, TURN_MINUTE),
  };
}

/** The local day whose 24 hours from turn to turn hold the instant: Sunday 17:00 to Monday 17:00 is Monday. */
function turnDayOf(rules: WeekRules, us: number): number {
  const localUs = us + zoneOffsetUs(rules.zone, us);
  return Math.floor((localUs + DAY_US - TURN_MINUTE * MINUTE_US) / DAY_US);
}

/** The stretch that holds an instant. */
export function stretchAt(rules: WeekRules, us: number): Stretch {
  const day = turnDayOf(rules, us);
  const { fromUs: opensUs, toUs: turnsUs } = turnsOf(rules, day);
  const tradeDay = tradeDayOf(rules, day);
  const whole = (phase: SessionPhase, holiday?: string): Stretch => ({
    phase,
    fromUs: opensUs,
    toUs: turnsUs,
    tradeDay,
    holiday,
  });
  if (!covers(rules, day)) return whole('unknown');
  if (isWeekend(day)) return whole('closed');
  const holiday = rules.holidays.get(isoDate(day));
  if (holiday !== undefined && holiday.haltMinute === undefined) return whole('holiday', holiday.name);
  const closesUs = localInstantUs(rules.zone, day, holiday?.haltMinute ?? rules.closeMinute);
  if (us < closesUs) return { phase: 'open', fromUs: opensUs, toUs: closesUs, tradeDay, holiday: holiday?.name };
  const halted = holiday?.haltMinute !== undefined && holiday.haltMinute < rules.closeMinute;
  const phase = halted ? 'holiday' : weekday(day) === 5 ? 'closed' : 'break';
  return { phase, fromUs: closesUs, toUs: turnsUs, tradeDay, holiday: halted ? holiday.name : undefined };
}

/** First opening of a trade date: it may lie days before the date where holidays come between. */
export function tradeDateOpensUs(rules: WeekRules, tradeDay: number): number {
  let first = tradeDay;
  for (let day = tradeDay - 1; tradeDayOf(rules, day) === tradeDay; day--) {
    if (!isWeekend(day) && rules.holidays.get(isoDate(day))?.haltMinute !== undefined) first = day;
  }
  return localInstantUs(rules.zone, first - 1, TURN_MINUTE);
}

function tradeDayOf(rules: WeekRules, day: number): number {
  let candidate = day;
  while (isWeekend(candidate) || rules.holidays.get(isoDate(candidate))?.ownTradeDate === false) candidate++;
  return candidate;
}

function isWeekend(day: number): boolean {
  const name = weekday(day);
  return name === 0 || name === 6;
}

function covers(rules: WeekRules, day: number): boolean {
  const { year } = dateOfDay(day);
  return year >= rules.fromYear && year <= rules.toYear;
}
