import { MARKET_TABLE_NAMES } from '../../tables/market-tables.ts';
import {
  type CopySource,
  type CopyTarget,
  INSTRUMENT_COLUMN,
  KEYED_TABLES,
  type TableTotals,
  type TotalledColumn,
} from './copy-ends.ts';
import { inWords } from './copy-store.ts';
import { differences, marketColumns } from './totals.ts';

/** How a table of two databases compares. */
export interface Comparison {
  readonly table: string;
  readonly sourceRows: bigint;
  readonly targetRows: bigint;
  /** What differs, in words; empty when nothing does. */
  readonly difference: string;
}

/** Of tables without instruments everything is counted as one. */
const ALL: ReadonlyMap<number, number> = new Map([[0, 0]]);

/**
 * Compares every table of two databases by the number of rows and the sums of every column, by instrument where a table has
 * them. What the target has of instruments that the source doesn't know is left alone.
 * @param ids numbers of instruments in the target by those in the source
 */
export async function verifyCopy(
  source: CopySource,
  target: CopyTarget,
  ids: ReadonlyMap<number, number>,
  onTable: (done: number, all: number) => void,
): Promise<readonly Comparison[]> {
  const found: Comparison[] = [];
  const note = (comparison: Comparison) => {
    found.push(comparison);
    onTable(found.length, MARKET_TABLE_NAMES.length + KEYED_TABLES.length);
  };
  for (const table of MARKET_TABLE_NAMES) {
    const both = [inWords(source, source.marketTotals(table)), inWords(target, target.marketTotals(table))] as const;
    note(compared(table, await Promise.all(both), marketColumns(table), ids));
  }
  for (const table of KEYED_TABLES) {
    const columns = await inWords(target, target.columns(table));
    const here = await inWords(source, source.keyedTotals(table, columns));
    const there = await inWords(target, target.keyedTotals(table, columns));
    const byInstrument = columns.some(({ name }) => INSTRUMENT_COLUMN.test(name));
    note(compared(table, [here, there], columns, byInstrument ? ids : ALL));
  }
  return found;
}

function compared(
  table: string,
  [here, there]: readonly [TableTotals, TableTotals],
  columns: readonly TotalledColumn[],
  ids: ReadonlyMap<number, number>,
): Comparison {
  let sourceRows = 0n;
  let targetRows = 0n;
  const different = new Set<string>();
  for (const [id, idThere] of ids) {
    const one = here.get(id);
    const other = there.get(idThere);
    sourceRows += one?.rows ?? 0n;
    targetRows += other?.rows ?? 0n;
    for (const name of differences(one, other, columns)) different.add(name);
  }
  return { table, sourceRows, targetRows, difference: Array.from(different).join(', ') };
}
