import { DbnDecoder } from '../../codec/dbn/decoder.ts';
import { ERROR_CODE } from '../../codec/dbn/layout.ts';
import { DbnRecordWriter } from '../../codec/dbn/write-record.ts';
import { DbnWriter } from '../../codec/dbn/writer.ts';
import type { FeedFrame } from '../../core/feed-port.ts';
import { DbnFormat, metadataBytes } from './capture-chunks.ts';
import { type CaptureState, CaptureWriter } from './capture-writer.ts';

export interface DbnCaptureOptions {
  readonly folder: string;
  readonly source: string;
  readonly onState?: (state: CaptureState) => void;
}

/**
 * Writes Databento's stream to its capture, as version 3 whatever the gateway sends, so that one file holds one version
 * and Databento's own tools open it. A lost connection becomes an error record with the vendor's own code for records that
 * were skipped: a replay then gaps the books where the live session did.
 */
export class DbnCapture {
  readonly #writer: CaptureWriter;
  #decoder = new DbnDecoder();
  #begun = false;

  constructor({ folder, source, onState }: DbnCaptureOptions) {
    const format = new DbnFormat();
    this.#writer = new CaptureWriter({ folder, source, format, ...(onState === undefined ? {} : { onState }) });
  }

  get state(): CaptureState {
    return this.#writer.state;
  }

  /** @param input engine's input sequence before the frame, which has not been played yet */
  write(frame: FeedFrame, input: number): void {
    if (frame.kind === 'opened') this.#decoder = new DbnDecoder();
    // What is lost before the stream began was never there.
    if (frame.kind === 'lost' && this.#begun) this.#writer.write(lostRecord(frame), input, frame.localUs);
    if (frame.kind !== 'message') return;
    const bytes = this.#version3(frame.bytes);
    if (bytes.length === 0) return;
    this.#begun = true;
    this.#writer.write(bytes, input, frame.localUs);
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  #version3(chunk: Uint8Array): Uint8Array {
    const decoder = this.#decoder;
    decoder.push(chunk);
    let more = decoder.next();
    const { metadata } = decoder;
    if (metadata?.version === 3) {
      // Everything is consumed, so that the decoder keeps its place in the stream.
      while (more) more = decoder.next();
      return chunk;
    }
    const writer = new DbnWriter(metadataBytes(chunk) > 0 ? metadata : undefined, chunk.length * 2);
    for (; more; more = decoder.next()) writer.copy(decoder);
    return writer.written().slice();
  }
}

function lostRecord({ name, localUs }: FeedFrame): Uint8Array {
  const writer = new DbnRecordWriter(512);
  writer.instrument(0, 0);
  writer.time(localUs, 0, localUs, 0);
  writer.error({ err: `Fathom: ${name}`, code: ERROR_CODE.SKIPPED_RECORDS_AFTER_SLOW_READING, is_last: 1 });
  return writer.written().slice();
}
