import { type Arrivals, loadArrivals } from '../../codec/capture/arrivals.ts';
import type { CaptureCut } from '../../codec/capture/capture-cut.ts';
import { DbnDecoder } from '../../codec/dbn/decoder.ts';
import { openDbn } from '../../codec/dbn/file.ts';
import type { Engine } from '../../core/engine.ts';
import { OffTickError } from '../../core/ports.ts';
import { RecordMapper, type RecordMapperSnapshot } from '../databento/record-mapper.ts';
import { SIMULATED_DATASET } from '../simulated/market-spec.ts';
import type { Recording } from './recording.ts';

/**
 * DBN files of one source, one after the other. Records arrive as they did live: at the local times that a capture's
 * sidecar has; without one, and where they were simulated, at their own receive times. What a later file repeats of an
 * earlier one, so that it can be read by itself, is left out.
 */
export class DbnRecording implements Recording {
  readonly mapper: RecordMapper;
  readonly #engine: Engine;
  readonly #files: readonly (string | CaptureCut)[];
  #file = 0;
  #decoder: DbnDecoder | undefined;
  #arrivals: Arrivals | undefined;
  #local = false;
  #continues = false;
  source = '';

  /**
   * @param files paths, or parts of captures
   * @param mapper shared with another recording of the same stream
   */
  constructor(files: readonly (string | CaptureCut)[], engine: Engine, mapper = new RecordMapper(engine)) {
    this.#files = files;
    this.#engine = engine;
    this.mapper = mapper;
  }

  /** The record under the cursor, for readers of records. */
  get decoder(): DbnDecoder {
    if (this.#decoder === undefined) throw new Error('the recording has not been opened');
    return this.#decoder;
  }

  get judged(): boolean {
    return this.mapper.judged;
  }

  async *pieces(progress?: (bytesRead: number, bytesTotal: number) => void): AsyncGenerator<void> {
    for (const [index, file] of this.#files.entries()) {
      this.#file = index;
      this.#continues = index > 0;
      for await (const decoder of this.#open(file, progress)) {
        this.#decoder = decoder;
        const simulated = decoder.metadata?.dataset === SIMULATED_DATASET;
        this.source = simulated ? 'simulated' : 'databento';
        this.#local = this.#arrivals !== undefined && !simulated;
        yield;
      }
    }
  }

  /** Which of its files is being read, from 0. */
  get file(): number {
    return this.#file;
  }

  async *#open(
    file: string | CaptureCut,
    progress?: (bytesRead: number, bytesTotal: number) => void,
  ): AsyncGenerator<DbnDecoder> {
    if (typeof file === 'string') {
      this.#arrivals = await loadArrivals(file);
      yield* openDbn(file, progress === undefined ? {} : { progress });
      return;
    }
    const { arrivals, stream } = await file.open();
    this.#arrivals = arrivals;
    const decoder = new DbnDecoder();
    for await (const chunk of stream) {
      decoder.push(chunk);
      yield decoder;
    }
    decoder.end();
  }

  next(): boolean {
    const decoder = this.#decoder!;
    while (decoder.next()) {
      if (!this.#continues || this.#arrivals?.repeatedAt(decoder.offset) !== true) return true;
    }
    return false;
  }

  arrivalUs(): number {
    const decoder = this.#decoder!;
    const us = this.#local ? this.#arrivals!.localUsAt(decoder.offset) : Number.NaN;
    return Number.isNaN(us) ? this.mapper.arrivalUs(decoder) : us;
  }

  inputAt(): number {
    return this.#arrivals?.inputAt(this.#decoder!.offset) ?? Number.NaN;
  }

  apply(): void {
    const decoder = this.#decoder!;
    this.#engine.arrive(this.arrivalUs());
    try {
      this.mapper.apply(decoder);
    } catch (error) {
      // Live, such a record was refused and the session went on; a file of others is in doubt as a whole.
      if (this.#arrivals === undefined || !(error instanceof OffTickError)) throw error;
      this.mapper.refuse(decoder);
    }
  }

  snapshot(): RecordMapperSnapshot {
    return this.mapper.snapshot();
  }

  restore(snapshot: unknown): void {
    this.mapper.restore(snapshot as RecordMapperSnapshot);
  }
}
