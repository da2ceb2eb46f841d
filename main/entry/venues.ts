import type { Settings } from '../../shared/settings.ts';
import type { Clock } from '../core/clock/clock.ts';
import type { Random } from '../core/clock/random.ts';
import type { Engine } from '../core/engine.ts';
import type { Feed, FeedOutlet, FrameMapper, Resync } from '../core/feed-port.ts';
import { LiveDatabentoFeed } from '../feeds/databento/live-feed.ts';
import { LiveDatabentoMapper } from '../feeds/databento/live-mapper.ts';
import { DbnCapture } from '../storage/dbn-capture.ts';
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

/** Venues that market data can come from. */
export const MARKET_VENUES = ['databento', 'ig', 'kraken', 'binance', 'coinbase'] as const;
export type MarketVenue = (typeof MARKET_VENUES)[number];

/** The plans of the venues that the settings enable. */
export function enabledVenues(settings: Settings, keys: FeedKeys): readonly VenuePlan[] {
  return MARKET_VENUES.filter((venue) => settings.feeds[venue].enabled).map((venue) =>
    venuePlan(venue, settings, keys),
  );
}

/** How a venue is connected to, whether it is enabled or not. */
export function venuePlan(venue: MarketVenue, settings: Settings, keys: FeedKeys): VenuePlan {
  switch (venue) {
    case 'databento':
      return databentoPlan(settings.feeds.databento, keys);
    default:
      throw new Error(venue);
  }
}

function databentoPlan(feed: Settings['feeds']['databento'], keys: FeedKeys): VenuePlan {
  return {
    name: 'databento',
    venue: 'GLBX',
    makeFeed: (surroundings) =>
      new LiveDatabentoFeed({
        ...surroundings,
        key: keys('DATABENTO_API_KEY'),
        dataset: feed.dataset,
        symbols: feed.symbols,
        schemas: feed.schemas,
        ...(feed.url === '' ? {} : { url: feed.url }),
      }),
    makeMapper: (engine) => new LiveDatabentoMapper(engine),
    makeCapture: (folder) => new DbnCapture({ folder, source: 'databento' }),
  };
}
