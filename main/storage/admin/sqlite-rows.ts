import Database from 'better-sqlite3';
import { StoreError } from '../../core/store-port.ts';
import { dayPath, dayWords } from '../sqlite/day-files.ts';
import { DAYS_AT_ONCE, type DayReader } from '../sqlite/day-reader.ts';
import { readDay } from '../sqlite/read-day.ts';
import { DayFileError } from '../store-fault.ts';
import { MARKET_TABLE_NAMES, MARKET_TABLES } from '../tables/market-tables.ts';
import {
  type Cell,
  type CellRow,
  isoInstant,
  ROWS_AT_ONCE,
  type RowStream,
  type RowsQuestion,
  type StreamColumn,
  timeColumnOf,
} from './row-stream.ts';
import { withSqliteTimes } from './sqlite-times.ts';

type TableQuestion = Extract<RowsQuestion, { ask: 'table' }>;
type SqlQuestion = Extract<RowsQuestion, { ask: 'sql' }>;
type Raw = Database.Statement<unknown[], Cell[]>;

/** A column that shows a time is a text with a name of this kind. */
const SHOWN_TIME = /_(ts|time)$/;

/** Rows of a table or view. Market rows come day by day, each in the order of venue time. */
export function sqliteTableRows(reader: DayReader, folder: string, question: TableQuestion): RowStream {
  const { table, fromUs, toUs } = question;
  const known = reader.connection
    .prepare<unknown[], { name: string }>(
      `select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite%' and name <> 'features_before'`,
    )
    .all()
    .map(({ name }) => name);
  const isMarket = table in MARKET_TABLES;
  if (!isMarket && !known.includes(table)) {
    const all = [...MARKET_TABLE_NAMES, ...known.filter((name) => !name.startsWith('kysely'))].sort();
    throw new StoreError(`there is no table or view "${table}"; there are ${all.join(', ')}`);
  }
  const names = reader.connection
    .prepare(`select * from ${table}`)
    .columns()
    .map(({ name }) => name);
  const time = timeColumnOf(names);
  if (time === undefined && (fromUs ?? toUs) !== undefined) {
    throw new StoreError(`"${table}" has no time by which --from and --to could choose its rows`);
  }
  const bounds: string[] = [];
  const values: bigint[] = [];
  const scale = time?.unit === 'ns' ? 1000n : 1n;
  if (fromUs !== undefined) {
    bounds.push(`${time!.name} >= ?`);
    values.push(BigInt(fromUs) * scale);
  }
  if (toUs !== undefined) {
    bounds.push(`${time!.name} < ?`);
    values.push(BigInt(toUs) * scale);
  }
  const order = time === undefined ? '' : ` order by ${time.name}`;
  const where = bounds.length === 0 ? '' : ` where ${bounds.join(' and ')}`;
  const text = `select * from ${table}${where}${order}`;
  if (!isMarket) return streamOf(prepared(reader.connection, text), values, 0);
  const days = reader.daysIn({ fromUs: fromUs ?? 0, toUs: toUs ?? Number.MAX_SAFE_INTEGER });
  if (days.length === 0) return streamOf(prepared(reader.connection, `select * from ${table}`), [], 0);
  const dates = days.map(({ date }) => date);
  const columns = readDay(folder, dates[0]!, (day) => columnsOf(prepared(day, text), []));
  return { columns, expected: rowsIn(folder, dates, table), batches: dayBatches(folder, dates, text, values, columns) };
}

/** What a statement gives; one that would change something is refused. */
export function sqliteQueryRows(reader: DayReader, { text, fromUs, toUs, onNotice }: SqlQuestion): RowStream {
  const days = reader.daysIn({ fromUs: fromUs ?? 0, toUs: toUs ?? Number.MAX_SAFE_INTEGER });
  const chosen = days.slice(-DAYS_AT_ONCE);
  if (chosen.length < days.length && MARKET_TABLE_NAMES.some((table) => text.includes(table))) {
    onNotice(
      `${days.length} trading days are stored and ${DAYS_AT_ONCE} are read at once: these are the last ones, from ${chosen[0]!.date} on. --from and --to choose others.`,
    );
  }
  reader.attach(chosen);
  const statement = oneStatement(reader.connection, withSqliteTimes(text));
  if (!statement.reader || !statement.readonly) throw new StoreError('`query` only reads: give it a SELECT');
  return streamOf(statement.raw().safeIntegers() as unknown as Raw, [], 0);
}

function oneStatement(connection: Database.Database, text: string): Database.Statement {
  try {
    return connection.prepare(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new StoreError('`query` takes exactly one statement');
  }
}

function prepared(connection: Database.Database, text: string): Raw {
  return connection.prepare(text).raw().safeIntegers() as unknown as Raw;
}

function streamOf(statement: Raw, values: readonly bigint[], expected: number): RowStream {
  const rows = statement.iterate(...values);
  const first = take(rows);
  const columns = columnsOf(statement, first);
  return { columns, expected, batches: batchesOf(first, rows, columns) };
}

async function* batchesOf(
  first: Cell[][],
  rows: IterableIterator<Cell[]>,
  columns: readonly StreamColumn[],
): AsyncGenerator<readonly CellRow[], void, undefined> {
  try {
    for (let batch = first; batch.length > 0; batch = take(rows)) yield shown(batch, columns);
  } finally {
    rows.return?.();
  }
}

async function* dayBatches(
  folder: string,
  dates: readonly string[],
  text: string,
  values: readonly bigint[],
  columns: readonly StreamColumn[],
): AsyncGenerator<readonly CellRow[], void, undefined> {
  for (const date of dates) {
    let connection: Database.Database | undefined;
    try {
      connection = new Database(dayPath(folder, date), { readonly: true });
      const rows = prepared(connection, text).iterate(...values);
      yield* batchesOf(take(rows), rows, columns);
    } catch (error) {
      throw new DayFileError(dayWords(date), error);
    } finally {
      connection?.close();
    }
  }
}

function take(rows: IterableIterator<Cell[]>): Cell[][] {
  const batch: Cell[][] = [];
  while (batch.length < ROWS_AT_ONCE) {
    const { value, done } = rows.next();
    if (done === true) break;
    batch.push(value);
  }
  return batch;
}

/** Puts times into their form. */
function shown(batch: Cell[][], columns: readonly StreamColumn[]): readonly CellRow[] {
  for (const [index, { kind }] of columns.entries()) {
    if (kind !== 'time') continue;
    for (const row of batch) {
      const cell = row[index];
      if (typeof cell === 'string') row[index] = isoInstant(cell);
    }
  }
  return batch;
}

/** Kinds by the declared types; of an expression by its first values. */
function columnsOf(statement: Raw, first: readonly CellRow[]): readonly StreamColumn[] {
  return statement.columns().map(({ name, type }, index) => {
    switch (type?.toLowerCase()) {
      case 'integer':
        return { name, kind: 'whole' };
      case 'real':
        return { name, kind: 'real' };
      case 'text':
        return { name, kind: SHOWN_TIME.test(name) ? 'time' : 'text' };
      default: {
        const values = first.map((row) => row[index]!).filter((value) => value !== null);
        if (values.some((value) => typeof value === 'string')) return { name, kind: 'text' };
        return { name, kind: values.every((value) => typeof value === 'bigint') ? 'whole' : 'real' };
      }
    }
  });
}

/** Rows of a market table in files, as their numbering has it. */
function rowsIn(folder: string, dates: readonly string[], table: string): number {
  const last = `select coalesce(max(rowid), 0) as n from ${table}`;
  const counts = dates.map((date) =>
    readDay(folder, date, (day) => day.prepare<unknown[], { n: number }>(last).get()!.n),
  );
  return counts.reduce((sum, n) => sum + n, 0);
}
