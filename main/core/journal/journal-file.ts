import { type FileHandle, mkdir, open, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterMs, type Cancel, soon } from '../clock/wall-timer.ts';
import type { Journal } from '../trading-ports.ts';
import { decodeEntry, encodeEntry, JOURNAL_VERSION, type JournalEntry } from './journal-entry.ts';

/** Pause before a failed write is tried again. */
const RETRY_MS = 1_000;

export interface JournalFileOptions {
  readonly path: string;
  /** Engine position and time for new entries. */
  readonly position: () => { readonly input: number; readonly atUs: number };
  /** The disk's state, for the health bar: undefined = well. */
  readonly onFault: (words: string | undefined) => void;
}

/**
 * The journal on disk: lines are written and synced as they come, off the engine's path, those together that came while
 * others were on their way. None waits in memory: what is on screen must not be undone by a kill. Who waits for durability
 * is called back after the sync. A disk that refuses keeps the lines in memory, says so and is tried again; nothing that
 * waits for durability goes on meanwhile. What a failed write left behind is cut off before anything else is written, so
 * that every line is in the file once and in order.
 */
export class JournalFile implements Journal {
  readonly #options: JournalFileOptions;
  readonly #handle: FileHandle;
  /** Bytes of whole, synced lines. */
  #soundBytes: number;
  /** Something that failed may lie behind the sound bytes. */
  #torn = false;
  #pending: string[] = [];
  #waiting: (() => void)[] = [];
  #n: number;
  #writing: Promise<void> | undefined;
  #scheduled: Cancel | undefined;
  #faulty = false;
  #closed = false;

  private constructor(options: JournalFileOptions, handle: FileHandle, soundBytes: number, n: number) {
    this.#options = options;
    this.#handle = handle;
    this.#soundBytes = soundBytes;
    this.#n = n;
  }

  /** Opens a journal, cuts a torn tail off, and gives the entries that are there. @throws when it is damaged */
  static async open(options: JournalFileOptions): Promise<{ journal: JournalFile; entries: readonly JournalEntry[] }> {
    const folder = dirname(options.path);
    await mkdir(folder, { recursive: true });
    const entries = await readJournal(options.path, { repair: true });
    const handle = await open(options.path, 'a');
    const { size } = await handle.stat();
    if (size === 0) await syncFolder(folder);
    return { journal: new JournalFile(options, handle, size, entries.at(-1)?.n ?? 0), entries };
  }

  append(type: string, data: object): void {
    if (this.#closed) throw new Error(`journal entry ${type} comes after the journal was closed`);
    const { input, atUs } = this.#options.position();
    this.#pending.push(encodeEntry({ v: JOURNAL_VERSION, n: ++this.#n, input, atUs, type, data }));
    this.#scheduled ??= soon(() => this.#flush());
  }

  whenDurable(then: () => void): void {
    this.#waiting.push(then);
    this.#scheduled ??= soon(() => this.#flush());
  }

  /** Writes what is there and closes the file. @throws when the disk does not take the last entries */
  async close(): Promise<void> {
    this.#closed = true;
    do {
      this.#flush();
      await this.#writing;
    } while (!this.#faulty && (this.#pending.length > 0 || this.#waiting.length > 0));
    this.#scheduled?.();
    await this.#handle.close();
    if (this.#pending.length > 0) {
      throw new Error(`journal ${this.#options.path}: the disk did not take the last entries; they are lost`);
    }
  }

  #flush(): void {
    this.#scheduled?.();
    this.#scheduled = undefined;
    if (this.#writing !== undefined || (this.#pending.length === 0 && this.#waiting.length === 0)) return;
    const lines = this.#pending;
    const waiting = this.#waiting;
    this.#pending = [];
    this.#waiting = [];
    this.#writing = this.#write(lines, waiting).finally(() => {
      this.#writing = undefined;
      if (this.#faulty) this.#scheduled ??= afterMs(RETRY_MS, () => this.#flush());
      else this.#flush();
    });
  }

  async #write(lines: readonly string[], waiting: readonly (() => void)[]): Promise<void> {
    const bytes = Buffer.from(lines.join(''));
    try {
      if (this.#torn) await this.#handle.truncate(this.#soundBytes);
      this.#torn = bytes.length > 0;
      await this.#handle.writeFile(bytes);
      await this.#handle.datasync();
      this.#soundBytes += bytes.length;
      this.#torn = false;
    } catch (error) {
      this.#faulty = true;
      this.#pending.unshift(...lines);
      this.#waiting.unshift(...waiting);
      this.#options.onFault(
        `journal cannot be written (${(error as Error).message}); orders wait. Free space on the disk.`,
      );
      return;
    }
    if (this.#faulty) this.#options.onFault(undefined);
    this.#faulty = false;
    for (const then of waiting) then();
  }
}

/** Makes a new file's name durable; a folder that cannot be opened (Windows) keeps its own counsel. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}

/**
 * Entries of a journal file, none when it does not exist. A torn last line (the process was killed while writing) is left
 * out and, with `repair`, cut off; a damaged line before the last is an error that names it.
 */
export async function readJournal(
  path: string,
  options: { readonly repair: boolean },
): Promise<readonly JournalEntry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const entries: JournalEntry[] = [];
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf('\n', at);
    const entry = end < 0 ? undefined : decodeEntry(text.slice(at, end));
    const last = entries.at(-1);
    if (entry !== undefined && last !== undefined && entry.n !== last.n + 1) {
      throw new Error(
        `journal ${path}: entry ${entry.n} follows entry ${last.n}; move the file aside to start without it`,
      );
    }
    if (entry === undefined) {
      if (end >= 0 && end + 1 < text.length) {
        throw new Error(
          `journal ${path}: the entry after number ${last?.n ?? 0} is damaged; move the file aside to start without it`,
        );
      }
      if (options.repair) await truncate(path, Buffer.byteLength(text.slice(0, at)));
      break;
    }
    entries.push(entry);
    at = end + 1;
  }
  return entries;
}
