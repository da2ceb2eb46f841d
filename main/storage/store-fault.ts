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

/** The file of a trading day failed; everything else may be well. */
export class DayFileError extends Error {
  override readonly name = 'DayFileError';
  /** The file in words. */
  readonly file: string;
  /** What SQLite or the file system threw. */
  override readonly cause: unknown;

  constructor(file: string, cause: unknown) {
    super((cause as Error).message);
    this.file = file;
    this.cause = cause;
  }
}

/** The rows themselves are at fault: writing them again can't help. */
const ROWS = /^SQLITE_(CONSTRAINT|MISMATCH|RANGE)/;
const FULL = /^(SQLITE_(FULL|IOERR_WRITE)|ENOSPC|EDQUOT)/;
const LOCKED = /^SQLITE_(BUSY|LOCKED|PROTOCOL)/;
const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/;
const DENIED = /^(SQLITE_(READONLY|CANTOPEN|PERM)|EACCES|EPERM|EROFS|ENOTDIR|EISDIR|EEXIST)/;

/**
 * Names the fault behind an error of SQLite or of the migrations, in words for the health bar.
 * @param file the file that it is about, in words
 */
export function faultOf(error: unknown, file = 'the database'): StoreFault {
  if (error instanceof DayFileError) return faultOf(error.cause, error.file);
  const { message } = error as Error;
  const code = String((error as { code?: unknown }).code ?? '');
  if (error instanceof NewerSchemaError) return { kind: 'newer', words: message };
  if (FULL.test(code)) {
    return { kind: 'full', words: `store: the disk is full, and ${file} takes no more. Free space on the disk.` };
  }
  if (LOCKED.test(code)) return { kind: 'locked', words: `store: another program holds ${file}. Close it there.` };
  if (DAMAGED.test(code)) return { kind: 'damaged', words: `store: ${file} is damaged (${message})` };
  if (ROWS.test(code) || error instanceof RowError || error instanceof TypeError || error instanceof RangeError) {
    return { kind: 'rows', words: `store: rows were refused (${message}); they are in captures and journal only.` };
  }
  const denied = DENIED.test(code) ? ' Check that its folder is there and may be written.' : '';
  return { kind: 'other', words: `store: ${file} cannot be written (${message}).${denied}` };
}
