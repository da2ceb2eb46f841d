import type { MarketTable } from '../../../core/store-port.ts';
import type { SqlDialect } from '../../sql-dialect.ts';
import { MARKET_TABLES } from '../../tables/market-tables.ts';
import { INSTRUMENT_COLUMN, type TableTotals, type TotalledColumn, type Totals } from './copy-ends.ts';

/** Sums are taken of remainders, so that none is beyond 64 bits. */
const MODULUS = 1_000_000_007;
/** Beyond this a real number is left out of the sum. */
const LARGEST = 1e12;

/** Columns of a market table as they are compared. */
export function marketColumns(table: MarketTable): readonly TotalledColumn[] {
  return MARKET_TABLES[table].fields.map(({ kind, name }) => {
    switch (kind) {
      case 'instant':
        return { name: `${name}_ns`, kind: 'whole' };
      case 'moment':
        return { name: `${name}_us`, kind: 'whole' };
      case 'real':
      case 'letter':
        return { name, kind };
      default:
        return { name, kind: 'whole' };
    }
  });
}

/**
 * A statement for rows and sums of a table by instrument: exact on both databases and the same whatever the order of the
 * rows, which sums of real numbers are not; so these are summed in whole millionths.
 */
export function totalsSql({ name, whole }: SqlDialect, table: string, columns: readonly TotalledColumn[]): string {
  const by = columns.find((column) => INSTRUMENT_COLUMN.test(column.name))?.name;
  const sums = summed(columns).map((column, index) => {
    return `cast(coalesce(sum(${termOf(column, whole, name === 'sqlite')}), 0) as text) as sum_${index}`;
  });
  const values = [`${by ?? '0'} as part`, 'cast(count(*) as text) as rows', ...sums].join(', ');
  return `select ${values} from ${table}${by === undefined ? '' : ` group by ${by}`}`;
}

/** Columns that are summed: numbers of instruments are each database's own. */
function summed(columns: readonly TotalledColumn[]): readonly TotalledColumn[] {
  return columns.filter(({ name }) => !INSTRUMENT_COLUMN.test(name));
}

function termOf({ name, kind }: TotalledColumn, whole: string, sqlite: boolean): string {
  switch (kind) {
    case 'whole':
      return `cast(${name} % ${MODULUS} as ${whole})`;
    case 'real':
      return `case when abs(${name}) < ${LARGEST} then cast(trunc(${name} * 1e6) as ${whole}) % ${MODULUS} end`;
    case 'letter':
      return `${sqlite ? 'unicode' : 'ascii'}(${name})`;
    case 'text':
      // Bytes: a database without an encoding knows no characters.
      return sqlite ? `length(cast(${name} as blob))` : `octet_length(${name})`;
  }
}

/** A row of `totalsSql`. */
export type TotalsRow = Readonly<Record<string, string | number | bigint>>;

/** Totals of the rows of `totalsSql`, of one table or of its parts behind each other. */
export function totalsOf(rows: readonly TotalsRow[], columns: readonly TotalledColumn[]): TableTotals {
  const totals = new Map<number, Totals>();
  for (const row of rows) {
    const known = totals.get(Number(row['part']));
    const sums = summed(columns).map((_, index) => BigInt(row[`sum_${index}`]!) + (known?.sums[index] ?? 0n));
    totals.set(Number(row['part']), { rows: BigInt(row['rows']!) + (known?.rows ?? 0n), sums });
  }
  return totals;
}

/** Columns whose sums differ; `rows` where their numbers do. Undefined stands for no rows at all. */
export function differences(
  a: Totals | undefined,
  b: Totals | undefined,
  columns: readonly TotalledColumn[],
): readonly string[] {
  if ((a?.rows ?? 0n) !== (b?.rows ?? 0n)) return ['rows'];
  return summed(columns).flatMap(({ name }, index) =>
    (a?.sums[index] ?? 0n) === (b?.sums[index] ?? 0n) ? [] : [name],
  );
}
