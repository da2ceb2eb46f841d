import type { Client } from 'pg';
import type { CalendarTelling } from '../store-batch.ts';
import { ON_TOLD_AGAIN } from '../tables/calendar-rows.ts';
import { parameter } from './postgres-rows.ts';

const PUT_EVENT = `insert into iss_econ_calendar
  (id, source, at_us, currency, country, impact, title, forecast, previous, actual, revised_us)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ${ON_TOLD_AGAIN}`;

/** Takes in events, within the transaction of the connection. */
export async function tellEvents(client: Client, { rows, told }: CalendarTelling): Promise<void> {
  if (told !== undefined) {
    await client.query(
      'delete from iss_econ_calendar where source = $1 and at_us >= $2 and at_us < $3 and not id = any($4::text[])',
      [told.source, told.fromUs, told.toUs, rows.map(({ id }) => id)],
    );
  }
  for (const row of rows) {
    const { id, source, atUs, currency, country, impact, title, forecast, previous, actual, revisedUs } = row;
    const values = [id, source, atUs, currency, country, impact, title, forecast, previous, actual, revisedUs];
    await client.query({ name: 'put-event', text: PUT_EVENT, values: values.map(parameter) });
  }
}
