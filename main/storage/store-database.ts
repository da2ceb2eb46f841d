import type { KeepDays } from '../core/store-port.ts';
import type { SpooledBatch, StoreQuestion } from './store-batch.ts';
import type { StoreFault } from './store-fault.ts';
import type { PruneReport } from './tables/retention.ts';

/** What a database left out of a batch that it stored otherwise. */
export interface LeftOut {
  /** What refused rows that can't be made again: orders and the like. */
  readonly durable?: unknown;
  /** What refused rows that can. */
  readonly market?: unknown;
  /** Market rows that are not this program's to store: another engine at work does, or a later version of it made the file. */
  readonly passedRows: number;
}

/** A database as the writer needs it. One that has failed stays so: open anew. */
export interface StoreDatabase {
  /** Stores a batch, unless it is there already: in whole, or without the rows that `writeDays` stores. */
  write(spooled: SpooledBatch): Promise<LeftOut>;
  /** Stores the market rows of a batch, where they have files of their own that may fail alone. */
  writeDays?(spooled: SpooledBatch): Promise<LeftOut>;
  answer(question: StoreQuestion): Promise<unknown>;
  /** Removes what is older than it is kept for. */
  prune(keepDays: KeepDays, nowUs: number): Promise<PruneReport>;
  close(): Promise<void>;
}

/** What a kind of database is to the writer. */
export interface StoreDatabaseKind {
  /** Whether its databases have `writeDays`. */
  readonly daysApart: boolean;
  /** Connects and brings the tables up to date. @param onLost called when it is lost while nothing was asked of it */
  open(onLost: () => void): Promise<StoreDatabase>;
  /** Names what is wrong, in words. */
  faultOf(error: unknown): StoreFault;
}
