import { RTYPE } from '../../codec/dbn/layout.ts';
import { METADATA_PREFIX_BYTES, readMetadataPrefix } from '../../codec/dbn/metadata.ts';
import { headBytes } from '../../codec/frames/frame-codec.ts';

/** A piece of a stream as it arrived: whole records or frames, at the very start of a stream behind its head. */
export interface CaptureChunk {
  readonly bytes: Uint8Array;
  /** Inputs that the engine had taken in before the chunk. */
  readonly input: number;
  /** Local receive time, µs. */
  readonly localUs: number;
  /** It is a state of the mapper, and a frame of the file is to begin with it. */
  readonly begins?: boolean;
}

/** Records that a file must begin with to be understood by itself: the latest of a kind and instrument. */
const KEPT = new Set<number>([RTYPE.SYMBOL_MAPPING, RTYPE.INSTRUMENT_DEF, RTYPE.STATUS]);
/** Those and what is said of the stream itself: without them, later records can be misread. */
const NOTES = new Set<number>([...KEPT, RTYPE.ERROR]);

/** Bytes of the metadata block at the start of a chunk; 0 when it has none. */
export function metadataBytes(chunk: Uint8Array): number {
  const [d, b, n] = chunk;
  if (d !== 0x44 || b !== 0x42 || n !== 0x4e || chunk.length < METADATA_PREFIX_BYTES) return 0;
  return readMetadataPrefix(chunk);
}

/** What a capture file is made of, beyond the chunks themselves: each hour's file can be read by itself. */
export interface CaptureFormat {
  /** How its files' names end. */
  readonly extension: '.dbn.zst' | '.frames.zst';
  /** Bytes at the start of a chunk that stand at the start of a file only; 0 where it has none. */
  headBytes(chunk: Uint8Array): number;
  /** Takes in a chunk that is being written. @returns whether later ones can only be read with what it says */
  learn(chunk: Uint8Array): boolean;
  /** What the file of an hour begins with when the stream began before it. */
  preface(hour: number): readonly Uint8Array[];
}

/** DBN: a file begins with the stream's metadata and the latest definitions, symbol mappings and statuses. */
export class DbnFormat implements CaptureFormat {
  readonly extension = '.dbn.zst';
  #metadata: Uint8Array = new Uint8Array(0);
  readonly #records = new Map<string, Uint8Array>();

  headBytes(chunk: Uint8Array): number {
    return metadataBytes(chunk);
  }

  learn(chunk: Uint8Array): boolean {
    const from = metadataBytes(chunk);
    let notes = from > 0;
    if (from > 0) {
      this.#metadata = chunk.slice(0, from);
      this.#records.clear();
    }
    for (let at = from; at + 8 <= chunk.length; ) {
      const bytes = chunk[at]! * 4;
      if (bytes === 0) return notes;
      const rtype = chunk[at + 1]!;
      notes ||= NOTES.has(rtype);
      if (KEPT.has(rtype)) {
        const record = chunk.slice(at, at + bytes);
        this.#records.set(`${rtype}:${record.subarray(2, 8).join()}`, record);
      }
      at += bytes;
    }
    return notes;
  }

  /** Metadata and kept records, in the order in which they first came. */
  preface(): readonly Uint8Array[] {
    return [this.#metadata, ...this.#records.values()];
  }
}

/** Frames: a file begins with the stream's head and the state that its mapper had when the hour turned. */
export class FramesFormat implements CaptureFormat {
  readonly extension = '.frames.zst';
  #head: Uint8Array = new Uint8Array(0);
  readonly #states = new Map<number, Uint8Array>();

  headBytes(chunk: Uint8Array): number {
    return headBytes(chunk);
  }

  /** Nothing but its file's head and a state is needed to read a frame. */
  learn(chunk: Uint8Array): boolean {
    const bytes = headBytes(chunk);
    if (bytes > 0) this.#head = chunk.slice(0, bytes);
    return false;
  }

  /** Notes the state with which an hour begins. */
  keep(hour: number, state: Uint8Array): void {
    for (const known of this.#states.keys()) if (known < hour - 1) this.#states.delete(known);
    this.#states.set(hour, state);
  }

  preface(hour: number): readonly Uint8Array[] {
    const state = this.#states.get(hour);
    return state === undefined ? [this.#head] : [this.#head, state];
  }
}
