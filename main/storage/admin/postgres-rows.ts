import { type Client, types } from 'pg';
import { StoreError } from '../../core/store-port.ts';
import { isoTime } from '../sql-dialect.ts';
import {
  type Cell,
  type CellKind,
  type CellRow,
  isoInstant,
  ROWS_AT_ONCE,
  type RowStream,
  type RowsQuestion,
  type StreamColumn,
  timeColumnOf,
} from './row-stream.ts';

type TableQuestion = Extract<RowsQuestion, { ask: 'table' }>;

const TIMES: readonly number[] = [types.builtins.TIMESTAMPTZ, types.builtins.TIMESTAMP];
const WHOLES: readonly number[] = [types.builtins.INT8, types.builtins.INT4, types.builtins.INT2];
const REALS: readonly number[] = [types.builtins.FLOAT8, types.builtins.FLOAT4];
/** What a cursor can be made of. */
/** What else only tells. */
const TELLS = /^\s*(?:explain|show)\b/i;
const SELECTS = /^(?:\s|\(|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:select|with|values|table)\b/i;
const READ_ONLY = '25006';

/** How values of a type come: whole numbers exact, times with their microseconds. */
export function cellParser(oid: number): (text: string) => unknown {
  if (WHOLES.includes(oid)) return BigInt;
  if (REALS.includes(oid)) return Number;
  if (TIMES.includes(oid)) return isoInstant;
  return (text) => text;
}

/** Rows of a table or view, in the order of its time. @param client one whose values come as `cellParser` says */
export async function postgresTableRows(client: Client, { table, fromUs, toUs }: TableQuestion): Promise<RowStream> {
  const { rows: found } = await client.query<{ names: string[] | null }>(
    `select array_agg(attname::text order by attnum) as names from pg_attribute
     where attrelid = to_regclass(quote_ident($1)) and attnum > 0 and not attisdropped`,
    [table],
  );
  const names = found[0]!.names;
  if (names === null) {
    const { rows } = await client.query<{ list: string | null }>(
      `select string_agg(relname, ', ' order by relname) as list from pg_class
       where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'm') and not relispartition
         and relname not like 'kysely%'`,
    );
    throw new StoreError(`there is no table or view "${table}"; there are ${rows[0]!.list ?? 'none'}`);
  }
  const time = timeColumnOf(names);
  if (time === undefined && (fromUs ?? toUs) !== undefined) {
    throw new StoreError(`"${table}" has no time by which --from and --to could choose its rows`);
  }
  // Venue time as a time is what parts and indexes know.
  const column = time?.unit === 'ns' ? 'provider_event_ts' : time?.name;
  const value = (us: number) => (time?.unit === 'ns' ? `'${isoTime(us)}'::timestamptz` : String(us));
  const bounds: string[] = [];
  if (fromUs !== undefined) bounds.push(`${column} >= ${value(fromUs)}`);
  if (toUs !== undefined) bounds.push(`${column} < ${value(toUs)}`);
  const where = bounds.length === 0 ? '' : ` where ${bounds.join(' and ')}`;
  const from = `from ${table}${where}`;
  const { rows: plan } = await client.query<{ 'QUERY PLAN': string }>(`explain (format json) select 1 ${from}`);
  const [{ Plan }] = JSON.parse(plan[0]!['QUERY PLAN']) as [{ Plan: { 'Plan Rows': number } }];
  return cursorRows(client, `select * ${from}${time === undefined ? '' : ` order by ${column}`}`, Plan['Plan Rows']);
}

/** What a statement gives, in a transaction that only reads. */
export async function postgresQueryRows(client: Client, text: string): Promise<RowStream> {
  try {
    if (SELECTS.test(text)) return await cursorRows(client, text, 0);
    // COPY may write files and start programs of the server in any transaction.
    if (!TELLS.test(text)) throw new StoreError('`query` only reads: give it a SELECT');
    return await reading(client, async () => {
      const { fields, rows } = await client.query<Cell[]>({ text, rowMode: 'array', ...EXTENDED });
      return { columns: columnsOf(fields), expected: rows.length, batches: batchesOf(client, rows) };
    });
  } catch (error) {
    if ((error as { code?: unknown }).code !== READ_ONLY) throw error;
    throw new StoreError(`\`query\` only reads: ${(error as Error).message}`);
  }
}

/** Of one statement, not of several behind each other, which could end the transaction that only reads. */
const EXTENDED = { queryMode: 'extended' };

function cursorRows(client: Client, text: string, expected: number): Promise<RowStream> {
  return reading(client, async () => {
    await client.query({ text: `declare fathom_rows no scroll cursor for ${text}`, ...EXTENDED });
    const fetch = { text: `fetch ${ROWS_AT_ONCE} from fathom_rows`, rowMode: 'array' as const };
    const first = await client.query<Cell[]>(fetch);
    const more = async () => (await client.query<Cell[]>(fetch)).rows;
    return { columns: columnsOf(first.fields), expected, batches: batchesOf(client, first.rows, more) };
  });
}

/** Begins a transaction that only reads; it is over when that fails, else with the last batch. */
async function reading(client: Client, begin: () => Promise<RowStream>): Promise<RowStream> {
  await client.query('begin transaction read only');
  try {
    return await begin();
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function* batchesOf(
  client: Client,
  first: readonly CellRow[],
  more: () => Promise<readonly CellRow[]> = async () => [],
): AsyncGenerator<readonly CellRow[], void, undefined> {
  try {
    for (let batch = first; batch.length > 0; batch = await more()) yield batch;
  } finally {
    await client.query('rollback');
  }
}

function columnsOf(fields: readonly { readonly name: string; readonly dataTypeID: number }[]): readonly StreamColumn[] {
  return fields.map(({ name, dataTypeID }) => ({ name, kind: kindOf(dataTypeID) }));
}

function kindOf(oid: number): CellKind {
  if (WHOLES.includes(oid)) return 'whole';
  if (REALS.includes(oid)) return 'real';
  return TIMES.includes(oid) ? 'time' : 'text';
}
