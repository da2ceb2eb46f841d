/** How much an event is expected to move its currency, least first. `none` also stands where the source says nothing. */
export const IMPACTS = ['none', 'low', 'medium', 'high'] as const;
export type Impact = (typeof IMPACTS)[number];

/** A release, a speech or a holiday of an economic calendar. */
export interface EconomicEvent {
  /** Made by `eventId`: the same event told again has the same id, one that was moved has another. */
  readonly id: string;
  /** Time of the release, µs since the epoch. */
  readonly atUs: number;
  /** ISO 4217 code, or null where the source names none. */
  readonly currency: string | null;
  /** As the source names it, `US`; null where it names none. */
  readonly country: string | null;
  readonly impact: Impact;
  readonly title: string;
  /** Values as the source writes them, or null: units are not always given. */
  readonly forecast: string | null;
  readonly previous: string | null;
  readonly actual: string | null;
  /** Who told it: `insightsentry`, `file week.csv`. */
  readonly source: string;
  /** When that source last told it, µs. */
  readonly revisedUs: number;
}

/** A headline. */
export interface NewsItem {
  readonly id: string;
  /** Time of publication, µs since the epoch. */
  readonly atUs: number;
  readonly title: string;
  readonly link: string | null;
  /** Agency or site, or null where the vendor names none. */
  readonly source: string | null;
  /** Instruments it concerns, by the vendor's names: `FX:EURUSD`. */
  readonly symbols: readonly string[];
  /** Null = not supplied. `value` runs from −1 to +1; `derived` is a score of our own, `vendor` the supplier's. */
  readonly sentiment: { readonly value: number; readonly label: 'vendor' | 'derived' } | null;
}

/** Country (or, without one, currency), time and title: what vendors without ids tell an event by. */
export function eventId(event: Pick<EconomicEvent, 'atUs' | 'currency' | 'country' | 'title'>): string {
  const time = new Date(Math.floor(event.atUs / 1000)).toISOString().replace(':00.000Z', 'Z');
  return `${event.country ?? event.currency ?? ''} ${time} ${event.title}`;
}
