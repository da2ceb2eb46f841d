import type { Client } from 'pg';
import { LiveClock } from '../../core/clock/live-clock.ts';
import type { KeepDays } from '../../core/store-port.ts';
import { StoreError } from '../../core/store-port.ts';
import { MIGRATION_NAMES, migrationsFor } from '../migrations.ts';
import type { PostgresAddress } from '../postgres/postgres-address.ts';
import { connectPostgres } from '../postgres/postgres-connection.ts';
import { placeOf, postgresRefusal } from '../postgres/postgres-fault.ts';
import { migratePostgres } from '../postgres/postgres-migrate.ts';
import { setupPostgres } from '../postgres/postgres-setup.ts';
import { prunePostgres } from '../postgres/prune.ts';
import { POSTGRES } from '../sql-dialect.ts';
import type { PruneReport } from '../tables/retention.ts';
import { cellParser, postgresQueryRows, postgresTableRows } from './postgres-rows.ts';
import { postgresSizes } from './postgres-sizes.ts';
import type { RowStream, RowsQuestion } from './row-stream.ts';
import {
  ACTIVE_INSTRUMENTS,
  MAPPINGS,
  type MappingColumns,
  mappingsOf,
  medianMs,
  noTables,
  type StoreAdmin,
  type StoreCheck,
  type TableSize,
} from './store-admin.ts';

const SERVER = `select 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1)
    || coalesce((select ', TimescaleDB ' || extversion || case current_setting('timescaledb.license', true)
      when 'apache' then ' (Apache)' else ' (community)' end
    from pg_extension where extname = 'timescaledb'), '') as server`;

/** A Postgres database as its keeper works with it. */
export class PostgresAdmin implements StoreAdmin {
  readonly place: string;
  readonly #address: PostgresAddress;
  /** The connection that streams rows. */
  #reader: Client | undefined;

  constructor(address: PostgresAddress) {
    this.place = placeOf(address);
    this.#address = address;
  }

  async setup(): Promise<readonly string[]> {
    return this.#inWords(async () => (await setupPostgres(this.#address)).words);
  }

  async migrate(): Promise<readonly string[]> {
    return this.#inWords(() => migratePostgres(this.#address, migrationsFor(POSTGRES)));
  }

  async check(): Promise<StoreCheck> {
    return this.#connected(async (client) => {
      const { rows: versions } = await client.query<{ server: string }>(SERVER);
      const missingMigrations = await this.#missing(client);
      if (missingMigrations.length === MIGRATION_NAMES.length) throw new StoreError(noTables(this.place));
      const clock = new LiveClock();
      const latencyMs = await medianMs(async () => {
        const startedUs = clock.monotonicUs();
        await client.query('select 1');
        return (clock.monotonicUs() - startedUs) / 1000;
      });
      await writeAndTakeBack(client);
      const { rows: instruments } = await client.query<StoreCheck['instruments'][number]>(ACTIVE_INSTRUMENTS);
      const { rows: mappings } = await client.query<MappingColumns>(MAPPINGS);
      const { server } = versions[0]!;
      return { server, latencyMs, missingMigrations, instruments, mappings: mappingsOf(mappings) };
    });
  }

  async sizes(): Promise<readonly TableSize[]> {
    return this.#connected(async (client) => {
      await this.#mustHaveTables(client);
      return postgresSizes(client);
    });
  }

  async prune(keep: KeepDays, nowUs: number, dryRun: boolean): Promise<PruneReport> {
    return this.#connected(async (client) => {
      await this.#mustHaveTables(client);
      return prunePostgres(client, keep, nowUs, dryRun);
    });
  }

  async rows(question: RowsQuestion): Promise<RowStream> {
    return this.#inWords(async () => {
      const changes = { types: { getTypeParser: cellParser as never } };
      this.#reader ??= await connectPostgres(this.#address, () => undefined, changes);
      await this.#reader.query("set time zone 'UTC'");
      const stream =
        question.ask === 'table'
          ? await postgresTableRows(this.#reader, question)
          : await postgresQueryRows(this.#reader, question.text);
      return { ...stream, batches: this.#inWordsEach(stream.batches) };
    });
  }

  async close(): Promise<void> {
    await this.#reader?.end().catch(() => undefined);
    this.#reader = undefined;
  }

  async #missing(client: Client): Promise<readonly string[]> {
    const { rows } = await client.query<{ known: boolean }>(
      "select to_regclass('kysely_migration') is not null as known",
    );
    const done = rows[0]!.known ? (await client.query<{ name: string }>('select name from kysely_migration')).rows : [];
    const names = new Set(done.map(({ name }) => name));
    return MIGRATION_NAMES.filter((name) => !names.has(name));
  }

  async #mustHaveTables(client: Client): Promise<void> {
    const missing = await this.#missing(client);
    if (missing.length === MIGRATION_NAMES.length) throw new StoreError(noTables(this.place));
    if (missing.length > 0) {
      throw new StoreError(`${this.place}: ${missing.length} migrations are missing. \`fathom db migrate\` runs them.`);
    }
  }

  #connected<T>(work: (client: Client) => Promise<T>): Promise<T> {
    return this.#inWords(async () => {
      const client = await connectPostgres(this.#address, () => undefined);
      try {
        return await work(client);
      } finally {
        await client.end().catch(() => undefined);
      }
    });
  }

  async #inWords<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new StoreError(postgresRefusal(error, this.#address));
    }
  }

  async *#inWordsEach(batches: RowStream['batches']): RowStream['batches'] {
    try {
      yield* batches;
    } catch (error) {
      throw new StoreError(postgresRefusal(error, this.#address));
    }
  }
}

async function writeAndTakeBack(client: Client): Promise<void> {
  await client.query('begin');
  try {
    await client.query("insert into meta (name, value) values ('trial', 'written')");
    const { rowCount } = await client.query("select value from meta where name = 'trial'");
    if (rowCount !== 1) throw new StoreError('what was written could not be read back');
  } finally {
    await client.query('rollback');
  }
}
