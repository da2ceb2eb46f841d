import { type FileHandle, mkdir, open, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterMs, soon } from '../clock/wall-timer.ts';
import type { Journal } from '../trading-ports.ts';
import { decodeEntry, encodeEntry, JOURNAL_VERSION, type JournalEntry } from './journal-entry.ts';

/** Longest time that an entry nobody waits for stays in memory. */
const LAZY_MS = 200;
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
 * The journal on disk: lines are gathered, written and synced together, off the engine's path. Who waits for durability is
 * called back after the sync. A disk that refuses keeps the lines in memory, says so and is tried again; nothing that
 * waits for durability goes on meanwhile.
 */
export class JournalFile implements Journal {
  readonly #options: JournalFileOptions;
  readonly #handle: FileHandle;
  #pending: string[] = [];
  #waiting: (() => void)[] = [];
  #n: number;
  #writing: Promise<void> | undefined;
  #scheduled: (() => void) | undefined;
  #faulty = false;

  private constructor(options: JournalFileOptions, handle: FileHandle, n: number) {
    this.#options = options;
    this.#handle = handle;
    this.#n = n;
  }

  /** Opens a journal, cuts a torn tail off, and gives the entries that are there. */
  static async open(options: JournalFileOptions): Promise<{ journal: JournalFile; entries: readonly JournalEntry[] }> {
    await mkdir(dirname(options.path), { recursive: true });
    const entries = await readJournal(options.path, { repair: true });
    const handle = await open(options.path, 'a');
    return { journal: new JournalFile(options, handle, entries.at(-1)?.n ?? 0), entries };
  }

  append(type: string, data: object): void {
    const { input, atUs } = this.#options.position();
    this.#pending.push(encodeEntry({ v: JOURNAL_VERSION, n: ++this.#n, input, atUs, type, data }));
    this.#scheduled ??= afterMs(LAZY_MS, () => this.#flush());
  }

  whenDurable(then: () => void): void {
    this.#waiting.push(then);
    this.#scheduled?.();
    this.#scheduled = soon(() => this.#flush());
  }

  /** Writes what is there and closes the file. */
  async close(): Promise<void> {
    this.#flush();
    while (this.#writing !== undefined) await this.#writing;
    await this.#handle.close();
  }

  #flush(): void {
    this.#scheduled = undefined;
    if (this.#writing !== undefined || (this.#pending.length === 0 && this.#waiting.length === 0)) return;
    const text = this.#pending.join('');
    const waiting = this.#waiting;
    this.#pending = [];
    this.#waiting = [];
    this.#writing = this.#write(text, waiting).finally(() => {
      this.#writing = undefined;
      if (this.#waiting.length > 0 && !this.#faulty) this.#flush();
    });
  }

  async #write(text: string, waiting: readonly (() => void)[]): Promise<void> {
    try {
      const { size } = await this.#handle.stat();
      try {
        await this.#handle.writeFile(text);
        await this.#handle.datasync();
      } catch (error) {
        await this.#handle.truncate(size);
        throw error;
      }
    } catch (error) {
      this.#faulty = true;
      this.#pending.unshift(text);
      this.#waiting.unshift(...waiting);
      this.#options.onFault(
        `journal cannot be written (${(error as Error).message}); orders wait. Free space on the disk.`,
      );
      this.#scheduled ??= afterMs(RETRY_MS, () => this.#flush());
      return;
    }
    if (this.#faulty) this.#options.onFault(undefined);
    this.#faulty = false;
    for (const then of waiting) then();
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
    if (entry === undefined) {
      if (end >= 0 && end + 1 < text.length) {
        throw new Error(
          `journal ${path}: entry after ${entries.length} is damaged; move the file aside to start without it`,
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
