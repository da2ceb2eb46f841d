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
  /** Told when what was spooled turns out to be damaged. */
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
      this.#files.push(this.#found(join(options.folder, name)));
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
      throw new SpoolFullError(`the spool is full with ${this.#bytes} bytes`);
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
      const whole = Buffer.allocUnsafe(file.starts[1]! - start);
      readSync(file.handle, whole, 0, whole.length, start);
      const record = whole.subarray(HEAD_BYTES);
      if (crc32(record) === whole.readUInt32LE(4)) return record;
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

  /** A file of an earlier run: its records up to where they make sense. */
  #found(path: string): SpoolFile {
    const handle = openSync(path, 'r');
    const file: SpoolFile = { path, handle, starts: [0], bytes: fstatSync(handle).size, damaged: false };
    const head = Buffer.alloc(HEAD_BYTES);
    for (let at = 0; at + HEAD_BYTES <= file.bytes; ) {
      readSync(handle, head, 0, HEAD_BYTES, at);
      at += HEAD_BYTES + head.readUInt32LE(0);
      if (at > file.bytes) break;
      file.starts.push(at);
    }
    return file;
  }

  /** Removes files of which everything has been taken out; a damaged one is set aside. */
  #tidy(): void {
    for (let file = this.#files[0]; file !== undefined && recordsIn(file) === 0; file = this.#files[0]) {
      this.#files.shift();
      this.#bytes -= file.bytes;
      closeSync(file.handle);
      if (file.damaged) renameSync(file.path, `${file.path}.damaged`);
      else rmSync(file.path);
    }
    if (this.#files.length === 0) this.#own = false;
  }

  #damage(file: SpoolFile, at: number): void {
    file.damaged = true;
    this.#options.onDamage(
      `store: rows that waited in ${basename(file.path)} are damaged at byte ${at} and were left out; they are in captures and journal.`,
    );
  }
}

function recordsIn({ starts }: SpoolFile): number {
  return starts.length - 1;
}
