import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';

/** There is no more room in the spool. */
export class SpoolFullError extends Error {
  override readonly name = 'SpoolFullError';
}

export interface SpoolOptions {
  readonly folder: string;
  /** Bytes beyond which nothing more is taken in; 0 = nothing ever is, and no folder is made. */
  readonly maxBytes: number;
  /** Bytes at which a new file is begun. */
  readonly fileBytes?: number;
  /** Told when what was spooled turns out to be damaged, or can't be read or removed. */
  readonly onDamage: (words: string) => void;
}

interface SpoolFile {
  readonly path: string;
  readonly handle: number;
  /** Where its records begin, and one past the last. */
  readonly starts: number[];
  bytes: number;
  damaged: boolean;
}

const FILE_BYTES = 16 * 1024 * 1024;
/** Length and CRC-32 of what follows. */
const HEAD_BYTES = 8;
/** Bytes that no record has. */
const LONGEST = 2 ** 30;
const NAME = /^\d{10}\.spool$/;

/**
 * A queue on disk: what is appended has been synced when the call returns, and comes out in the same order, in this run or
 * in a later one. Files of records: length, CRC-32, bytes; a file goes when all of it has been taken out. A record that a
 * kill cut short was never said to be kept, and is cut off.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #files: SpoolFile[] = [];
  #next = 1;
  /** Whether the last file is one that this run began. */
  #own = false;
  #records = 0;
  #bytes = 0;

  constructor(options: SpoolOptions) {
    this.#options = options;
    if (options.maxBytes === 0) return;
    mkdirSync(options.folder, { recursive: true });
    for (const name of readdirSync(options.folder).sort()) {
      if (!NAME.test(name)) continue;
      this.#next = Number.parseInt(name, 10) + 1;
      const file = this.#found(join(options.folder, name));
      if (file !== undefined) this.#files.push(file);
    }
    for (const file of this.#files) {
      this.#records += recordsIn(file);
      this.#bytes += file.bytes;
    }
    this.#tidy();
  }

  /** Records that wait. */
  get records(): number {
    return this.#records;
  }

  /** Appends a record. Throws SpoolFullError, or what the file system throws; nothing is kept then. */
  append(record: Uint8Array): void {
    const bytes = HEAD_BYTES + record.length;
    if (this.#bytes + bytes > this.#options.maxBytes) {
      const full = this.#options.maxBytes === 0 ? 'there is no spool' : `the spool is full with ${this.#bytes} bytes`;
      throw new SpoolFullError(full);
    }
    const file = this.#file();
    const whole = Buffer.allocUnsafe(bytes);
    whole.writeUInt32LE(record.length, 0);
    whole.writeUInt32LE(crc32(record), 4);
    whole.set(record, HEAD_BYTES);
    try {
      for (let at = 0; at < bytes; ) at += writeSync(file.handle, whole, at, bytes - at, file.bytes + at);
      fdatasyncSync(file.handle);
    } catch (error) {
      ftruncateSync(file.handle, file.bytes);
      throw error;
    }
    file.bytes += bytes;
    file.starts.push(file.bytes);
    this.#bytes += bytes;
    this.#records++;
  }

  /** The oldest record, or undefined when none waits. */
  peek(): Buffer | undefined {
    for (let file = this.#files[0]; file !== undefined && this.#records > 0; file = this.#files[0]) {
      const start = file.starts[0]!;
      const record = recordAt(file, start, file.starts[1]!);
      if (record !== undefined) return record;
      this.#damage(file, start);
      this.shift();
    }
    return undefined;
  }

  /** Takes the oldest record out. */
  shift(): void {
    this.#files[0]!.starts.shift();
    this.#records--;
    this.#tidy();
  }

  /** Lets go of the files; what waits stays in them. */
  close(): void {
    for (const { handle } of this.#files.splice(0)) closeSync(handle);
    this.#records = 0;
  }

  /** The file that is written to. */
  #file(): SpoolFile {
    const last = this.#files.at(-1);
    if (last !== undefined && this.#own && last.bytes < (this.#options.fileBytes ?? FILE_BYTES)) return last;
    const path = join(this.#options.folder, `${String(this.#next++).padStart(10, '0')}.spool`);
    const file: SpoolFile = { path, handle: openSync(path, 'wx+', 0o600), starts: [0], bytes: 0, damaged: false };
    this.#files.push(file);
    this.#own = true;
    return file;
  }

  /** A file of an earlier run: its records up to where they make sense; undefined where it can't be read. */
  #found(path: string): SpoolFile | undefined {
    let handle: number | undefined;
    try {
      handle = openSync(path, 'r');
      const file: SpoolFile = { path, handle, starts: [0], bytes: fstatSync(handle).size, damaged: false };
      this.#findRecords(file);
      return file;
    } catch (error) {
      if (handle !== undefined) closeSync(handle);
      this.#options.onDamage(
        `store: rows that waited in ${basename(path)} cannot be read (${(error as Error).message}) and were left there; they are in captures and journal.`,
      );
      return undefined;
    }
  }

  #findRecords(file: SpoolFile): void {
    const head = Buffer.alloc(HEAD_BYTES);
    for (let at = 0; at + HEAD_BYTES <= file.bytes; ) {
      readSync(file.handle, head, 0, HEAD_BYTES, at);
      const bytes = head.readUInt32LE(0);
      // No record is that long: this is not one that a kill cut short, and what is behind it cannot be found.
      if (bytes > LONGEST) this.#damage(file, at);
      at += HEAD_BYTES + bytes;
      if (at <= file.bytes) file.starts.push(at);
    }
  }

  /** Removes files of which everything has been taken out; a damaged one is set aside. */
  #tidy(): void {
    for (let file = this.#files[0]; file !== undefined && recordsIn(file) === 0; file = this.#files[0]) {
      this.#files.shift();
      this.#bytes -= file.bytes;
      closeSync(file.handle);
      this.#removed(file);
    }
    if (this.#files.length === 0) this.#own = false;
  }

  /** What cannot be removed is found by the next run, and then stored no second time. */
  #removed({ path, damaged }: SpoolFile): void {
    try {
      if (damaged) renameSync(path, `${path}.damaged`);
      else rmSync(path);
    } catch (error) {
      this.#options.onDamage(`store: ${path} is used up and could not be removed (${(error as Error).message}).`);
    }
  }

  #damage(file: SpoolFile, at: number): void {
    file.damaged = true;
    this.#options.onDamage(
      `store: rows that waited in ${basename(file.path)} are damaged at byte ${at} and were left out; they are in captures and journal.`,
    );
  }
}

/** A record, or undefined where it is not what was written. */
function recordAt({ handle }: SpoolFile, from: number, to: number): Buffer | undefined {
  const whole = Buffer.alloc(to - from);
  try {
    readSync(handle, whole, 0, whole.length, from);
  } catch {
    return undefined;
  }
  const record = whole.subarray(HEAD_BYTES);
  return crc32(record) === whole.readUInt32LE(4) ? record : undefined;
}

function recordsIn({ starts }: SpoolFile): number {
  return starts.length - 1;
}
