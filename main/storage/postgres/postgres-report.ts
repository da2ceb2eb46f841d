import { MIGRATION_NAMES } from '../migrations.ts';
import type { PostgresAddress } from './postgres-address.ts';
import { connectPostgres } from './postgres-connection.ts';
import { placeOf, postgresFaultOf } from './postgres-fault.ts';

/** What there is to say about a Postgres database. */
export interface PostgresReport {
  /** Where it is; never with the password. */
  readonly place: string;
  readonly serverVersion: string;
  readonly bytes: number;
  /** Migrations that will run at the next start. */
  readonly missingMigrations: readonly string[];
  /** Why it can't be used, and what to try; empty when nothing is wrong. */
  readonly trouble: string;
}

/** Looks at a Postgres database; makes and changes nothing. */
export async function reportPostgres(address: PostgresAddress): Promise<PostgresReport> {
  const place = placeOf(address);
  try {
    const client = await connectPostgres(address, () => undefined);
    try {
      const facts = await client.query<{ version: string; bytes: number; known: boolean }>(
        `select current_setting('server_version') as version, pg_database_size(current_database()) as bytes,
         to_regclass('kysely_migration') is not null as known`,
      );
      const { version, bytes, known } = facts.rows[0]!;
      const done = known ? (await client.query<{ name: string }>('select name from kysely_migration')).rows : [];
      const names = new Set(done.map(({ name }) => name));
      const missingMigrations = MIGRATION_NAMES.filter((name) => !names.has(name));
      return { place, serverVersion: version, bytes, missingMigrations, trouble: '' };
    } finally {
      await client.end();
    }
  } catch (error) {
    const { words } = postgresFaultOf(error, address);
    return { place, serverVersion: '', bytes: 0, missingMigrations: [], trouble: words };
  }
}
