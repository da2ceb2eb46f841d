import { StoreError } from '../../core/store-port.ts';
import { NewerSchemaError, RowError, type StoreFault } from '../store-fault.ts';
import type { PostgresAddress } from './postgres-address.ts';

/** A server that did not answer in time. */
export class SilentServerError extends Error {
  override readonly name = 'SilentServerError';
}

/** Code of a database whose encoding does not hold every text. */
export const NO_UNICODE = 'NO_UNICODE';

const CUT = 'the connection was cut.';

/** What failed and what to try, by the code of the network or of the server (SQLSTATE); words in capitals are filled in. */
const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there. Start the server, or correct host and port in ADDRESS.',
  ENOTFOUND: 'the host name is not known. Correct the host in ADDRESS.',
  EAI_AGAIN: 'the host name could not be looked up. Check the network.',
  ETIMEDOUT: 'no answer. Check the network and that a firewall lets the port through.',
  EHOSTUNREACH: 'the host cannot be reached. Check the network.',
  ENETUNREACH: 'the network cannot be reached. Check the network.',
  ECONNRESET: CUT,
  EPIPE: CUT,
  '28P01': 'the password for user "USER" is missing or was refused. Set the right one in FATHOM_DB_PASSWORD.',
  '28000': 'user "USER" may not log in. Check the user in ADDRESS, and pg_hba.conf on the server.',
  '3D000': 'there is no such database. `fathom db setup` creates it; else correct ADDRESS.',
  '42501': 'user "USER" lacks a right that is needed. Make the user the owner of the database.',
  '53100': 'the disk of the server is full. Free space there.',
  '53200': 'the server is out of memory. Give it more, or stop other programs there.',
  '53300': 'the server takes no more connections. Close others, or raise max_connections.',
  '57P01': 'the server was shut down or the connection was cut.',
  '57P02': 'the server crashed.',
  '57P03': 'the server is starting or stopping.',
  [NO_UNICODE]:
    'its encoding does not hold every text. `fathom db setup` makes one in UTF8 under another name: correct ADDRESS.',
  '25006': 'the server only lets itself be read. Point ADDRESS at the primary server.',
};

/** The same by what the client says where it gives no code. */
const SAYINGS: readonly (readonly [says: RegExp, cause: string])[] = [
  [/client password must be/, CAUSES['28P01']!],
  [/timeout expired/, CAUSES['ETIMEDOUT']!],
  [/Connection terminated/, `${CUT} Check that it is a Postgres which listens there.`],
  [
    /does not support SSL/,
    'the server takes no encrypted connections. Switch ssl on there, or take sslmode out of ADDRESS.',
  ],
];

/** Faults after which the engine only has to connect anew. */
const RECONNECTS = ['57P01', '57P02', '57P03'];

/** SQLSTATE classes of values and rows that can't be taken: data exceptions and broken constraints. */
const ROWS = /^2[23]/;

/** Names the fault behind an error of the client, the server or the migrations. No password is ever in the words. */
export function postgresFaultOf(error: unknown, address: PostgresAddress): StoreFault {
  const { message } = error as Error;
  const code = codeOf(error);
  if (error instanceof NewerSchemaError) return { kind: 'newer', words: message };
  if (error instanceof RowError || error instanceof TypeError || ROWS.test(code)) {
    return { kind: 'rows', words: `store: rows were refused (${message}); they are in captures and journal only.` };
  }
  const cause = causeOf(error);
  const again = cause === undefined || cause.startsWith(CUT) || RECONNECTS.includes(code);
  const words = cause === undefined ? `${withoutPassword(message, address)}.` : filledIn(cause, address, 'store.url');
  const whole = again ? `${words} The connection is made again.` : words;
  return { kind: code === '53100' ? 'full' : 'other', words: `store: ${placeOf(address)}: ${whole}` };
}

/**
 * What went wrong in a command that works with the database once: which database, what failed and what to try. No password
 * is ever in the words.
 */
export function postgresRefusal(error: unknown, address: PostgresAddress): string {
  if (error instanceof NewerSchemaError || error instanceof StoreError) return error.message;
  const { message, hint } = error as Error & { readonly hint?: string };
  const cause = causeOf(error);
  const told = hint === undefined ? message : `${message}. ${hint}`;
  const words = cause === undefined ? withoutPassword(told, address) : filledIn(cause, address, 'the address');
  return `${placeOf(address)}: ${words}`;
}

/** A database in words. */
export function placeOf({ host, port, database }: PostgresAddress): string {
  return `Postgres at ${host} port ${port}, database "${database}"`;
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code ?? '');
}

function causeOf(error: unknown): string | undefined {
  const saying = SAYINGS.find(([says]) => says.test((error as Error).message));
  return saying?.[1] ?? CAUSES[codeOf(error)];
}

function filledIn(cause: string, { user }: PostgresAddress, address: string): string {
  return cause.replace(/USER|ADDRESS/g, (name) => (name === 'USER' ? user : address));
}

/** Of what others say; words of this program hold none, and a short password may be part of any. */
function withoutPassword(words: string, { password }: PostgresAddress): string {
  return password === undefined ? words : words.replaceAll(password, '…');
}
