import { userInfo } from 'node:os';
import type { ConnectionOptions } from 'node:tls';
import { StoreError } from '../../core/store-port.ts';

/** Where a Postgres database is and as whom it is opened. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly ssl: boolean | ConnectionOptions;
}

const DEFAULT_PORT = 5432;
const DEFAULT_DATABASE = 'forex_scalping';
/** What `sslmode` may be, as libpq means it: `require` encrypts and asks for no certificate, the others check it. */
const SSL: Readonly<Record<string, PostgresAddress['ssl']>> = {
  disable: false,
  require: { rejectUnauthorized: false },
  'verify-ca': { checkServerIdentity: () => undefined },
  'verify-full': true,
};

/**
 * Takes an address `postgres://user@host:port/database?sslmode=…` apart. A password that the address leaves out comes from
 * `FATHOM_DB_PASSWORD`, else `PGPASSWORD`; a user from `PGUSER`, else the operating system.
 * @param name of the setting or option that holds it, for the words of an error
 * @throws StoreError that does not repeat the address, since it may hold a password
 */
export function postgresAddress(
  url: string,
  environment: Readonly<Record<string, string | undefined>>,
  name = 'store.url',
): PostgresAddress {
  const parsed = URL.parse(url);
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw new StoreError(`${name}: expected postgres://user@host:port/database, with % codes for special characters`);
  }
  const mode = parsed.searchParams.get('sslmode') ?? 'disable';
  const ssl = SSL[mode];
  if (ssl === undefined) {
    throw new StoreError(`${name}: sslmode ${mode} is not known; use ${Object.keys(SSL).join(', ')}`);
  }
  const password = decoded(parsed.password, name) || environment['FATHOM_DB_PASSWORD'] || environment['PGPASSWORD'];
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? DEFAULT_PORT : Number(parsed.port),
    database: decoded(parsed.pathname.slice(1), name) || DEFAULT_DATABASE,
    user: decoded(parsed.username, name) || environment['PGUSER'] || userInfo().username,
    password: password === '' ? undefined : password,
    ssl,
  };
}

function decoded(part: string, name: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new StoreError(`${name}: a % in it is not followed by two hexadecimal digits; write it as %25`);
  }
}
