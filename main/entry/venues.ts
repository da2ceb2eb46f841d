import type { Settings } from '../../shared/settings.ts';
import type { Clock } from '../core/clock/clock.ts';
import type { Random } from '../core/clock/random.ts';
import type { Engine } from '../core/engine.ts';
import type { Feed, FeedOutlet, FrameMapper, Resync } from '../core/feed-port.ts';
import type { FeedKeys } from './feed-keys.ts';
import type { VenueCapture } from './venue-line.ts';

/** What a feed is made with, whatever the venue. */
export interface FeedSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly outlet: FeedOutlet;
}

/** How a venue's line is made, before anything is connected. */
export interface VenuePlan {
  /** Name of the source in captures: `kraken`. */
  readonly name: string;
  /** Name of the venue as its markets have it: `KRAKEN`. */
  readonly venue: string;
  makeFeed(surroundings: FeedSurroundings): Feed;
  makeMapper(engine: Engine, resync: Resync): FrameMapper;
  makeCapture(folder: string, mapperState: () => unknown): VenueCapture;
}

/** The plans of the venues that the settings enable. */
export function enabledVenues(_settings: Settings, _keys: FeedKeys): readonly VenuePlan[] {
  return [];
}
