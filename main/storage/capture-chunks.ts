import { RTYPE } from '../codec/dbn/layout.ts';
import { METADATA_PREFIX_BYTES, readMetadataPrefix } from '../codec/dbn/metadata.ts';

/** A piece of a DBN stream as it arrived: whole records, at the very start of a stream behind its metadata. */
export interface CaptureChunk {
  readonly bytes: Uint8Array;
  /** Inputs that the engine had taken in before the chunk. */
  readonly input: number;
  /** Local receive time, µs. */
  readonly localUs: number;
}

/** Records that a file must begin with to be understood by itself: the latest of a kind and instrument. */
const KEPT = new Set<number>([RTYPE.SYMBOL_MAPPING, RTYPE.INSTRUMENT_DEF, RTYPE.STATUS]);

/** Bytes of the metadata block at the start of a chunk; 0 when it has none. */
export function metadataBytes(chunk: Uint8Array): number {
  const [d, b, n] = chunk;
  if (d !== 0x44 || b !== 0x42 || n !== 0x4e || chunk.length < METADATA_PREFIX_BYTES) return 0;
  return readMetadataPrefix(chunk);
}

/**
 * What each capture file begins with: the stream's metadata and the latest definitions, symbol mappings and statuses, so
 * that every hour can be read by itself.
 */
export class StreamPreface {
  #metadata: Uint8Array = new Uint8Array(0);
  readonly #records = new Map<string, Uint8Array>();

  /** Takes in a chunk that is being written. */
  learn(chunk: Uint8Array): void {
    const from = metadataBytes(chunk);
    if (from > 0) {
      this.#metadata = chunk.slice(0, from);
      this.#records.clear();
    }
    for (let at = from; at + 8 <= chunk.length; ) {
      const bytes = chunk[at]! * 4;
      if (bytes === 0) return;
      const rtype = chunk[at + 1]!;
      if (KEPT.has(rtype)) {
        const record = chunk.slice(at, at + bytes);
        this.#records.set(`${rtype}:${record.subarray(2, 8).join()}`, record);
      }
      at += bytes;
    }
  }

  /** Metadata and kept records, in the order in which they first came. */
  bytes(): readonly Uint8Array[] {
    return [this.#metadata, ...this.#records.values()];
  }
}
