import type { MarketTable } from '../main/core/store-port.ts';
import { HEAD, MARKET_TABLES } from '../main/storage/tables/market-tables.ts';
import type { RowBlock } from '../main/storage/tables/row-block.ts';
import type { WorkerStore } from '../main/storage/worker-store.ts';
import { instrumentOf } from '../shared/instruments.ts';

/** Rows of a table in a bench. */
export const LOAD_ROWS = 400_000;
/** Tables that are measured, under the names that figures have. */
export const LOADS: readonly (readonly [name: string, table: MarketTable])[] = [
  ['events', 'cme_mbp10_events'],
  ['trades', 'cme_trades'],
  ['features', 'features'],
];

const INSTRUMENT = instrumentOf('6EZ6', 65_001, 1, undefined);
/** 2026-11-18 13:00 UTC. */
const START_US = 1_795_006_800_000_000;
const LETTERS = ['A', 'B', 'C', 'T'].map((letter) => letter.charCodeAt(0));
/** Rows before the clock starts: the worker's code is compiled as it runs. */
const WARM_UP_ROWS = 50_000;
/** Rows after which the caller lets others have their turn, as a socket does. */
const TURN_ROWS = 2_000;
/** Rows that may wait in the store before the caller waits too. */
const MOST_WAITING = 100_000;

/** Writes the row of a number: what a market tells, with prices and sizes that differ from row to row. */
function fill(values: Float64Array, at: number, table: MarketTable, n: number): void {
  const { fields, width } = MARKET_TABLES[table];
  values[at + HEAD.MARKET] = 0;
  values[at + HEAD.VENUE_US] = START_US + n * 4_000;
  values[at + HEAD.VENUE_NANO] = n % 1_000;
  values[at + HEAD.VENDOR_US] = START_US + n * 4_000 + 120;
  values[at + HEAD.VENDOR_NANO] = (n * 7) % 1_000;
  values[at + HEAD.LOCAL_US] = START_US + n * 4_000 + 900;
  values[at + HEAD.SEQUENCE] = n;
  for (let own = HEAD.END, field = HEAD.END - 2; own < width; own++, field++) {
    const { kind } = fields[field]!;
    values[at + own] = kind === 'letter' ? LETTERS[n & 3]! : kind === 'whole' ? n % 250 : 1.08 + (n % 5_000) * 0.00005;
  }
}

/** The rows as blocks that are there before a clock starts. */
export function blockOf(table: MarketTable, rows: number): RowBlock {
  const { width } = MARKET_TABLES[table];
  const values = new Float64Array(rows * width);
  for (let n = 0; n < rows; n++) fill(values, n * width, table, n);
  return { table, rows, values };
}

/** What putting rows into a store comes to. */
export interface LoadResult {
  /** From the first call until everything is in the database. */
  readonly rowsPerSecond: number;
  /** The longest that the caller was kept in one turn of so many rows, which is what the engine would feel. */
  readonly slowestTurnMs: number;
}

/** Puts rows into an open store as fast as it takes them in, and closes it. */
export async function loadStore(store: WorkerStore, table: MarketTable, rows: number): Promise<LoadResult> {
  store.instrument(0, INSTRUMENT);
  await put(store, table, 0, WARM_UP_ROWS);
  await store.settingPut('load', 0);
  const startedMs = performance.now();
  const slowestTurnMs = await put(store, table, WARM_UP_ROWS, rows);
  const { droppedRows } = store.state;
  await store.close();
  if (droppedRows > 0) throw new Error(`${droppedRows} rows were dropped`);
  return { rowsPerSecond: rows / ((performance.now() - startedMs) / 1000), slowestTurnMs };
}

/** @returns the longest turn, ms */
async function put(store: WorkerStore, table: MarketTable, from: number, rows: number): Promise<number> {
  let slowestTurnMs = 0;
  for (let n = from; n < from + rows; ) {
    const turnMs = performance.now();
    for (const end = Math.min(from + rows, n + TURN_ROWS); n < end; n++) {
      const { values, at } = store.row(table);
      fill(values, at, table, n);
    }
    slowestTurnMs = Math.max(slowestTurnMs, performance.now() - turnMs);
    await (store.state.waitingRows > MOST_WAITING ? store.settingPut('load', n) : turn());
  }
  return slowestTurnMs;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
