import type { FeedFrame, FrameKind } from '../../core/feed-port.ts';

/**
 * The container of venues that are not Databento's: what arrived, as it arrived. A stream is a head (`FATHOMF1`, length,
 * JSON that names the source) and frames, each
 *
 *     u32 bytes that follow · u8 kind · u8 name length · u16 0 · f64 local receive time in µs · name · body
 *
 * little-endian. Body and name are verbatim. A file is such a stream in zstd frames, like a DBN capture.
 */
const FRAMES_MAGIC = new TextEncoder().encode('FATHOMF1');

/** Bytes of a frame before its name. */
const FRAME_HEAD_BYTES = 16;
const HEAD_BYTES = FRAMES_MAGIC.length + 4;
/** More than any venue sends in one message; a length beyond it is a damaged file. */
const MOST_FRAME_BYTES = 256 * 1024 * 1024;

/** `state` stands at the start of a file that does not begin with its stream: what the mapper knew by then. */
export type StoredKind = FrameKind | 'state';

const KINDS: readonly StoredKind[] = ['opened', 'lost', 'message', 'answer', 'state'];

/** A frame of a file. */
export interface StoredFrame extends Omit<FeedFrame, 'kind'> {
  readonly kind: StoredKind;
}

/** What a stream says of itself. */
export interface FramesHead {
  /** Name of the source: `kraken`. */
  readonly source: string;
}

/** A frames file that cannot be read on; what was good before has been given. */
export class FramesError extends Error {
  override readonly name = 'FramesError';

  constructor(offset: number, expected: string) {
    super(`frames: expected ${expected} at byte ${offset} of the stream; what lies before was read.`);
  }
}

/** The head of a stream. */
export function encodeHead(head: FramesHead): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify({ source: head.source }));
  const bytes = new Uint8Array(HEAD_BYTES + json.length);
  bytes.set(FRAMES_MAGIC);
  new DataView(bytes.buffer).setUint32(FRAMES_MAGIC.length, json.length, true);
  bytes.set(json, HEAD_BYTES);
  return bytes;
}

/** Length of the head that a chunk begins with; 0 when it begins with a frame. */
export function headBytes(chunk: Uint8Array): number {
  if (chunk.length < HEAD_BYTES) return 0;
  for (let i = 0; i < FRAMES_MAGIC.length; i++) if (chunk[i] !== FRAMES_MAGIC[i]) return 0;
  return HEAD_BYTES + new DataView(chunk.buffer, chunk.byteOffset).getUint32(FRAMES_MAGIC.length, true);
}

/** A frame as it stands in a file. Its body is copied. */
export function encodeFrame(frame: StoredFrame): Uint8Array {
  const name = new TextEncoder().encode(frame.name);
  if (name.length > 255) throw new RangeError(`the name of a frame has ${name.length} bytes, more than 255`);
  const bytes = new Uint8Array(FRAME_HEAD_BYTES + name.length + frame.bytes.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length - 4, true);
  bytes[4] = KINDS.indexOf(frame.kind);
  bytes[5] = name.length;
  view.setFloat64(8, frame.localUs, true);
  bytes.set(name, FRAME_HEAD_BYTES);
  bytes.set(frame.bytes, FRAME_HEAD_BYTES + name.length);
  return bytes;
}

/** Cuts a stream into frames, from chunks cut anywhere. */
export class FramesDecoder {
  #rest: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** Offset in the stream of the byte at `#at`. */
  #offset = 0;
  #head: FramesHead | undefined;
  /** Offset in the stream at which the last frame begins. */
  offset = 0;

  /** Known once enough of the stream was pushed. */
  get head(): FramesHead | undefined {
    return this.#head;
  }

  /** Adds bytes; they are copied when a frame is cut. */
  push(chunk: Uint8Array): void {
    const left = this.#rest.length - this.#at;
    if (left === 0) {
      this.#rest = chunk;
    } else {
      const joined = new Uint8Array(left + chunk.length);
      joined.set(this.#rest.subarray(this.#at));
      joined.set(chunk, left);
      this.#rest = joined;
    }
    this.#at = 0;
  }

  /** The next frame, or undefined when it is not whole yet. Its bytes are a view of what was pushed. @throws FramesError */
  next(): StoredFrame | undefined {
    if (this.#head === undefined && !this.#readHead()) return undefined;
    const left = this.#rest.length - this.#at;
    if (left < FRAME_HEAD_BYTES) return undefined;
    const view = new DataView(this.#rest.buffer, this.#rest.byteOffset + this.#at);
    const bytes = view.getUint32(0, true) + 4;
    const kind = KINDS[view.getUint8(4)];
    const nameBytes = view.getUint8(5);
    if (kind === undefined || bytes > MOST_FRAME_BYTES || bytes < FRAME_HEAD_BYTES + nameBytes) {
      throw new FramesError(this.#offset, 'a frame');
    }
    if (left < bytes) return undefined;
    const from = this.#at + FRAME_HEAD_BYTES;
    const frame: StoredFrame = {
      kind,
      name: decoder.decode(this.#rest.subarray(from, from + nameBytes)),
      bytes: this.#rest.subarray(from + nameBytes, this.#at + bytes),
      localUs: view.getFloat64(8, true),
    };
    this.offset = this.#offset;
    this.#at += bytes;
    this.#offset += bytes;
    return frame;
  }

  /** The stream has ended. @throws FramesError when it did so within a frame */
  end(): void {
    if (this.#head === undefined || this.#at < this.#rest.length) throw new FramesError(this.#offset, 'a whole frame');
  }

  #readHead(): boolean {
    const chunk = this.#rest.subarray(this.#at);
    if (chunk.length < HEAD_BYTES) return false;
    const length = headBytes(chunk);
    if (length === 0) throw new FramesError(0, 'the head of a Fathom frames file');
    if (chunk.length < length) return false;
    try {
      this.#head = {
        source: String((JSON.parse(decoder.decode(chunk.subarray(HEAD_BYTES, length))) as FramesHead).source),
      };
    } catch {
      throw new FramesError(FRAMES_MAGIC.length, 'a head in JSON');
    }
    this.#at += length;
    this.#offset = length;
    return true;
  }
}

const decoder = new TextDecoder();
