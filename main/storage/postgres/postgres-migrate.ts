import { Kysely, PostgresDialect } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { Pool } from 'pg';
import { refuseNewer } from '../migrations.ts';
import type { PostgresAddress } from './postgres-address.ts';
import { clientConfig } from './postgres-connection.ts';
import { NO_UNICODE } from './postgres-fault.ts';

/** Encodings of databases that hold every text; the second one takes bytes as they are. */
const ENCODINGS = ['UTF8', 'SQL_ASCII'];

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
    const known = await pool.query<{ there: boolean; encoding: string }>(
      "select to_regclass('kysely_migration') is not null as there, getdatabaseencoding() as encoding",
    );
    if (!ENCODINGS.includes(known.rows[0]!.encoding)) {
      throw Object.assign(new Error(known.rows[0]!.encoding), { code: NO_UNICODE });
    }
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
    // It ends the pool only where it had to be asked anything.
    if (!pool.ending) await pool.end();
  }
}
