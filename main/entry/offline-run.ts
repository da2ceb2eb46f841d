import { loadArrivals } from '../codec/capture/arrivals.ts';
import type { DbnDecoder } from '../codec/dbn/decoder.ts';
import { openDbn } from '../codec/dbn/file.ts';
import type { Engine } from '../core/engine.ts';
import { RecordMapper } from '../feeds/databento/record-mapper.ts';
import { SIMULATED_DATASET } from '../feeds/simulated/market-spec.ts';

export interface OfflineRun {
  /** Called for each record before it is played; false ends the run with the record before. */
  readonly admit?: (decoder: DbnDecoder) => boolean;
  /** Called for each record once it has been played; false ends the run. */
  readonly visit?: (decoder: DbnDecoder, mapper: RecordMapper) => boolean;
  /** Called before each record with its arrival time; what it waits for holds the run up. */
  readonly pace?: (arrivalUs: number) => Promise<void> | undefined;
  /** Called after each piece of the file, so that output can be written away. */
  readonly betweenPieces?: () => Promise<void>;
  readonly progress?: (bytesRead: number, bytesTotal: number) => void;
  readonly stop: AbortSignal;
}

/**
 * Plays a DBN file into an engine, record by record in the order of the file. Records arrive as they did live: at the local
 * times that a capture's sidecar has; without one, and where they were simulated, at their own receive times. Throws DbnError or OffTickError where the file can't be gone
 * on with; everything before has been played by then. Gives the mapper, which has the books by order.
 */
export async function playFile(path: string, engine: Engine, run: OfflineRun): Promise<RecordMapper> {
  const mapper = new RecordMapper(engine);
  const arrivals = await loadArrivals(path);
  const { admit, visit, pace, betweenPieces, progress, stop } = run;
  for await (const decoder of openDbn(path, progress === undefined ? {} : { progress })) {
    const local = decoder.metadata?.dataset === SIMULATED_DATASET ? undefined : arrivals;
    while (decoder.next()) {
      if (admit !== undefined && !admit(decoder)) return mapper;
      let us = local === undefined ? Number.NaN : local.localUsAt(decoder.offset);
      if (Number.isNaN(us)) us = mapper.arrivalUs(decoder);
      if (pace !== undefined) {
        const wait = pace(us);
        if (wait !== undefined) await wait;
        if (stop.aborted) return mapper;
      }
      engine.arrive(us);
      mapper.apply(decoder);
      if (visit !== undefined && !visit(decoder, mapper)) return mapper;
    }
    await betweenPieces?.();
    if (stop.aborted) return mapper;
  }
  return mapper;
}
