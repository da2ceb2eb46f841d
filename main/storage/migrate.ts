import type Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { NewerSchemaError } from './store-fault.ts';

/**
 * Runs all migrations that are missing in one transaction: a kill in the middle leaves the old version. Throws
 * NewerSchemaError where the database has migrations that are not among these.
 */
export async function migrate(
  connection: Database.Database,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: connection }) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  connection.exec('begin immediate');
  try {
    const known = connection
      .prepare<unknown[], { n: number }>("select count(*) as n from sqlite_master where name = 'kysely_migration'")
      .get()!;
    const done =
      known.n === 0
        ? []
        : connection
            .prepare<unknown[], { name: string }>('select name from kysely_migration')
            .all()
            .map((row) => row.name);
    const newer = done.find((name) => !(name in migrations));
    if (newer !== undefined) {
      throw new NewerSchemaError(
        `store: the database has the migration ${newer}, which this version does not know; use the newer version, or move the file away.`,
      );
    }
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    connection.exec('commit');
  } catch (error) {
    if (connection.inTransaction) connection.exec('rollback');
    throw error;
  }
}
