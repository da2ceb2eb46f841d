import type { Engine } from '../core/engine.ts';
import type { FrameMapper } from '../core/feed-port.ts';

/** The mapper of a source whose captures are frames. Nobody is asked for new books: the capture holds what came of that. */
export function frameMapperOf(source: string, _engine: Engine): FrameMapper {
  throw new Error(`No venue is called ${source}; the file may be of a later version.`);
}
