import { randomUUID } from 'node:crypto';
import type { StoreState } from '../core/store-port.ts';
import type { StoreWorkerData } from './store-batch.ts';

/** What every kind of store is told. */
export interface StoreOptions {
  /** Name of this run of the engine: signals and proposals are numbered anew in each. */
  readonly runId: string;
  /** Account that orders, fills and deals belong to. */
  readonly account: string;
  /** Called when the state changes. */
  readonly onState?: (state: StoreState) => void;
  /** A sentence for the trader, such as that a damaged database was set aside. */
  readonly onNotice?: (words: string) => void;
  /** Rows that may wait. */
  readonly mostWaitingRows?: number;
  /** Folder for what the database does not take; left out = rows wait in memory then. One store has it at a time. */
  readonly spoolFolder?: string | undefined;
  /** Bytes that the spool may hold. */
  readonly spoolBytes?: number;
  /** Milliseconds after which a write that still runs is spooled as well. */
  readonly slowMs?: number;
}

/** With the quarter of a second for which rows are gathered, less than a second is in memory alone. */
const SLOW_MS = 600;
const SPOOL_BYTES = 2 * 1024 ** 3;

/** What the worker of a store is started with, whatever its database. */
export function workerData(options: StoreOptions): StoreWorkerData {
  const { runId, account, spoolFolder, spoolBytes = SPOOL_BYTES, slowMs = SLOW_MS } = options;
  const spool = { folder: spoolFolder ?? '', maxBytes: spoolFolder === undefined ? 0 : spoolBytes };
  return { runId, account, writer: randomUUID(), spool, slowMs };
}
