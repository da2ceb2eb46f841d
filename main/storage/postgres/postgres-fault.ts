import { NewerSchemaError, RowError, type StoreFault } from '../store-fault.ts';
import type { PostgresAddress } from './postgres-address.ts';

/** A server that did not answer in time. */
export class SilentServerError extends Error {
  override readonly name = 'SilentServerError';
}

/** What failed and what to try, by the code of the network or of the server (SQLSTATE); words in capitals are filled in. */
const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there. Start the server, or correct host and port in store.url.',
  ENOTFOUND: 'the host name is not known. Correct the host in store.url.',
  EAI_AGAIN: 'the host name could not be looked up. Check the network.',
  ETIMEDOUT: 'no answer. Check the network and that a firewall lets the port through.',
  EHOSTUNREACH: 'the host cannot be reached. Check the network.',
  ENETUNREACH: 'the network cannot be reached. Check the network.',
  ECONNRESET: 'the connection was cut. It is made again.',
  EPIPE: 'the connection was cut. It is made again.',
  '28P01': 'the password for user "USER" is missing or was refused. Set the right one in FATHOM_DB_PASSWORD.',
  '28000': 'user "USER" may not log in. Check the user in store.url, and pg_hba.conf on the server.',
  '3D000': 'there is no such database. Create it (createdb -h HOST -p PORT DATABASE), or correct store.url.',
  '42501': 'user "USER" lacks a right that is needed. Make the user the owner of the database.',
  '53100': 'the disk of the server is full. Free space there.',
  '53200': 'the server is out of memory. Give it more, or stop other programs there.',
  '53300': 'the server takes no more connections. Close others, or raise max_connections.',
  '57P01': 'the server was shut down or the connection was cut. It is made again.',
  '57P02': 'the server crashed. The connection is made again.',
  '57P03': 'the server is starting or stopping. The connection is made again.',
  '25006': 'the server only lets itself be read. Point store.url at the primary server.',
};

/** What the client says where the server wants a password and none is known. */
const NO_PASSWORD = /client password must be/;

/** SQLSTATE classes of values and rows that can't be taken: data exceptions and broken constraints. */
const ROWS = /^2[23]/;

/** Names the fault behind an error of the client, the server or the migrations. No password is ever in the words. */
export function postgresFaultOf(error: unknown, address: PostgresAddress): StoreFault {
  const { message } = error as Error;
  const code = String((error as { code?: unknown }).code ?? '');
  if (error instanceof NewerSchemaError) return { kind: 'newer', words: message };
  if (error instanceof RowError || error instanceof TypeError || ROWS.test(code)) {
    return { kind: 'rows', words: `store: rows were refused (${message}); they are in captures and journal only.` };
  }
  const cause = NO_PASSWORD.test(message) ? CAUSES['28P01'] : CAUSES[code];
  const names: Readonly<Record<string, string>> = {
    USER: address.user,
    HOST: address.host,
    PORT: String(address.port),
    DATABASE: address.database,
  };
  const words =
    cause === undefined
      ? `${withoutPassword(message, address)}. The connection is made again.`
      : cause.replace(/USER|HOST|PORT|DATABASE/g, (name) => names[name]!);
  return { kind: code === '53100' ? 'full' : 'other', words: `store: ${placeOf(address)}: ${words}` };
}

/** A database in words. */
export function placeOf({ host, port, database }: PostgresAddress): string {
  return `Postgres at ${host} port ${port}, database "${database}"`;
}

function withoutPassword(message: string, { password }: PostgresAddress): string {
  return password === undefined ? message : message.replaceAll(password, '…');
}
