import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, zstdDecompress } from 'node:zlib';
import { DbnError } from '../dbn/error.ts';
import { decompressZstd } from '../dbn/zstd.ts';
import { Arrivals } from './arrivals.ts';
import { decodeSidecar, type FrameLine, type SidecarLine, sidecarPath } from './sidecar.ts';

const decompress = promisify(zstdDecompress);

/** Compressed bytes read at a time. */
const READ_BYTES = 128 * 1024;
const NEWLINE = 0x0a;
/** `crc32 `, before the JSON of a line. */
const CHECKSUM_BYTES = 9;
const FRAME = Buffer.from('{"type":"frame",');
const LOCAL_US = Buffer.from('"localUs":');
const CHUNKS = Buffer.from('"chunks":[');
const BEHIND_CHUNKS = Buffer.from('],"streamBytes"');
/** How the line of a frame ends that says something of it. */
const BEGINS = Buffer.from('"begins":true');
const NOTES = Buffer.from('"notes":true}\n');
const BEGINS_ENDS = [Buffer.from('"begins":true}\n'), Buffer.concat([BEGINS, Buffer.from(','), NOTES])];
const ZERO = 0x30;
const COMMA = 0x2c;

/** A zstd frame of a capture, as its sidecar has it. */
export class IndexedFrame {
  /** Local receive time of its first chunk, µs; where a crash has left that unknown, of the frame before. */
  readonly localUs: number;
  /** It begins with a state of the mapper. */
  readonly begins: boolean;
  /** It holds what later records rest on, or it isn't known whether it does. */
  readonly notes: boolean;
  /** A run of the recorder began to write with it. */
  readonly run: boolean;
  /** Bytes of the stream that were given up before it. */
  readonly lostBytes: number;
  readonly #line: Buffer;
  #short: FrameLine | undefined;

  constructor(line: Buffer, notice: Pick<IndexedFrame, 'localUs' | 'begins' | 'notes' | 'run' | 'lostBytes'>) {
    this.#line = line;
    this.localUs = notice.localUs;
    this.begins = notice.begins;
    this.notes = notice.notes;
    this.run = notice.run;
    this.lostBytes = notice.lostBytes;
  }

  /** Its line without the list of its chunks, which is most of it. */
  get short(): FrameLine {
    this.#short ??= parsed(this.#line) as FrameLine;
    return this.#short;
  }

  /** Its line as it stands. */
  get whole(): FrameLine {
    return decodeSidecar(this.#line)[0]!.line as FrameLine;
  }

  /** Where in the file it ends. */
  get end(): number {
    return this.short.at + this.short.bytes;
  }
}

/**
 * Where in a capture what lies: for readers that want a moment of it and not the whole. Of the lines of a sidecar, which can
 * be megabytes, only times and flags are read before a frame is asked for.
 */
export class CaptureIndex {
  readonly path: string;
  readonly frames: readonly IndexedFrame[];

  private constructor(path: string, frames: readonly IndexedFrame[]) {
    this.path = path;
    this.frames = frames;
  }

  /** Reads the sidecar of a capture; one that is not there or is damaged gives the frames that it tells of, if any. */
  static async load(path: string): Promise<CaptureIndex> {
    const sidecar = await readFile(sidecarPath(path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    const { size } = await stat(path);
    return new CaptureIndex(path, framesOf(sidecar, size));
  }

  /** Index of the frame that a time falls into, the last one that begins by then; −1 where all begin later. */
  frameAt(us: number): number {
    const next = this.frames.findIndex(({ localUs }) => localUs > us);
    return next < 0 ? this.frames.length - 1 : next - 1;
  }

  /**
   * When the chunks of some of its frames arrived, as if the file had no others; of the later ones up to the first that
   * begins after a time.
   */
  arrivals(frames: readonly IndexedFrame[], untilUs: number): Arrivals {
    const end = frames.findIndex(({ localUs }) => localUs > untilUs);
    return new Arrivals((end < 0 ? frames : frames.slice(0, end + 1)).map(({ whole }) => whole));
  }

  /**
   * The stream of some of its frames, in their order, and behind them of what the sidecar does not know of. Throws DbnError
   * where a frame is damaged, after everything before it was given.
   */
  async *stream(frames: readonly IndexedFrame[]): AsyncGenerator<Uint8Array> {
    const file = await open(this.path);
    try {
      for (let from = 0; from < frames.length; ) {
        const start = frames[from]!.short.at;
        let { end } = frames[from]!;
        let to = from + 1;
        for (; to < frames.length && frames[to]!.short.at === end && end - start < READ_BYTES; to++)
          end = frames[to]!.end;
        const bytes = new Uint8Array(end - start);
        await file.read(bytes, 0, bytes.length, start);
        for (const frame of frames.slice(from, to)) {
          yield await inflate(bytes.subarray(frame.short.at - start, frame.end - start), frame.short.at);
        }
        from = to;
      }
      yield* this.#unknown(file);
    } finally {
      await file.close();
    }
  }

  /** What lies behind the last frame of the sidecar: a recorder at work is ahead of it by one, a damaged one by more. */
  async *#unknown(file: FileHandle): AsyncGenerator<Uint8Array> {
    const start = this.frames.at(-1)?.end ?? 0;
    try {
      yield* decompressZstd(file.createReadStream({ start, highWaterMark: READ_BYTES, autoClose: false }));
    } catch (error) {
      if (!(error instanceof DbnError)) throw error;
      const { kind, byteOffset, expected, found } = error;
      throw new DbnError({ kind, byteOffset: start + byteOffset, of: 'compressed file', expected, found }, error);
    }
  }
}

async function inflate(bytes: Uint8Array, byteOffset: number): Promise<Uint8Array> {
  try {
    return await decompress(bytes);
  } catch (error) {
    const { message } = error as Error;
    throw new DbnError(
      { kind: 'corrupt', byteOffset, of: 'compressed file', expected: 'a whole zstd frame', found: message },
      error as Error,
    );
  }
}

/** The frames that a sidecar tells of, up to the first line that is torn or altered, or frame that the file has not. */
function framesOf(sidecar: Buffer, size: number): readonly IndexedFrame[] {
  const frames: IndexedFrame[] = [];
  let run = false;
  let notesKnown = false;
  let lostBytes = 0;
  for (let from = 0; ; ) {
    const to = sidecar.indexOf(NEWLINE, from) + 1;
    if (to === 0 || !sound(sidecar, from, to)) break;
    const line = sidecar.subarray(from, to);
    from = to;
    if (startsWith(line, FRAME, CHECKSUM_BYTES)) {
      const us = localUsOf(line);
      // A frame whose line a crash has prevented says nothing of itself.
      const localUs = us === 0 ? (frames.at(-1)?.localUs ?? 0) : us;
      const begins = BEGINS_ENDS.some((end) => endsWith(line, end));
      const notes = us === 0 || !notesKnown || endsWith(line, NOTES);
      frames.push(new IndexedFrame(line, { localUs, begins, notes, run, lostBytes }));
      run = false;
      lostBytes = 0;
      continue;
    }
    const other = parsed(line);
    if (other.type === 'lost') lostBytes += other.bytes;
    if (other.type !== 'run') continue;
    run = true;
    notesKnown = other.notes === true;
  }
  while (frames.length > 0 && frames.at(-1)!.end > size) frames.pop();
  return frames;
}

/** Whether a line's checksum holds. */
function sound(sidecar: Buffer, from: number, to: number): boolean {
  const json = sidecar.subarray(from + CHECKSUM_BYTES, to - 1);
  return Number.parseInt(sidecar.toString('latin1', from, from + CHECKSUM_BYTES - 1), 16) === crc32(json);
}

/** A line but for the list of its chunks. */
function parsed(line: Buffer): SidecarLine {
  const chunks = line.indexOf(CHUNKS);
  const behind = line.indexOf(BEHIND_CHUNKS, chunks);
  const json =
    chunks < 0 || behind < 0
      ? line.toString('utf8', CHECKSUM_BYTES)
      : line.toString('utf8', CHECKSUM_BYTES, chunks + CHUNKS.length) + line.toString('utf8', behind);
  return JSON.parse(json) as SidecarLine;
}

/** The time of a frame's line, read where it stands: it is whole microseconds, or is parsed like the rest. */
function localUsOf(line: Buffer): number {
  let at = line.indexOf(LOCAL_US) + LOCAL_US.length;
  let us = 0;
  for (let digit = line[at]! - ZERO; digit >= 0 && digit <= 9; digit = line[++at]! - ZERO) us = us * 10 + digit;
  return line[at] === COMMA ? us : (parsed(line) as FrameLine).localUs;
}

function startsWith(line: Buffer, word: Buffer, at: number): boolean {
  const end = at + word.length;
  return line.length >= end && line.compare(word, 0, word.length, at, end) === 0;
}

function endsWith(line: Buffer, word: Buffer): boolean {
  return line.length >= word.length && line.compare(word, 0, word.length, line.length - word.length) === 0;
}
