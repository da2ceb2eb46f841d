import type { Client } from 'pg';
import type { EconomicEvent, NewsItem } from '../../../shared/economic-calendar.ts';
import type { CalendarQuestion } from '../../core/store-port.ts';
import { type EventColumns, eventsOf, type NewsColumns, newsOf, ON_TOLD_AGAIN } from '../calendar-rows.ts';
import type { CalendarTelling } from '../store-batch.ts';
import { parameter } from './postgres-rows.ts';

const PUT_EVENT = `insert into calendar_events
  (id, source, at_us, currency, country, impact, title, forecast, previous, actual, revised_us)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ${ON_TOLD_AGAIN}`;

/** Takes in events, within the transaction of the connection. */
export async function tellEvents(client: Client, { rows, told }: CalendarTelling): Promise<void> {
  if (told !== undefined) {
    await client.query(
      'delete from calendar_events where source = $1 and at_us >= $2 and at_us < $3 and not id = any($4::text[])',
      [told.source, told.fromUs, told.toUs, rows.map(({ id }) => id)],
    );
  }
  for (const row of rows) {
    const { id, source, atUs, currency, country, impact, title, forecast, previous, actual, revisedUs } = row;
    const values = [id, source, atUs, currency, country, impact, title, forecast, previous, actual, revisedUs];
    await client.query({ name: 'put-event', text: PUT_EVENT, values: values.map(parameter) });
  }
}

/** As `Store.calendarBetween`. */
export async function eventsBetween(client: Client, question: CalendarQuestion): Promise<EconomicEvent[]> {
  const { rows } = await client.query<EventColumns>(
    'select * from calendar_events where at_us >= $1 and at_us < $2 order by at_us, revised_us, source collate "C"',
    [question.fromUs, question.toUs],
  );
  return eventsOf(rows, question);
}

/** Newest first. */
export async function latestNews(client: Client, count: number): Promise<NewsItem[]> {
  const { rows } = await client.query<NewsColumns>('select * from news order by at_us desc, id collate "C" limit $1', [
    count,
  ]);
  return rows.map(newsOf);
}
