/** How a holiday changes the Globex FX session that would end on its date. */
export interface HolidaySession {
  readonly name: string;
  /** Minute of the Chicago day at which trading halts; undefined where the session is not held at all. */
  readonly haltMinute: number | undefined;
  /** False where the date is no trade date of its own: what trades then belongs to the next one. */
  readonly ownTradeDate: boolean;
}

type Observance = Omit<HolidaySession, 'name'>;

const CLOSED: Observance = { haltMinute: undefined, ownTradeDate: false };
/** Trading halts at 12:00 Chicago and resumes at 17:00: United States bank holidays up to 2021. */
const NOON: Observance = { haltMinute: 12 * 60, ownTradeDate: false };
/** Usual hours, but the next trade date: United States bank holidays since 2022. */
const FULL: Observance = { haltMinute: 16 * 60, ownTradeDate: false };
const EARLY_1015: Observance = { haltMinute: 10 * 60 + 15, ownTradeDate: true };
const EARLY_1215: Observance = { haltMinute: 12 * 60 + 15, ownTradeDate: true };

/** First and last year that the table covers. */
export const CME_HOLIDAYS_FROM = 2016;
export const CME_HOLIDAYS_TO = 2027;

/**
 * Holidays of CME Globex FX futures, compiled in November 2026. The authority is CME Group's holiday calendar
 * (cmegroup.com, Trading Hours and Holiday Calendar), which announces each holiday's times shortly before it and may
 * change them. Every row here is derived from rules and none was copied from that publication:
 * - dates follow United States law (nth Mondays, observed Fridays and Mondays) and the computus for Good Friday; New Year's
 *   Day on a Saturday is not observed on the Friday before, Christmas Day is;
 * - hours follow the exchange's pattern: the noon halt on bank holidays until 2021, since 2022 usual hours on them; early
 *   closes at 12:15 on the day after Thanksgiving and Christmas Eve. For the Monday of Martin Luther King Day 2026 a
 *   broker's reprint of the schedule says the same: open from Sunday 17:00, halt Monday 16:00, trade date Tuesday;
 * - Good Friday is closed, except in years when the United States employment report falls on it (2021, 2023, 2026): then
 *   10:15. Whether that morning is a trade date of its own is an assumption.
 * A status record from the exchange overrides all of this.
 */
const ROWS: readonly (readonly [date: string, name: string, observance: Observance])[] = [
  ['2016-01-01', "New Year's Day", CLOSED],
  ['2016-01-18', 'Martin Luther King Day', NOON],
  ['2016-02-15', "Presidents' Day", NOON],
  ['2016-03-25', 'Good Friday', CLOSED],
  ['2016-05-30', 'Memorial Day', NOON],
  ['2016-07-04', 'Independence Day', NOON],
  ['2016-09-05', 'Labor Day', NOON],
  ['2016-11-24', 'Thanksgiving', NOON],
  ['2016-11-25', 'Day after Thanksgiving', EARLY_1215],
  ['2016-12-26', 'Christmas Day', CLOSED],
  ['2017-01-02', "New Year's Day", CLOSED],
  ['2017-01-16', 'Martin Luther King Day', NOON],
  ['2017-02-20', "Presidents' Day", NOON],
  ['2017-04-14', 'Good Friday', CLOSED],
  ['2017-05-29', 'Memorial Day', NOON],
  ['2017-07-04', 'Independence Day', NOON],
  ['2017-09-04', 'Labor Day', NOON],
  ['2017-11-23', 'Thanksgiving', NOON],
  ['2017-11-24', 'Day after Thanksgiving', EARLY_1215],
  ['2017-12-25', 'Christmas Day', CLOSED],
  ['2018-01-01', "New Year's Day", CLOSED],
  ['2018-01-15', 'Martin Luther King Day', NOON],
  ['2018-02-19', "Presidents' Day", NOON],
  ['2018-03-30', 'Good Friday', CLOSED],
  ['2018-05-28', 'Memorial Day', NOON],
  ['2018-07-04', 'Independence Day', NOON],
  ['2018-09-03', 'Labor Day', NOON],
  ['2018-11-22', 'Thanksgiving', NOON],
  ['2018-11-23', 'Day after Thanksgiving', EARLY_1215],
  ['2018-12-24', 'Christmas Eve', EARLY_1215],
  ['2018-12-25', 'Christmas Day', CLOSED],
  ['2019-01-01', "New Year's Day", CLOSED],
  ['2019-01-21', 'Martin Luther King Day', NOON],
  ['2019-02-18', "Presidents' Day", NOON],
  ['2019-04-19', 'Good Friday', CLOSED],
  ['2019-05-27', 'Memorial Day', NOON],
  ['2019-07-04', 'Independence Day', NOON],
  ['2019-09-02', 'Labor Day', NOON],
  ['2019-11-28', 'Thanksgiving', NOON],
  ['2019-11-29', 'Day after Thanksgiving', EARLY_1215],
  ['2019-12-24', 'Christmas Eve', EARLY_1215],
  ['2019-12-25', 'Christmas Day', CLOSED],
  ['2020-01-01', "New Year's Day", CLOSED],
  ['2020-01-20', 'Martin Luther King Day', NOON],
  ['2020-02-17', "Presidents' Day", NOON],
  ['2020-04-10', 'Good Friday', CLOSED],
  ['2020-05-25', 'Memorial Day', NOON],
  ['2020-07-03', 'Independence Day', NOON],
  ['2020-09-07', 'Labor Day', NOON],
  ['2020-11-26', 'Thanksgiving', NOON],
  ['2020-11-27', 'Day after Thanksgiving', EARLY_1215],
  ['2020-12-24', 'Christmas Eve', EARLY_1215],
  ['2020-12-25', 'Christmas Day', CLOSED],
  ['2021-01-01', "New Year's Day", CLOSED],
  ['2021-01-18', 'Martin Luther King Day', NOON],
  ['2021-02-15', "Presidents' Day", NOON],
  ['2021-04-02', 'Good Friday', EARLY_1015],
  ['2021-05-31', 'Memorial Day', NOON],
  ['2021-07-05', 'Independence Day', NOON],
  ['2021-09-06', 'Labor Day', NOON],
  ['2021-11-25', 'Thanksgiving', NOON],
  ['2021-11-26', 'Day after Thanksgiving', EARLY_1215],
  ['2021-12-24', 'Christmas Day', CLOSED],
  ['2022-01-17', 'Martin Luther King Day', FULL],
  ['2022-02-21', "Presidents' Day", FULL],
  ['2022-04-15', 'Good Friday', CLOSED],
  ['2022-05-30', 'Memorial Day', FULL],
  ['2022-06-20', 'Juneteenth', FULL],
  ['2022-07-04', 'Independence Day', FULL],
  ['2022-09-05', 'Labor Day', FULL],
  ['2022-11-24', 'Thanksgiving', FULL],
  ['2022-11-25', 'Day after Thanksgiving', EARLY_1215],
  ['2022-12-26', 'Christmas Day', CLOSED],
  ['2023-01-02', "New Year's Day", CLOSED],
  ['2023-01-16', 'Martin Luther King Day', FULL],
  ['2023-02-20', "Presidents' Day", FULL],
  ['2023-04-07', 'Good Friday', EARLY_1015],
  ['2023-05-29', 'Memorial Day', FULL],
  ['2023-06-19', 'Juneteenth', FULL],
  ['2023-07-04', 'Independence Day', FULL],
  ['2023-09-04', 'Labor Day', FULL],
  ['2023-11-23', 'Thanksgiving', FULL],
  ['2023-11-24', 'Day after Thanksgiving', EARLY_1215],
  ['2023-12-25', 'Christmas Day', CLOSED],
  ['2024-01-01', "New Year's Day", CLOSED],
  ['2024-01-15', 'Martin Luther King Day', FULL],
  ['2024-02-19', "Presidents' Day", FULL],
  ['2024-03-29', 'Good Friday', CLOSED],
  ['2024-05-27', 'Memorial Day', FULL],
  ['2024-06-19', 'Juneteenth', FULL],
  ['2024-07-04', 'Independence Day', FULL],
  ['2024-09-02', 'Labor Day', FULL],
  ['2024-11-28', 'Thanksgiving', FULL],
  ['2024-11-29', 'Day after Thanksgiving', EARLY_1215],
  ['2024-12-24', 'Christmas Eve', EARLY_1215],
  ['2024-12-25', 'Christmas Day', CLOSED],
  ['2025-01-01', "New Year's Day", CLOSED],
  ['2025-01-20', 'Martin Luther King Day', FULL],
  ['2025-02-17', "Presidents' Day", FULL],
  ['2025-04-18', 'Good Friday', CLOSED],
  ['2025-05-26', 'Memorial Day', FULL],
  ['2025-06-19', 'Juneteenth', FULL],
  ['2025-07-04', 'Independence Day', FULL],
  ['2025-09-01', 'Labor Day', FULL],
  ['2025-11-27', 'Thanksgiving', FULL],
  ['2025-11-28', 'Day after Thanksgiving', EARLY_1215],
  ['2025-12-24', 'Christmas Eve', EARLY_1215],
  ['2025-12-25', 'Christmas Day', CLOSED],
  ['2026-01-01', "New Year's Day", CLOSED],
  ['2026-01-19', 'Martin Luther King Day', FULL],
  ['2026-02-16', "Presidents' Day", FULL],
  ['2026-04-03', 'Good Friday', EARLY_1015],
  ['2026-05-25', 'Memorial Day', FULL],
  ['2026-06-19', 'Juneteenth', FULL],
  ['2026-07-03', 'Independence Day', FULL],
  ['2026-09-07', 'Labor Day', FULL],
  ['2026-11-26', 'Thanksgiving', FULL],
  ['2026-11-27', 'Day after Thanksgiving', EARLY_1215],
  ['2026-12-24', 'Christmas Eve', EARLY_1215],
  ['2026-12-25', 'Christmas Day', CLOSED],
  ['2027-01-01', "New Year's Day", CLOSED],
  ['2027-01-18', 'Martin Luther King Day', FULL],
  ['2027-02-15', "Presidents' Day", FULL],
  ['2027-03-26', 'Good Friday', CLOSED],
  ['2027-05-31', 'Memorial Day', FULL],
  ['2027-06-18', 'Juneteenth', FULL],
  ['2027-07-05', 'Independence Day', FULL],
  ['2027-09-06', 'Labor Day', FULL],
  ['2027-11-25', 'Thanksgiving', FULL],
  ['2027-11-26', 'Day after Thanksgiving', EARLY_1215],
  ['2027-12-24', 'Christmas Day', CLOSED],
];

/** Holidays by date, `YYYY-MM-DD`. */
export const CME_FX_HOLIDAYS: ReadonlyMap<string, HolidaySession> = new Map(
  ROWS.map(([date, name, observance]) => [date, { name, ...observance }]),
);
