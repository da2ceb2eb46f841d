import type Database from 'better-sqlite3';
import type { EconomicEvent, Impact, NewsItem } from '../../shared/economic-calendar.ts';
import type { CalendarQuestion, CalendarSpan } from '../core/store-port.ts';
import { transaction } from './sqlite-connection.ts';

const PUT_EVENT = `insert into calendar_events
  (id, source, at_us, currency, country, impact, title, forecast, previous, actual, revised_us)
  values (@id, @source, @atUs, @currency, @country, @impact, @title, @forecast, @previous, @actual, @revisedUs)
  on conflict (id, source) do update set at_us = excluded.at_us, currency = excluded.currency,
    country = excluded.country, impact = excluded.impact, title = excluded.title,
    forecast = coalesce(excluded.forecast, forecast), previous = coalesce(excluded.previous, previous),
    actual = coalesce(excluded.actual, actual), revised_us = excluded.revised_us`;

const PUT_NEWS = `insert into news (id, at_us, title, link, source, symbols, sentiment, sentiment_label)
  values (@id, @atUs, @title, @link, @source, @symbols, @sentiment, @label)
  on conflict (id) do update set at_us = excluded.at_us, title = excluded.title, link = excluded.link,
    source = excluded.source, symbols = excluded.symbols, sentiment = excluded.sentiment,
    sentiment_label = excluded.sentiment_label`;

/** The tables of events and headlines on a connection. */
export class CalendarTables {
  readonly #connection: Database.Database;

  constructor(connection: Database.Database) {
    this.#connection = connection;
  }

  /** Takes in events, in one transaction. @param told as in `Store.calendar` */
  tell(rows: readonly EconomicEvent[], told?: CalendarSpan): void {
    if (rows.length === 0 && told === undefined) return;
    transaction(this.#connection, () => {
      if (told !== undefined) this.#removeMoved(rows, told);
      const put = this.#connection.prepare(PUT_EVENT);
      for (const row of rows) put.run(row);
    });
  }

  #removeMoved(rows: readonly EconomicEvent[], { source, fromUs, toUs }: CalendarSpan): void {
    const kept = new Set(rows.map(({ id }) => id));
    const known = this.#connection
      .prepare<unknown[], { id: string }>(
        'select id from calendar_events where source = ? and at_us >= ? and at_us < ?',
      )
      .all(source, fromUs, toUs);
    const remove = this.#connection.prepare('delete from calendar_events where id = ? and source = ?');
    for (const { id } of known) if (!kept.has(id)) remove.run(id, source);
  }

  /** As `Store.calendarBetween`. */
  between({ fromUs, toUs, impacts, currencies }: CalendarQuestion): EconomicEvent[] {
    const rows = this.#connection
      .prepare<unknown[], EventColumns>(
        'select * from calendar_events where at_us >= ? and at_us < ? order by at_us, revised_us, source',
      )
      .all(fromUs, toUs);
    const events = new Map<string, EconomicEvent>();
    for (const row of rows) events.set(row.id, merged(events.get(row.id), row));
    return Array.from(events.values()).filter(
      ({ impact, currency }) =>
        (impacts === undefined || impacts.includes(impact)) &&
        (currencies === undefined || (currency !== null && currencies.includes(currency))),
    );
  }

  tellNews(rows: readonly NewsItem[]): void {
    if (rows.length === 0) return;
    transaction(this.#connection, () => {
      const put = this.#connection.prepare(PUT_NEWS);
      for (const { symbols, sentiment, ...row } of rows) {
        put.run({
          ...row,
          symbols: JSON.stringify(symbols),
          sentiment: sentiment?.value ?? null,
          label: sentiment?.label ?? null,
        });
      }
    });
  }

  /** Newest first. */
  latestNews(count: number): NewsItem[] {
    const rows = this.#connection
      .prepare<unknown[], NewsColumns>('select * from news order by at_us desc, id limit ?')
      .all(count);
    return rows.map((row) => ({
      id: row.id,
      atUs: row.at_us,
      title: row.title,
      link: row.link,
      source: row.source,
      symbols: JSON.parse(row.symbols) as string[],
      sentiment: row.sentiment_label === null ? null : { value: row.sentiment ?? 0, label: row.sentiment_label },
    }));
  }
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

interface EventColumns {
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

interface NewsColumns {
  readonly id: string;
  readonly at_us: number;
  readonly title: string;
  readonly link: string | null;
  readonly source: string | null;
  readonly symbols: string;
  readonly sentiment: number | null;
  readonly sentiment_label: 'vendor' | 'derived' | null;
}
