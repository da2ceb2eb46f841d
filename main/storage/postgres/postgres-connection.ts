import { Client, type ClientConfig, types } from 'pg';
import type { PostgresAddress } from './postgres-address.ts';

const CONNECT_MS = 5_000;

/** Texts come as this program reads them, whatever server, database or user have set: times, and reals to the last digit. */
const FORMS = `set datestyle = 'ISO, MDY'; set intervalstyle = 'postgres'; set extra_float_digits = 1;
  set standard_conforming_strings = on`;

/** How a client is set up: whole numbers come as numbers, which all of this program's fit. */
export function clientConfig(address: PostgresAddress): ClientConfig {
  const { host, port, database, user, password, ssl } = address;
  return {
    host,
    port,
    database,
    user,
    password,
    ssl,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'fathom',
    types: {
      getTypeParser: (oid, format) =>
        oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format as 'text'),
    },
  };
}

/**
 * A connected client.
 * @param onLost called when the connection ends while nothing was asked of it
 * @param changes what is set up otherwise than `clientConfig` has it
 */
export async function connectPostgres(
  address: PostgresAddress,
  onLost: () => void,
  changes: ClientConfig = {},
): Promise<Client> {
  const client = new Client({ ...clientConfig(address), ...changes });
  client.on('error', onLost);
  try {
    await client.connect();
    await client.query(FORMS);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
