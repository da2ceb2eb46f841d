import type { Settings } from '../../../shared/settings.ts';
import type { VenueState } from '../../codec/frames/venue-state.ts';
import type { Clock } from '../../core/clock/clock.ts';
import type { Random } from '../../core/clock/random.ts';
import type { Engine } from '../../core/engine.ts';
import type { Feed, FeedOutlet, FrameMapper, Resync } from '../../core/feed-port.ts';
import { BinanceFeed } from '../../feeds/binance/binance-feed.ts';
import { BinanceMapper } from '../../feeds/binance/binance-mapper.ts';
import { CoinbaseFeed } from '../../feeds/coinbase/coinbase-feed.ts';
import { CoinbaseMapper } from '../../feeds/coinbase/coinbase-mapper.ts';
import { LiveDatabentoFeed } from '../../feeds/databento/live-feed.ts';
import { LiveDatabentoMapper } from '../../feeds/databento/live-mapper.ts';
import { IgFeed } from '../../feeds/ig/ig-feed.ts';
import { IgMapper } from '../../feeds/ig/ig-mapper.ts';
import { IG_SITES } from '../../feeds/ig/ig-rest.ts';
import { KrakenFeed } from '../../feeds/kraken/kraken-feed.ts';
import { KrakenMapper } from '../../feeds/kraken/kraken-mapper.ts';
import { DbnCapture } from '../../storage/capture/dbn-capture.ts';
import { FrameCapture } from '../../storage/capture/frame-capture.ts';
import type { FeedKeys } from '../setup/feed-keys.ts';
import { DatabentoLine } from './databento-line.ts';
import type { PastOutlet } from './past-outlet.ts';
import type { VenueCapture } from './venue-line.ts';

/** What a feed is made with, whatever the venue. */
export interface FeedSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly outlet: FeedOutlet;
  /** Where what was missed goes once it has been fetched; without it, it is only told that it is missing. */
  readonly past?: PastOutlet;
}

/** How a venue's line is made, before anything is connected. */
export interface VenuePlan {
  /** Name of the source in captures: `kraken`. */
  readonly name: string;
  /** Name of the venue as its markets have it: `KRAKEN`. */
  readonly venue: string;
  makeFeed(surroundings: FeedSurroundings): Feed;
  makeMapper(engine: Engine, resync: Resync): FrameMapper;
  makeCapture(folder: string, venueState: () => VenueState): VenueCapture;
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
    case 'kraken':
      return krakenPlan(settings.feeds.kraken, keys);
    case 'binance':
      return binancePlan(settings.feeds.binance);
    case 'coinbase':
      return coinbasePlan(settings.feeds.coinbase);
    case 'ig':
      return igPlan(settings.feeds.ig, keys);
  }
}

function databentoPlan(feed: Settings['feeds']['databento'], keys: FeedKeys): VenuePlan {
  return {
    name: 'databento',
    venue: 'GLBX',
    makeFeed: ({ past, ...surroundings }) => {
      const { dataset, symbols, schemas, historicalUrl, askAboveMegabytes } = feed;
      const addresses = set({ url: feed.url });
      const options = { ...surroundings, key: keys('DATABENTO_API_KEY'), dataset, symbols, schemas, ...addresses };
      if (past === undefined) return new LiveDatabentoFeed(options);
      return new DatabentoLine({ ...options, past, historicalUrl, askAboveBytes: askAboveMegabytes * 1e6 });
    },
    makeMapper: (engine, resync) => new LiveDatabentoMapper(engine, { resync }),
    makeCapture: (folder) => new DbnCapture({ folder, source: 'databento' }),
  };
}

function krakenPlan(feed: Settings['feeds']['kraken'], keys: FeedKeys): VenuePlan {
  const { symbols, depth } = feed;
  const level3 = {
    account: set({ key: keys('KRAKEN_API_KEY'), secret: keys('KRAKEN_API_SECRET') }),
    depth: depth === 25 || depth === 500 ? 100 : depth,
    ...set({ url: feed.level3Url, restUrl: feed.restUrl }),
  } as const;
  return {
    name: 'kraken',
    venue: 'KRAKEN',
    makeFeed: (surroundings) =>
      new KrakenFeed({
        ...surroundings,
        symbols,
        depth,
        ...set({ url: feed.url }),
        ...(feed.level3 ? { level3 } : {}),
      }),
    makeMapper: (engine, resync) => new KrakenMapper(engine, resync),
    makeCapture: framesOf('kraken'),
  };
}

function binancePlan({ symbols, depth, url, restUrl }: Settings['feeds']['binance']): VenuePlan {
  return {
    name: 'binance',
    venue: 'BINANCE',
    makeFeed: (surroundings) =>
      new BinanceFeed({ ...surroundings, symbols, depthLimit: depth, ...set({ url, restUrl }) }),
    makeMapper: (engine, resync) => new BinanceMapper(engine, resync),
    makeCapture: framesOf('binance'),
  };
}

function coinbasePlan({ symbols, url, restUrl }: Settings['feeds']['coinbase']): VenuePlan {
  return {
    name: 'coinbase',
    venue: 'COINBASE',
    makeFeed: (surroundings) => new CoinbaseFeed({ ...surroundings, symbols, ...set({ url, restUrl }) }),
    makeMapper: (engine, resync) => new CoinbaseMapper(engine, resync),
    makeCapture: framesOf('coinbase'),
  };
}

function igPlan(feed: Settings['feeds']['ig'], keys: FeedKeys): VenuePlan {
  return {
    name: 'ig',
    venue: 'IG',
    makeFeed: (surroundings) =>
      new IgFeed({
        ...surroundings,
        apiKey: keys('IG_API_KEY') ?? '',
        identifier: keys('IG_IDENTIFIER') ?? '',
        password: keys('IG_PASSWORD') ?? '',
        baseUrl: feed.url === '' ? IG_SITES[feed.environment] : feed.url,
        symbols: feed.symbols,
        ...(feed.account === '' ? {} : { accountId: feed.account }),
      }),
    makeMapper: (engine) => new IgMapper(engine),
    makeCapture: framesOf('ig'),
  };
}

function framesOf(source: string): VenuePlan['makeCapture'] {
  return (folder, venueState) => new FrameCapture({ folder, source, venueState });
}

/** What of these is set: an address that is empty, or a key that is not there, is the venue's own or none. */
function set<Names extends string>(texts: Readonly<Record<Names, string | undefined>>): Partial<Record<Names, string>> {
  const given = Object.entries<string | undefined>(texts).filter(([, text]) => text !== undefined && text !== '');
  return Object.fromEntries(given) as Partial<Record<Names, string>>;
}
