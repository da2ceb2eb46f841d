/** What is wrong with the database, and whether waiting can cure it. */
export interface StoreFault {
  readonly kind: 'full' | 'locked' | 'damaged' | 'newer' | 'rows' | 'other';
  readonly words: string;
}

/** The database was made by a later version of the program. */
export class NewerSchemaError extends Error {
  override readonly name = 'NewerSchemaError';
}

/** A row that can't be what its columns are. */
export class RowError extends Error {
  override readonly name = 'RowError';
}

/** The rows themselves are at fault: writing them again can't help. */
const ROWS = /^SQLITE_(CONSTRAINT|MISMATCH|RANGE)/;
const FULL = /^SQLITE_(FULL|IOERR_WRITE)/;
const LOCKED = /^SQLITE_(BUSY|LOCKED|PROTOCOL)/;
const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/;

/** Names the fault behind an error of SQLite or of the migrations, in words for the health bar. */
export function faultOf(error: unknown): StoreFault {
  const { message } = error as Error;
  const code = String((error as { code?: unknown }).code ?? '');
  if (error instanceof NewerSchemaError) return { kind: 'newer', words: message };
  if (FULL.test(code)) return { kind: 'full', words: 'store: the disk is full. Free space on the disk.' };
  if (LOCKED.test(code)) return { kind: 'locked', words: 'store: another program holds the database. Close it there.' };
  if (DAMAGED.test(code)) return { kind: 'damaged', words: `store: the database is damaged (${message})` };
  if (ROWS.test(code) || error instanceof RowError || error instanceof TypeError || error instanceof RangeError) {
    return { kind: 'rows', words: `store: rows were refused (${message}); they are in captures and journal only.` };
  }
  return { kind: 'other', words: `store: the database cannot be written (${message}).` };
}
