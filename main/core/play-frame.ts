import type { Engine } from './engine.ts';
import { type FeedFrame, FrameError, type FrameMapper } from './feed-port.ts';
import { OffTickError } from './ports.ts';

/**
 * Plays one frame of a venue into the engine, live as in a replay. A frame that its mapper refuses has gapped the books
 * that it may concern; it is given back as the value that it is.
 */
export function playFrame(
  engine: Engine,
  mapper: FrameMapper,
  frame: FeedFrame,
): FrameError | OffTickError | undefined {
  if (mapper.arrives !== true) engine.arrive(frame.localUs);
  try {
    mapper.apply(frame);
  } catch (error) {
    if (error instanceof FrameError || error instanceof OffTickError) return error;
    throw error;
  }
  return undefined;
}
