/** What a calendar can say of an event, by our names. */
const EVENT_FIELDS = [
  'at',
  'time',
  'zone',
  'title',
  'impact',
  'currency',
  'country',
  'forecast',
  'previous',
  'actual',
] as const;
export type EventField = (typeof EVENT_FIELDS)[number];

/** An event as a file has it: texts, none of them looked at. */
export interface RawEvent {
  /** Where it begins in the file, counted from 1: a line, or in JSON an item. */
  readonly line: number;
  readonly fields: Partial<Record<EventField, string>>;
}

/** A row that was not taken. */
export interface RefusedRow {
  readonly line: number;
  readonly reason: string;
}

/** The rows of a file, before their texts are looked at. */
export interface RawCalendar {
  readonly rows: readonly RawEvent[];
  readonly refused: readonly RefusedRow[];
  /** Zone that the file gives for its times without one. */
  readonly zone?: string;
}

/** A file that is no calendar as a whole. */
export class CalendarFileError extends Error {
  override readonly name = 'CalendarFileError';
}

const NAMES: Readonly<Record<EventField, readonly string[]>> = {
  at: [
    'start',
    'date',
    'datetime',
    'dateutc',
    'dtstart',
    'starttime',
    'startdate',
    'timestamp',
    'when',
    'releasedate',
    'at',
  ],
  time: ['time', 'timeofday', 'hour', 'releasetime'],
  zone: ['zone', 'timezone', 'tz'],
  title: ['name', 'title', 'event', 'eventname', 'indicator', 'summary', 'description'],
  impact: ['impact', 'importance', 'volatility', 'priority', 'stars'],
  currency: ['currency', 'ccy', 'symbol', 'currencycode'],
  country: ['country', 'countrycode', 'region', 'economy'],
  forecast: ['forecast', 'consensus', 'estimate', 'expected'],
  previous: ['previous', 'prev', 'prior'],
  actual: ['actual', 'value', 'result'],
};

const FIELD_OF = new Map(EVENT_FIELDS.flatMap((field) => NAMES[field].map((name) => [name, field] as const)));
const RANK = new Map(EVENT_FIELDS.flatMap((field) => NAMES[field].map((name, rank) => [name, rank] as const)));

/**
 * Which of a file's names stand for which field, in any order and spelling (`Start Time`, `start_time`). Where several stand
 * for one, the most usual wins.
 */
export function fieldsOfNames(names: readonly string[]): ReadonlyMap<string, EventField> {
  const best = new Map<EventField, { name: string; rank: number }>();
  for (const name of names) {
    const plain = name
      .toLowerCase()
      .replace(/\(.*\)/, '')
      .replace(/[^a-z]/g, '');
    const field = FIELD_OF.get(plain);
    if (field === undefined) continue;
    const rank = RANK.get(plain)!;
    const held = best.get(field);
    if (held === undefined || rank < held.rank) best.set(field, { name, rank });
  }
  // A lone `Time` holds date and time.
  const time = best.get('time');
  if (time !== undefined && !best.has('at')) {
    best.delete('time');
    best.set('at', time);
  }
  return new Map(Array.from(best, ([field, { name }]) => [name, field] as const));
}
