import type { Kysely } from 'kysely';
import type { SqlDialect } from '../sql-dialect.ts';

/**
 * The last batch of every writer. It is noted in the transaction that stores the batch, and batches of a writer come in
 * their order: one that is not beyond the noted number is there already.
 */
export async function makeBatches(db: Kysely<unknown>, { whole, tableEnd }: SqlDialect): Promise<void> {
  await db.schema
    .createTable('batches')
    .addColumn('writer', 'text', (column) => column.primaryKey())
    .addColumn('last', whole, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute();
}
