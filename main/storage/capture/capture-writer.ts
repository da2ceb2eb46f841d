import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { HOUR_US } from '../../../shared/units.ts';
import { afterMs, type Cancel } from '../../core/clock/wall-timer.ts';
import { LockedError, takeLock } from '../../core/process-lock.ts';
import type { CaptureChunk, CaptureFormat } from './capture-chunks.ts';
import { CaptureFile, closedInOrder, type FrameContent } from './capture-file.ts';

/** A frame is written when this much has come in, or after this time, so that less than a second is at stake. */
const FLUSH_BYTES = 1024 * 1024;
const FLUSH_MS = 500;
const RETRY_MS = 1_000;
/** Bytes that may wait for a disk that does not take them. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024;

const compress = promisify(zstdCompress);

export interface CaptureWriterOptions {
  /** Folder for the captures of all sources. */
  readonly folder: string;
  /** Name of the source: `simulated`, `databento`, `kraken`. */
  readonly source: string;
  readonly format: CaptureFormat;
  /** Called when the state changes. */
  readonly onState?: (state: CaptureState) => void;
  /** Bytes that may wait. */
  readonly mostWaitingBytes?: number;
}

/** How the capture is, for the health bar. */
export interface CaptureState {
  readonly ok: boolean;
  readonly words: string;
  /** Bytes that came in but are in no file. */
  readonly lostBytes: number;
}

/** A compressed frame on its way to the disk. */
interface Frame {
  readonly hour: number;
  readonly bytes: Uint8Array;
  readonly content: FrameContent;
  /** Bytes that came in for it. */
  readonly takenBytes: number;
}

/**
 * The market-data log: DBN version 3, or frames of other venues, in zstd frames, one file per source and hour, each with a sidecar that keeps engine
 * sequence and local receive times. Compressing, writing and syncing happen beside the engine; `write` only takes note. A
 * disk that refuses is told and tried again; what it misses meanwhile waits in memory, then is given up and noted.
 */
export class CaptureWriter {
  readonly #options: CaptureWriterOptions;
  #chunks: CaptureChunk[] = [];
  #waitingBytes = 0;
  #lost = { bytes: 0, chunks: 0 };
  #lostInAll = 0;
  #file: CaptureFile | undefined;
  #fileHour = Number.NaN;
  readonly #ownRun = new Set<number>();
  #frame: Frame | undefined;
  #timer: Cancel | undefined;
  #writing: Promise<void>;
  #busy = true;
  #begun = false;
  #closed = false;
  #state: Omit<CaptureState, 'lostBytes'> = { ok: true, words: 'recording' };

  /** Gives the source's files in this folder back to others; undefined while they are not this process's. */
  #release: (() => Promise<void>) | undefined;

  /** Takes the source's files in the folder, puts what earlier runs left of them in order, and records from then on. */
  constructor(options: CaptureWriterOptions) {
    this.#options = options;
    this.#writing = this.#own()
      .catch((error: Error) => this.#fault(error))
      .finally(() => {
        this.#busy = false;
        this.#plan();
      });
  }

  get state(): CaptureState {
    return { ...this.#state, lostBytes: this.#lostInAll };
  }

  /**
   * Takes a chunk; the bytes must stay as they are. The first one starts with the stream's head.
   * @param input engine's input sequence before it
   * @param begins it is a state of the mapper, which reading may begin with
   */
  write(bytes: Uint8Array, input: number, localUs: number, begins = false): void {
    if (this.#closed) throw new Error('capture: written to after it was closed');
    if (!this.#begun && this.#options.format.headBytes(bytes) === 0) {
      throw new Error('capture: the stream does not begin with its head');
    }
    this.#begun = true;
    if (this.#waitingBytes + bytes.length > (this.#options.mostWaitingBytes ?? MOST_WAITING_BYTES)) {
      this.#lost = { bytes: this.#lost.bytes + bytes.length, chunks: this.#lost.chunks + 1 };
      this.#lostInAll += bytes.length;
      return;
    }
    this.#chunks.push({ bytes, input, localUs, begins });
    this.#waitingBytes += bytes.length;
    this.#plan();
  }

  /** Writes what waits and closes the file. What the disk does not take now is lost, and the state says so. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.();
    await this.#writing;
    while (this.#chunks.length > 0 || this.#frame !== undefined) {
      const before = this.#waitingBytes;
      await this.#flush();
      if (this.#waitingBytes === before) break;
    }
    await this.#closeFile().catch((error: Error) => this.#fault(error));
    await this.#release?.();
    this.#lostInAll += this.#waitingBytes;
  }

  #plan(): void {
    if (this.#busy || this.#closed || (this.#chunks.length === 0 && this.#frame === undefined)) return;
    const now = this.#waitingBytes >= FLUSH_BYTES && this.#state.ok;
    if (now) this.#start();
    else this.#timer ??= afterMs(this.#state.ok ? FLUSH_MS : RETRY_MS, () => this.#start());
  }

  #start(): void {
    this.#timer?.();
    this.#timer = undefined;
    if (this.#busy) return;
    this.#busy = true;
    this.#writing = this.#flush().finally(() => {
      this.#busy = false;
      this.#plan();
    });
  }

  /** One frame to the disk. */
  async #flush(): Promise<void> {
    try {
      await this.#own();
      this.#frame ??= await this.#nextFrame();
      if (this.#frame === undefined) return;
      const { hour, bytes, content, takenBytes } = this.#frame;
      const file = await this.#fileOf(hour);
      if (this.#lost.chunks > 0) {
        const lost = this.#lost;
        await file.note({ type: 'lost', ...lost });
        this.#lost = { bytes: this.#lost.bytes - lost.bytes, chunks: this.#lost.chunks - lost.chunks };
      }
      await file.append(bytes, content);
      this.#waitingBytes -= takenBytes;
      this.#frame = undefined;
      const words = this.#lostInAll === 0 ? 'recording' : `recording; ${this.#lostInAll} bytes were lost before`;
      this.#set(true, words);
    } catch (error) {
      this.#fault(error as Error);
    }
  }

  /** Chunks of one hour, with what their file must begin with, compressed. */
  async #nextFrame(): Promise<Frame | undefined> {
    const { format } = this.#options;
    const [first] = this.#chunks;
    if (first === undefined) return undefined;
    const hour = Math.floor(first.localUs / HOUR_US);
    const isNext = (chunk: CaptureChunk) => chunk.begins === true || Math.floor(chunk.localUs / HOUR_US) !== hour;
    let end = this.#chunks.findIndex((chunk, index) => index > 0 && isNext(chunk));
    if (end < 0) end = this.#chunks.length;
    const chunks = this.#chunks.slice(0, end);
    const begins = (await this.#fileOf(hour)).empty;
    const preface = begins && format.headBytes(first.bytes) === 0 ? format.preface(hour) : [];
    const repeatedBytes = preface.reduce((sum, { length }) => sum + length, 0);
    const bodies = chunks.map(({ bytes }, index) =>
      begins && index === 0 ? bytes : bytes.subarray(format.headBytes(bytes)),
    );
    const stream = Buffer.concat([...preface, ...bodies]);
    const bytes = await compress(stream, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
    let notes = false;
    for (const chunk of chunks) notes = format.learn(chunk.bytes) || notes;
    this.#chunks.splice(0, end);
    return {
      hour,
      bytes,
      content: {
        ...arrivalsOf(chunks, bodies),
        streamBytes: stream.length,
        repeatedBytes,
        ...(first.begins === true ? { begins: true } : {}),
        ...(notes ? { notes } : {}),
      },
      takenBytes: chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0),
    };
  }

  async #fileOf(hour: number): Promise<CaptureFile> {
    if (this.#file !== undefined && this.#fileHour === hour) return this.#file;
    await this.#closeFile();
    await mkdir(this.#options.folder, { recursive: true });
    this.#file = await CaptureFile.open(join(this.#options.folder, fileName(this.#options, hour)));
    this.#fileHour = hour;
    if (!this.#ownRun.has(hour)) await this.#file.note({ type: 'run', notes: true });
    this.#ownRun.add(hour);
    return this.#file;
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /**
   * Makes the source's files in the folder this process's: two recorders would write over each other. Files that a killed
   * run left open are cut to their last whole frame and closed.
   */
  async #own(): Promise<void> {
    if (this.#release !== undefined) return;
    const { folder, source, format } = this.#options;
    this.#release = await takeLock(join(folder, `${source}.lock`));
    for (const name of await readdir(folder)) {
      if (!name.startsWith(`${source}-`) || !name.endsWith(format.extension)) continue;
      const path = join(folder, name);
      if (!(await closedInOrder(path))) await (await CaptureFile.open(path)).close();
    }
  }

  #fault(error: Error): void {
    this.#set(false, faultWords(error));
  }

  #set(ok: boolean, words: string): void {
    const before = this.#state;
    this.#state = { ok, words };
    if (before.ok !== ok || before.words !== words) this.#options.onState?.(this.state);
  }
}

/** Words for a disk that refuses. */
export function faultWords(error: Error): string {
  if (error instanceof LockedError) {
    const who = error.holder === undefined ? 'others take' : `another Fathom (process ${error.holder}) keeps`;
    return `capture: ${who} the captures of this source in this folder, so nothing is recorded here. Stop it, or record elsewhere.`;
  }
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return 'capture: the disk is full; market data waits in memory. Free space on the disk. Trading goes on.';
  }
  return `capture: the file cannot be written (${code === '' ? error.message : code}). Trading goes on.`;
}

/** `simulated-2026-11-18T13Z.dbn.zst`. */
function fileName({ source, format }: CaptureWriterOptions, hour: number): string {
  return `${source}-${new Date(hour * 3_600_000).toISOString().slice(0, 13)}Z${format.extension}`;
}

function arrivalsOf(
  chunks: readonly CaptureChunk[],
  bodies: readonly Uint8Array[],
): Pick<FrameContent, 'chunks' | 'input' | 'localUs'> {
  const { input, localUs } = chunks[0]!;
  return {
    input,
    localUs,
    chunks: chunks.map((chunk, index) => {
      const before = chunks[index - 1] ?? chunk;
      return [bodies[index]!.length, chunk.input - before.input, chunk.localUs - before.localUs] as const;
    }),
  };
}
