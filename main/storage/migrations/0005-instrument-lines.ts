import { type Kysely, sql } from 'kysely';
import type { SqlDialect } from '../sql-dialect.ts';

interface Seed {
  readonly id: number;
  readonly provider: string;
  readonly symbol: string;
  readonly label: string;
  readonly root: string;
  readonly venue: string;
  readonly publisher: number;
  readonly tick: number;
  readonly multiplier: number;
  readonly quote: string;
  readonly pip: number;
}

const IG = { provider: 'IG', venue: 'IG', publisher: 65_010 };
const CME = { provider: 'DATABENTO', venue: 'GLBX', publisher: 1, quote: 'USD' };

/** The instruments that have their numbers in every database. */
const SEEDS: readonly Seed[] = [
  {
    id: 1,
    ...IG,
    symbol: 'EUR_USD',
    label: 'EUR/USD',
    root: 'EURUSD',
    tick: 1e-5,
    multiplier: 1e5,
    quote: 'USD',
    pip: 1e-4,
  },
  {
    id: 2,
    ...IG,
    symbol: 'GBP_USD',
    label: 'GBP/USD',
    root: 'GBPUSD',
    tick: 1e-5,
    multiplier: 1e5,
    quote: 'USD',
    pip: 1e-4,
  },
  {
    id: 3,
    ...IG,
    symbol: 'USD_JPY',
    label: 'USD/JPY',
    root: 'USDJPY',
    tick: 1e-3,
    multiplier: 1e5,
    quote: 'JPY',
    pip: 1e-2,
  },
  { id: 4, ...CME, symbol: '6E', label: '6E', root: '6E', tick: 5e-5, multiplier: 125_000, pip: 1e-4 },
  { id: 5, ...CME, symbol: '6B', label: '6B', root: '6B', tick: 1e-4, multiplier: 62_500, pip: 1e-4 },
  { id: 6, ...CME, symbol: '6J', label: '6J', root: '6J', tick: 5e-7, multiplier: 12_500_000, pip: 1e-6 },
];

/** Signal and execution instrument, and how they are quoted to each other. */
const MAPPINGS = [
  [4, 1, 'direct'],
  [5, 2, 'direct'],
  [6, 3, 'inverted'],
] as const;
const FIRST_LAG_MS = 150;

interface OldInstrument {
  readonly id: number;
  readonly source: string;
  readonly venue: string;
  readonly symbol: string;
  readonly label: string;
  readonly root: string | null;
}

/** Tables that name instruments. */
const CHILDREN = ['bars', 'features', 'proposals', 'orders', 'fills', 'deals'];

/**
 * Instruments are lines from here on, `6E` and no longer the contract that was its front, and six of them have their
 * numbers from the beginning. What was stored keeps its rows: the latest contract of a root becomes its line.
 */
export async function makeInstrumentLines(db: Kysely<unknown>, dialect: SqlDialect): Promise<void> {
  const { whole, decimal, tableEnd } = dialect;
  const run = (text: string) => sql.raw(text).execute(db);
  const { rows: old } = await sql<OldInstrument>`
    select id, source, venue, symbol, label, root from instruments order by id`.execute(db);
  await run('alter table instruments rename column source to provider');
  await run(`alter table instruments add column active ${whole} not null default 1`);
  let next = Math.max(SEEDS.length, ...old.map(({ id }) => Number(id))) + 1;
  const moved = old.map(({ id }) => ({ from: Number(id), to: next++ }));
  for (const { from, to } of moved) await renumber(db, from, to);
  for (const seed of SEEDS) await plant(db, seed);
  const lines = new Set<string>();
  for (const [index, instrument] of Array.from(old.entries()).reverse()) {
    const provider = instrument.source.toUpperCase();
    const line = lineOf(instrument);
    const symbol = lines.has(`${provider} ${line}`) ? instrument.symbol : line;
    lines.add(`${provider} ${line}`);
    const { to } = moved[index]!;
    const seed = SEEDS.find((one) => one.provider === provider && one.symbol === symbol);
    if (seed === undefined)
      await sql`update instruments set provider = ${provider}, symbol = ${symbol} where id = ${to}`.execute(db);
    else await merge(db, to, seed.id);
  }
  await db.schema
    .createTable('contracts')
    .addColumn('instrument_id', whole, (column) => column.notNull().references('instruments.id'))
    .addColumn('raw_symbol', 'text', (column) => column.notNull())
    .addColumn('venue_id', whole, (column) => column.notNull())
    .addColumn('first_seen_us', whole, (column) => column.notNull())
    .addPrimaryKeyConstraint('contracts_key', ['instrument_id', 'raw_symbol'])
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createTable('symbol_mappings')
    .addColumn('signal_instrument_id', whole, (column) => column.notNull().references('instruments.id'))
    .addColumn('execution_instrument_id', whole, (column) => column.notNull().references('instruments.id'))
    .addColumn('direction', 'text', (column) => column.notNull())
    .addColumn('lag_ms', decimal, (column) => column.notNull())
    .addColumn('basis_pips', decimal)
    .addColumn('updated_us', whole)
    .addPrimaryKeyConstraint('symbol_mappings_key', ['signal_instrument_id', 'execution_instrument_id'])
    .modifyEnd(tableEnd)
    .execute();
  for (const [signal, execution, direction] of MAPPINGS) {
    await sql`insert into symbol_mappings (signal_instrument_id, execution_instrument_id, direction, lag_ms)
      values (${signal}, ${execution}, ${direction}, ${FIRST_LAG_MS})`.execute(db);
  }
  if (dialect.name === 'postgres') {
    await run("select setval(pg_get_serial_sequence('instruments', 'id'), (select max(id) from instruments))");
  }
}

function lineOf({ venue, symbol, label, root }: OldInstrument): string {
  if (root === null) return symbol;
  return venue === 'IG' ? label.replace('/', '_') : root;
}

/** Gives an instrument another number, with all that names it. */
async function renumber(db: Kysely<unknown>, from: number, to: number): Promise<void> {
  const columns = `label, root, publisher_id, venue_id, tick_size, tick_source, multiplier, quote_currency, pip_size, calendar, active`;
  await sql
    .raw(
      `insert into instruments (id, provider, venue, symbol, ${columns})
       select ${to}, provider || '~', venue, symbol, ${columns} from instruments where id = ${from}`,
    )
    .execute(db);
  await renameInChildren(db, from, to);
  await sql`delete from instruments where id = ${from}`.execute(db);
}

/** Gives the rows of an instrument to another one, which takes its place. */
async function merge(db: Kysely<unknown>, from: number, into: number): Promise<void> {
  await renameInChildren(db, from, into);
  await sql`delete from instruments where id = ${from}`.execute(db);
}

async function renameInChildren(db: Kysely<unknown>, from: number, to: number): Promise<void> {
  for (const child of CHILDREN) {
    await sql`update ${sql.table(child)} set instrument_id = ${to} where instrument_id = ${from}`.execute(db);
  }
}

async function plant(db: Kysely<unknown>, seed: Seed): Promise<void> {
  const { id, provider, venue, symbol, label, root, publisher, tick, multiplier, quote, pip } = seed;
  const calendar = venue === 'IG' ? 'fx-spot' : 'cme-globex-fx';
  await sql`insert into instruments (id, provider, venue, symbol, label, root, publisher_id, venue_id, tick_size,
      tick_source, multiplier, quote_currency, pip_size, calendar)
    values (${id}, ${provider}, ${venue}, ${symbol}, ${label}, ${root}, ${publisher}, 0, ${tick}, 'product-table',
      ${multiplier}, ${quote}, ${pip}, ${calendar})`.execute(db);
}
