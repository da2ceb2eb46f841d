import { Kysely, PostgresDialect } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { Pool } from 'pg';
import { refuseNewer } from '../migrations.ts';
import type { PostgresAddress } from './postgres-address.ts';
import { clientConfig } from './postgres-connection.ts';

/**
 * Runs all migrations that are missing in one transaction, under a lock: of two programs that start at once, one waits.
 * Throws NewerSchemaError where the database has migrations that are not among these.
 * @returns names of those that ran
 */
export async function migratePostgres(
  address: PostgresAddress,
  migrations: Readonly<Record<string, Migration>>,
): Promise<readonly string[]> {
  const pool = new Pool({ ...clientConfig(address), max: 1 });
  pool.on('error', () => undefined);
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const known = await pool.query<{ there: boolean }>("select to_regclass('kysely_migration') is not null as there");
    if (known.rows[0]!.there) {
      const done = await pool.query<{ name: string }>('select name from kysely_migration');
      const names = done.rows.map(({ name }) => name);
      refuseNewer(names, migrations);
      if (Object.keys(migrations).every((name) => names.includes(name))) return [];
    }
    const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    return results.map(({ migrationName }) => migrationName);
  } finally {
    await db.destroy();
  }
}
