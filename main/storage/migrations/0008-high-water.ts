import type { Kysely } from 'kysely';
import type { SqlDialect } from '../sql-dialect.ts';

/**
 * Up to which receive time a run of the engine has stored rows of an instrument in a table. A run that goes on from a
 * checkpoint sees some moments again that the one before it had stored.
 */
export async function makeHighWater(db: Kysely<unknown>, { whole, tableEnd }: SqlDialect): Promise<void> {
  await db.schema
    .createTable('high_water')
    .addColumn('instrument_id', whole, (column) => column.notNull())
    .addColumn('table_name', 'text', (column) => column.notNull())
    .addColumn('local_receive_us', whole, (column) => column.notNull())
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('high_water_key', ['instrument_id', 'table_name'])
    .modifyEnd(tableEnd)
    .execute();
}
