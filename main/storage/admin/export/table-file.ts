import type { CellRow } from '../row-stream.ts';

/** A file of rows that is being written. */
export interface TableFile {
  write(rows: readonly CellRow[]): Promise<void>;
  /** Writes what is left; the file is whole then. */
  finish(): Promise<void>;
  /** Lets go of the file as it is. */
  abandon(): Promise<void>;
}
