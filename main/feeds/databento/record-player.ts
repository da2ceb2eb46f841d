import { DbnDecoder } from '../../codec/dbn/decoder.ts';
import type { Engine } from '../../core/engine.ts';
import { RecordMapper } from './record-mapper.ts';

/**
 * A DBN stream played into an engine: decoder, mapper and the rule for arrival times. Live chunks arrive when the socket
 * had them; recorded and simulated records arrive at their own receive time.
 */
export class RecordPlayer {
  readonly mapper: RecordMapper;
  readonly #engine: Engine;
  readonly #decoder = new DbnDecoder();

  constructor(engine: Engine) {
    this.#engine = engine;
    this.mapper = new RecordMapper(engine);
  }

  /**
   * Plays every complete record of a chunk.
   * @param localUs when the socket had it, or undefined to go by the records' own receive times
   * @throws DbnError, OffTickError: the stream cannot be gone on with
   */
  play(chunk: Uint8Array, localUs: number | undefined): void {
    const decoder = this.#decoder;
    decoder.push(chunk);
    while (decoder.next()) {
      if (localUs === undefined) this.mapper.arrive(decoder);
      else this.#engine.arrive(localUs);
      this.mapper.apply(decoder);
    }
  }
}
