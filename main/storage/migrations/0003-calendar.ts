import type { Kysely } from 'kysely';
import type { SqlDialect } from '../sql-dialect.ts';

/**
 * Events of economic calendars, as each source told them, and headlines. Times are integer microseconds since the epoch;
 * values are texts as the source wrote them.
 */
export async function makeCalendar(db: Kysely<unknown>, { whole, decimal, tableEnd }: SqlDialect): Promise<void> {
  await db.schema
    .createTable('calendar_events')
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('at_us', whole, (column) => column.notNull())
    .addColumn('currency', 'text')
    .addColumn('country', 'text')
    .addColumn('impact', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('forecast', 'text')
    .addColumn('previous', 'text')
    .addColumn('actual', 'text')
    .addColumn('revised_us', whole, (column) => column.notNull())
    .addPrimaryKeyConstraint('calendar_events_key', ['id', 'source'])
    .modifyEnd(tableEnd)
    .execute();
  await db.schema.createIndex('calendar_events_at').on('calendar_events').column('at_us').execute();
  await db.schema
    .createTable('news')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('at_us', whole, (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('link', 'text')
    .addColumn('source', 'text')
    .addColumn('symbols', 'text', (column) => column.notNull())
    .addColumn('sentiment', decimal)
    .addColumn('sentiment_label', 'text')
    .modifyEnd(tableEnd)
    .execute();
  await db.schema.createIndex('news_at').on('news').column('at_us').execute();
}
