import { Client, escapeIdentifier } from 'pg';
import { StoreError } from '../../core/store-port.ts';
import { migrationsFor } from '../migrations.ts';
import { POSTGRES } from '../sql-dialect.ts';
import {
  editionOfLicense,
  LICENSE_QUESTION,
  type LicenseColumns,
  type TimescaleEdition,
} from '../timescale-edition.ts';
import type { PostgresAddress } from './postgres-address.ts';
import { clientConfig, connectPostgres } from './postgres-connection.ts';
import { placeOf } from './postgres-fault.ts';
import { migratePostgres } from './postgres-migrate.ts';

/** What setting up did, in sentences, and what is there now. */
export interface SetupReport {
  readonly edition: TimescaleEdition;
  readonly words: readonly string[];
}

const NO_DATABASE = '3D000';
const NO_RIGHT = '42501';
/** Databases that every server has, from which another one can be made. */
const OTHERS = ['postgres', 'template1'];

/**
 * Makes database, extension (where the server has it and the user may) and tables, as far as they are missing; may be run
 * again. Throws what network and server throw, and NewerSchemaError.
 */
export async function setupPostgres(address: PostgresAddress): Promise<SetupReport> {
  const words: string[] = [];
  if (await makeDatabase(address)) words.push(`Created database "${address.database}".`);
  words.push(...(await connected(address, makeExtension)));
  // A connection of its own: a server that has not loaded Timescale ends the one in which it is asked for it.
  const edition = await connected(address, editionOf);
  const done = await migratePostgres(address, migrationsFor(POSTGRES));
  words.push(migrationWords(done), ...editionWords(edition));
  return { edition, words };
}

async function connected<T>(address: PostgresAddress, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connectPostgres(address, () => undefined);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What migrations did, in a sentence. */
export function migrationWords(done: readonly string[]): string {
  return done.length === 0 ? 'Tables are up to date.' : `Ran ${done.length} migrations: ${done.join(', ')}.`;
}

/** What an edition means for the tables; without the extension that has been said. */
function editionWords(edition: TimescaleEdition): readonly string[] {
  switch (edition) {
    case 'community':
      return [
        'Timescale: depth is compressed when it is 30 minutes old, and longer bars are kept beside those of a minute.',
      ];
    case 'apache':
      return [
        "Timescale's Apache edition has no compression and no continuous aggregates: depth takes its full room on disk, and " +
          'longer bars are made from those of a minute whenever they are asked for. Everything else is the same.',
      ];
    case 'none':
      return [];
  }
}

/** Which edition of Timescale a database has. */
export async function editionOf(client: Client): Promise<TimescaleEdition> {
  const { rows } = await client.query<LicenseColumns>(LICENSE_QUESTION);
  return editionOfLicense(rows[0]!);
}

/** Whether the database had to be made. */
async function makeDatabase(address: PostgresAddress): Promise<boolean> {
  if (await answers(address)) return false;
  let refusal: unknown;
  for (const database of OTHERS) {
    try {
      return await connected({ ...address, database }, async (client) => {
        await createDatabase(client, address);
        return true;
      });
    } catch (error) {
      if (error instanceof StoreError) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

async function createDatabase(client: Client, address: PostgresAddress): Promise<void> {
  const name = escapeIdentifier(address.database);
  try {
    await client.query(`create database ${name} encoding 'UTF8' template template0`);
  } catch (error) {
    if ((error as { code?: unknown }).code !== NO_RIGHT) throw error;
    const command = `create database ${name} owner ${escapeIdentifier(address.user)} encoding 'UTF8' template template0`;
    throw new StoreError(
      `${placeOf(address)}: there is no such database, and user "${address.user}" may not create one. Have an administrator run: ${command}`,
    );
  }
}

async function answers(address: PostgresAddress): Promise<boolean> {
  const client = new Client(clientConfig(address));
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code !== NO_DATABASE) throw error;
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function makeExtension(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ installed_version: string | null }>(
    "select installed_version from pg_available_extensions where name = 'timescaledb'",
  );
  const [found] = rows;
  if (found === undefined) return ['The server has no Timescale; tables are parted by days instead.'];
  if (found.installed_version !== null) return [];
  const { rows: there } = await client.query<{ parted: boolean }>(
    "select to_regclass('cme_trades') is not null as parted",
  );
  if (there[0]!.parted) {
    return [
      'The tables were made without Timescale and stay as they are; `fathom db copy` brings them into a new database.',
    ];
  }
  try {
    await client.query('create extension if not exists timescaledb');
    return ['Created the extension timescaledb.'];
  } catch (error) {
    return [
      `The extension timescaledb is installed and could not be created (${(error as Error).message}); tables are parted by ` +
        'days instead. It has to be in shared_preload_libraries of the server, and the user has to be allowed to create it.',
    ];
  }
}
