import type Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { refuseNewer } from '../migrations.ts';

/**
 * Runs all migrations that are missing in one transaction: a kill in the middle leaves the old version. Throws
 * NewerSchemaError where the database has migrations that are not among these.
 */
export async function migrateSqlite(
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
    refuseNewer(done, migrations);
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    connection.exec('commit');
  } catch (error) {
    if (connection.inTransaction) connection.exec('rollback');
    throw error;
  }
}
