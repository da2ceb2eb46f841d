import type { MarketTable } from '../../core/store-port.ts';
import { HEAD, MARKET_TABLES } from './market-tables.ts';
import type { RowBlock } from './row-block.ts';
import type { TableRow } from './table-rows.ts';

/** A row of the table of high-water marks. */
export interface MarkColumns {
  readonly table_name: MarketTable;
  readonly local_receive_us: number;
}

/** Marks that other runs have left, of instruments that this run writes rows of. */
export const OTHER_MARKS =
  'select table_name, local_receive_us from high_water where instrument_id = ? and run_id <> ?';

/**
 * What earlier runs have stored, by receive time: a run that goes on from a checkpoint sees some moments again, and none
 * of their rows may be stored twice.
 */
export class HighWater {
  readonly #marks = new Map<string, ReadonlyMap<MarketTable, number>>();
  /** Whether any run has left a mark at all. */
  #found = false;

  /** Whether the marks of an instrument are known to a run. */
  knows(runId: string, id: number): boolean {
    return this.#marks.has(`${runId} ${id}`);
  }

  learn(runId: string, id: number, rows: readonly MarkColumns[]): void {
    this.#found ||= rows.length > 0;
    this.#marks.set(`${runId} ${id}`, new Map(rows.map((row) => [row.table_name, row.local_receive_us])));
  }

  /** Rows of a block that no earlier run has stored. @param idOf as in `CopyBuffer.rows`; every id is known */
  newRows(block: RowBlock, runId: string, idOf: (market: number) => number): RowBlock {
    if (!this.#found) return block;
    const markOf = lastKept(
      (market) => this.#marks.get(`${runId} ${idOf(market)}`)!.get(block.table) ?? Number.NEGATIVE_INFINITY,
    );
    return rowsThat(block, (market, localUs) => localUs > markOf(market));
  }
}

/** The marks that blocks leave. */
export function marksOf(
  blocks: readonly RowBlock[],
  runId: string,
  idOf: (market: number) => number,
): readonly TableRow[] {
  const latest = new Map<string, { id: number; table: MarketTable; us: number }>();
  for (const { table, rows, values } of blocks) {
    const { width } = MARKET_TABLES[table];
    const entryOf = lastKept((market) => {
      const id = idOf(market);
      const entry = latest.get(`${id} ${table}`) ?? { id, table, us: Number.NEGATIVE_INFINITY };
      latest.set(`${id} ${table}`, entry);
      return entry;
    });
    for (let row = 0; row < rows; row++) {
      const entry = entryOf(values[row * width + HEAD.MARKET]!);
      const localUs = values[row * width + HEAD.LOCAL_US]!;
      if (localUs > entry.us) entry.us = localUs;
    }
  }
  return Array.from(latest.values(), ({ id, table, us }) => ({
    instrument_id: id,
    table_name: table,
    local_receive_us: us,
    run_id: runId,
  }));
}

/** The same function of a market, asked once for each stretch of rows of one. */
export function lastKept<T>(of: (market: number) => T): (market: number) => T {
  let last = Number.NaN;
  let kept: T;
  return (market) => {
    if (market !== last) {
      kept = of(market);
      last = market;
    }
    return kept;
  };
}

/** The rows of a block for which something holds; the block itself where it holds for all. */
export function rowsThat(block: RowBlock, holds: (market: number, localUs: number) => boolean): RowBlock {
  const { table, rows, values } = block;
  const { width } = MARKET_TABLES[table];
  let kept: Float64Array | undefined;
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    if (!holds(values[at + HEAD.MARKET]!, values[at + HEAD.LOCAL_US]!)) kept ??= values.slice();
    else {
      kept?.copyWithin(count * width, at, at + width);
      count++;
    }
  }
  return kept === undefined ? block : { table, rows: count, values: kept };
}
