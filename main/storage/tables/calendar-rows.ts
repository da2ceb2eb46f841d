import type { EconomicEvent, Impact, NewsItem } from '../../../shared/economic-calendar.ts';
import type { CalendarQuestion } from '../../core/store-port.ts';
import type { TableRow } from './table-rows.ts';

/** What one source told of an event, as it is read. */
export interface EventColumns {
  readonly id: string;
  readonly source: string;
  readonly at_us: number;
  readonly currency: string | null;
  readonly country: string | null;
  readonly impact: Impact;
  readonly title: string;
  readonly forecast: string | null;
  readonly previous: string | null;
  readonly actual: string | null;
  readonly revised_us: number;
}

/** A headline as it is read. */
export interface NewsColumns {
  readonly id: string;
  readonly at_us: number;
  readonly title: string;
  readonly link: string | null;
  readonly source: string | null;
  readonly symbols: string;
  readonly sentiment: number | null;
  readonly sentiment_label: 'vendor' | 'derived' | null;
}

export const NEWS_COLUMNS: readonly (keyof NewsColumns)[] = [
  'id',
  'at_us',
  'title',
  'link',
  'source',
  'symbols',
  'sentiment',
  'sentiment_label',
];

/** A source's later word on an event takes no value away that its earlier one gave. */
export const ON_TOLD_AGAIN = `on conflict (id, source) do update set at_us = excluded.at_us, currency = excluded.currency,
  country = excluded.country, impact = excluded.impact, title = excluded.title,
  forecast = coalesce(excluded.forecast, iss_econ_calendar.forecast),
  previous = coalesce(excluded.previous, iss_econ_calendar.previous),
  actual = coalesce(excluded.actual, iss_econ_calendar.actual), revised_us = excluded.revised_us`;

/** Events of rows in the order of time, then of their revisions: each once, where impact and currency are asked for. */
export function eventsOf(rows: readonly EventColumns[], { impacts, currencies }: CalendarQuestion): EconomicEvent[] {
  const events = new Map<string, EconomicEvent>();
  for (const row of rows) events.set(row.id, merged(events.get(row.id), row));
  return Array.from(events.values()).filter(
    ({ impact, currency }) =>
      (impacts === undefined || impacts.includes(impact)) &&
      (currencies === undefined || (currency !== null && currencies.includes(currency))),
  );
}

export function newsRow(item: NewsItem): TableRow {
  return {
    id: item.id,
    at_us: item.atUs,
    title: item.title,
    link: item.link,
    source: item.source,
    symbols: JSON.stringify(item.symbols),
    sentiment: item.sentiment?.value ?? null,
    sentiment_label: item.sentiment?.label ?? null,
  };
}

export function newsOf(row: NewsColumns): NewsItem {
  return {
    id: row.id,
    atUs: row.at_us,
    title: row.title,
    link: row.link,
    source: row.source,
    symbols: JSON.parse(row.symbols) as string[],
    sentiment: row.sentiment_label === null ? null : { value: row.sentiment ?? 0, label: row.sentiment_label },
  };
}

/** A later word on an event, over an earlier one. */
function merged(earlier: EconomicEvent | undefined, row: EventColumns): EconomicEvent {
  return {
    id: row.id,
    atUs: row.at_us,
    currency: row.currency ?? earlier?.currency ?? null,
    country: row.country ?? earlier?.country ?? null,
    impact: row.impact,
    title: row.title,
    forecast: row.forecast ?? earlier?.forecast ?? null,
    previous: row.previous ?? earlier?.previous ?? null,
    actual: row.actual ?? earlier?.actual ?? null,
    source: row.source,
    revisedUs: row.revised_us,
  };
}
