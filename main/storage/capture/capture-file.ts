import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { zstdDecompressSync } from 'node:zlib';
import {
  decodeSidecar,
  encodeSidecarLine,
  type FrameLine,
  type SidecarLine,
  sidecarPath,
} from '../../codec/capture/sidecar.ts';
import { ZstdFrameWalker } from '../../codec/dbn/zstd-frames.ts';

/** Everything of a frame's line but where it lies. */
export type FrameContent = Omit<FrameLine, 'type' | 'at' | 'bytes'>;

/** Reading and writing at any place; made when it is not there. */
const OPEN_OR_MAKE = constants.O_RDWR | constants.O_CREAT;
const READ_BYTES = 1024 * 1024;
/** More than the line of a closed file takes. */
const CLOSE_LINE_BYTES = 1024;
const NEWLINE = 0x0a;

/**
 * One capture file with its sidecar, open for appending. Opening one that a killed run has left cuts the torn tail off
 * both, so that what is there decodes to its end.
 */
export class CaptureFile {
  readonly path: string;
  readonly #data: FileHandle;
  readonly #sidecar: FileHandle;
  #bytes: number;
  #sidecarBytes: number;
  #streamBytes: number;
  #frames: number;

  private constructor(path: string, data: FileHandle, sidecar: FileHandle, content: Content) {
    this.path = path;
    this.#data = data;
    this.#sidecar = sidecar;
    this.#bytes = content.bytes;
    this.#sidecarBytes = content.sidecarBytes;
    this.#streamBytes = content.streamBytes;
    this.#frames = content.frames;
  }

  /** Opens a file of this run or an earlier one, or makes a new one. Throws what the file system throws. */
  static async open(path: string): Promise<CaptureFile> {
    const data = await open(path, OPEN_OR_MAKE);
    try {
      const sidecar = await open(sidecarPath(path), OPEN_OR_MAKE);
      try {
        const { content, missing } = await soundContent(path, data);
        await data.truncate(content.bytes);
        await sidecar.truncate(content.sidecarBytes);
        const file = new CaptureFile(path, data, sidecar, content);
        for (const line of missing) await file.#note(line);
        return file;
      } catch (error) {
        await sidecar.close();
        throw error;
      }
    } catch (error) {
      await data.close();
      throw error;
    }
  }

  /** Nothing has been written yet: a stream begins. */
  get empty(): boolean {
    return this.#bytes === 0;
  }

  /** Writes a line that belongs to no frame. */
  async note(line: Exclude<SidecarLine, FrameLine>): Promise<void> {
    await this.#note(line);
  }

  /** Writes a frame and its line, each on disk before this resolves. What fails leaves the file as it was. */
  async append(frame: Uint8Array, content: FrameContent): Promise<void> {
    await writeAll(this.#data, frame, this.#bytes);
    await this.#data.datasync();
    await this.#note({ type: 'frame', at: this.#bytes, bytes: frame.length, ...content });
    this.#bytes += frame.length;
    this.#streamBytes += content.streamBytes;
    this.#frames++;
  }

  /** Writes size and checksum, and closes. */
  async close(): Promise<void> {
    try {
      await this.#data.truncate(this.#bytes);
      await this.#note({
        type: 'close',
        frames: this.#frames,
        bytes: this.#bytes,
        streamBytes: this.#streamBytes,
        sha256: await sha256(this.path),
      });
    } finally {
      await this.abandon();
    }
  }

  /** Closes as it is. */
  async abandon(): Promise<void> {
    await this.#data.close();
    await this.#sidecar.close();
  }

  async #note(line: SidecarLine): Promise<void> {
    const text = new TextEncoder().encode(encodeSidecarLine(line));
    await writeAll(this.#sidecar, text, this.#sidecarBytes);
    await this.#sidecar.datasync();
    this.#sidecarBytes += text.length;
  }
}

/** Whether the last thing that happened to a capture file was that it was closed. Reads the end of its sidecar only. */
export async function closedInOrder(path: string): Promise<boolean> {
  const sidecar = await open(sidecarPath(path)).catch(() => undefined);
  if (sidecar === undefined) return false;
  try {
    const { size } = await sidecar.stat();
    const tail = new Uint8Array(Math.min(size, CLOSE_LINE_BYTES));
    await sidecar.read(tail, 0, tail.length, size - tail.length);
    const before = tail.subarray(0, -1).lastIndexOf(NEWLINE);
    const last = decodeSidecar(tail.subarray(before + 1)).at(-1);
    return last?.line.type === 'close' && before + 1 + last.end === tail.length;
  } finally {
    await sidecar.close();
  }
}

interface Content {
  readonly bytes: number;
  readonly sidecarBytes: number;
  readonly streamBytes: number;
  readonly frames: number;
}

/** What is whole in a file, and lines for whole frames that the sidecar does not know of. */
async function soundContent(
  path: string,
  data: FileHandle,
): Promise<{ readonly content: Content; readonly missing: readonly SidecarLine[] }> {
  const { size } = await data.stat();
  let sidecarBytes = 0;
  let bytes = 0;
  let streamBytes = 0;
  let frames = 0;
  for (const { line, end } of decodeSidecar(await readFile(sidecarPath(path)))) {
    if (line.type === 'frame' && line.at + line.bytes > size) break;
    sidecarBytes = end;
    if (line.type !== 'frame') continue;
    bytes += line.bytes;
    streamBytes += line.streamBytes;
    frames++;
  }
  const missing: SidecarLine[] = [];
  for (const [at, end] of await wholeFrames(data, bytes, size)) {
    const frame = new Uint8Array(end - at);
    await data.read(frame, 0, frame.length, at);
    const length = decompressedLength(frame);
    if (length === undefined) break;
    missing.push({
      type: 'frame',
      at,
      bytes: frame.length,
      streamBytes: length,
      chunks: [],
      input: 0,
      localUs: 0,
      repeatedBytes: 0,
    });
    bytes = end;
    streamBytes += length;
    frames++;
  }
  return { content: { bytes, sidecarBytes, streamBytes, frames }, missing };
}

/** Where frames start and end from `from` on, up to the first that is not whole. */
async function wholeFrames(data: FileHandle, from: number, size: number): Promise<[number, number][]> {
  const walker = new ZstdFrameWalker();
  const frames: [number, number][] = [];
  const buffer = new Uint8Array(READ_BYTES);
  let start = from;
  try {
    for (let position = from; position < size; ) {
      const { bytesRead } = await data.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      for (let at = 0; at < chunk.length; ) {
        at = walker.walk(chunk, at, Number.POSITIVE_INFINITY);
        if (walker.event !== 'end') continue;
        frames.push([start, position + at]);
        start = position + at;
      }
      position += bytesRead;
    }
  } catch {
    // What can't be a frame ends what is whole.
  }
  return frames;
}

function decompressedLength(frame: Uint8Array): number | undefined {
  try {
    return zstdDecompressSync(frame).length;
  } catch {
    return undefined;
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
