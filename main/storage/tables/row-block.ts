import type { MarketTable } from '../../core/store-port.ts';
import { MARKET_TABLES } from './market-tables.ts';

/** Rows of a market table behind each other in one array, which is handed from thread to thread as it is. */
export interface RowBlock {
  readonly table: MarketTable;
  readonly rows: number;
  /** May be longer than its rows. */
  readonly values: Float64Array;
}

/** A block whose array holds its rows and nothing else, for what keeps or sends arrays whole. */
export function compacted({ table, rows, values }: RowBlock): RowBlock {
  const used = rows * MARKET_TABLES[table].width;
  return { table, rows, values: used === values.length ? values : values.slice(0, used) };
}
