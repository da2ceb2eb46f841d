import type Database from 'better-sqlite3';
import type { EconomicEvent, NewsItem } from '../../../shared/economic-calendar.ts';
import type { CalendarQuestion, CalendarSpan } from '../../core/store-port.ts';
import {
  type EventColumns,
  eventsOf,
  NEWS_COLUMNS,
  type NewsColumns,
  newsOf,
  newsRow,
  ON_TOLD_AGAIN,
} from '../tables/calendar-rows.ts';
import { storableRow } from '../tables/storable.ts';
import { onConflict } from '../tables/table-rows.ts';
import { transaction } from './sqlite-connection.ts';

const PUT_EVENT = `insert into iss_econ_calendar
  (id, source, at_us, currency, country, impact, title, forecast, previous, actual, revised_us)
  values (@id, @source, @atUs, @currency, @country, @impact, @title, @forecast, @previous, @actual, @revisedUs) ${ON_TOLD_AGAIN}`;

const PUT_NEWS = `insert into iss_news (${NEWS_COLUMNS.join(', ')})
  values (${NEWS_COLUMNS.map((column) => `@${column}`).join(', ')}) ${onConflict('iss_news', NEWS_COLUMNS)}`;

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
      for (const row of rows) put.run(storableRow({ ...row }));
    });
  }

  #removeMoved(rows: readonly EconomicEvent[], { source, fromUs, toUs }: CalendarSpan): void {
    const kept = new Set(rows.map(({ id }) => id));
    const known = this.#connection
      .prepare<unknown[], { id: string }>(
        'select id from iss_econ_calendar where source = ? and at_us >= ? and at_us < ?',
      )
      .all(source, fromUs, toUs);
    const remove = this.#connection.prepare('delete from iss_econ_calendar where id = ? and source = ?');
    for (const { id } of known) if (!kept.has(id)) remove.run(id, source);
  }

  /** As `Store.calendarBetween`. */
  between(question: CalendarQuestion): EconomicEvent[] {
    const rows = this.#connection
      .prepare<unknown[], EventColumns>(
        'select * from iss_econ_calendar where at_us >= ? and at_us < ? order by at_us, revised_us, source',
      )
      .all(question.fromUs, question.toUs);
    return eventsOf(rows, question);
  }

  tellNews(rows: readonly NewsItem[]): void {
    if (rows.length === 0) return;
    transaction(this.#connection, () => {
      const put = this.#connection.prepare(PUT_NEWS);
      for (const row of rows) put.run(storableRow(newsRow(row)));
    });
  }

  /** Newest first. */
  latestNews(count: number): NewsItem[] {
    const rows = this.#connection
      .prepare<unknown[], NewsColumns>('select * from iss_news order by at_us desc, id limit ?')
      .all(count);
    return rows.map(newsOf);
  }
}
