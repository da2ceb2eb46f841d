import { FEATURE_COUNT } from '../../shared/features.ts';
import type { Instrument } from '../../shared/instruments.ts';
import type { DeepBook } from './book/deep-book.ts';
import { Depth, type DepthSnapshot } from './book/depth.ts';
import type { StatusOverride } from './calendar/session-calendar.ts';

/** What the depth of a market is made of; a later entry is deeper and its trades are the ones that count. */
export const DEPTH_SCHEMAS = ['none', 'trades', 'mbp-1', 'l2', 'mbp-10', 'mbo'] as const;
export type DepthSchema = (typeof DEPTH_SCHEMAS)[number];

/** What the venue last said about trading, from status records; `unknown` leaves it to the calendar. */
export type VenueStatus = 'unknown' | StatusOverride['status'];

/**
 * One market as the engine keeps it: instrument, ten-level depth, feature vector and the times of its last event. Mutable
 * and reused; stages read it during their call and copy what they keep.
 */
export class Market {
  readonly index: number;
  instrument: Instrument;
  readonly depth = new Depth();
  /**
   * The book that the depth is the top of, where the mapper keeps a deeper one; named by the mapper, also by a restored one.
   * For the screen only: it is true whenever the market is not gapped.
   */
  levels: DeepBook | undefined;
  /** Feature vector in the order of `FEATURES`; absent is NaN. Written by the feature stage. */
  readonly features = new Float64Array(FEATURE_COUNT).fill(Number.NaN);
  depthSchema: DepthSchema = 'none';
  venueStatus: VenueStatus = 'unknown';
  statusSinceUs = 0;
  /** Venue time of the last event, µs; never runs backwards for features. */
  tsEventUs = 0;
  /** Vendor receive time of the last event, µs. */
  tsRecvUs = 0;
  /** Engine time of the last event, µs. */
  engineUs = 0;
  /**
   * Venue time of the last record as it came, µs, and the 0…999 ns beyond it, NaN where nobody said them; unlike `tsEventUs`
   * it may run backwards. These four begin as doubles and so stay doubles: storing to them allocates nothing.
   */
  venueUs = Number.NaN;
  venueNano = Number.NaN;
  /** The 0…999 ns beyond `tsRecvUs`; NaN where nobody said them. */
  tsRecvNano = Number.NaN;
  /** The venue's number of the last record, unique in a scope that is the venue's; NaN where it gives none. */
  sequence = Number.NaN;
  /** Events (ended by LAST) and trades taken in. */
  events = 0;
  trades = 0;
  /**
   * The book is being rebuilt: set by gap, clear, roll and halt, and at the start. The first book that is judged afterwards
   * contributes nothing to flow features.
   */
  fresh = true;
  /** A gap was reported and no complete book has come since. */
  gapped = false;
  lastTradeTicks = Number.NaN;
  lastTradeLots = 0;
  lastTradeSide = 0;

  constructor(index: number, instrument: Instrument) {
    this.index = index;
    this.instrument = instrument;
  }

  /** Price in decimal units of ticks of this market: the double nearest to the exact decimal. */
  price(ticks: number): number {
    return (ticks * this.instrument.tickNano) / 1e9;
  }

  /** How the market stands, but for its book and its flow. */
  mark(): MarketMark {
    return {
      publisherId: this.instrument.publisherId,
      venueId: this.instrument.venueId,
      tsEventUs: this.tsEventUs,
      tsRecvUs: this.tsRecvUs,
      gapped: this.gapped,
      venueStatus: this.venueStatus,
      statusSinceUs: this.statusSinceUs,
    };
  }

  /** Takes over how it stood, when its book has been restored from elsewhere. */
  recall(mark: MarketMark): void {
    this.tsEventUs = mark.tsEventUs;
    this.tsRecvUs = mark.tsRecvUs;
    this.gapped = mark.gapped;
    this.venueStatus = mark.venueStatus;
    this.statusSinceUs = mark.statusSinceUs;
  }

  snapshot(): MarketSnapshot {
    return {
      instrument: this.instrument,
      depth: this.depth.snapshot(),
      features: this.features.slice(),
      depthSchema: this.depthSchema,
      venueStatus: this.venueStatus,
      statusSinceUs: this.statusSinceUs,
      tsEventUs: this.tsEventUs,
      tsRecvUs: this.tsRecvUs,
      engineUs: this.engineUs,
      events: this.events,
      trades: this.trades,
      fresh: this.fresh,
      gapped: this.gapped,
      lastTradeTicks: this.lastTradeTicks,
      lastTradeLots: this.lastTradeLots,
      lastTradeSide: this.lastTradeSide,
    };
  }

  restore(snapshot: MarketSnapshot): void {
    this.instrument = snapshot.instrument;
    this.depth.restore(snapshot.depth);
    this.features.set(snapshot.features);
    this.depthSchema = snapshot.depthSchema;
    this.venueStatus = snapshot.venueStatus;
    this.statusSinceUs = snapshot.statusSinceUs;
    this.tsEventUs = snapshot.tsEventUs;
    this.tsRecvUs = snapshot.tsRecvUs;
    this.engineUs = snapshot.engineUs;
    this.events = snapshot.events;
    this.trades = snapshot.trades;
    this.fresh = snapshot.fresh;
    this.gapped = snapshot.gapped;
    this.lastTradeTicks = snapshot.lastTradeTicks;
    this.lastTradeLots = snapshot.lastTradeLots;
    this.lastTradeSide = snapshot.lastTradeSide;
  }
}

/** How a market stood at a moment, in words that a capture keeps beside the mapper's books. */
export interface MarketMark {
  readonly publisherId: number;
  readonly venueId: number;
  readonly tsEventUs: number;
  readonly tsRecvUs: number;
  readonly gapped: boolean;
  readonly venueStatus: VenueStatus;
  readonly statusSinceUs: number;
}

export interface MarketSnapshot {
  readonly instrument: Instrument;
  readonly depth: DepthSnapshot;
  readonly features: Float64Array;
  readonly depthSchema: DepthSchema;
  readonly venueStatus: VenueStatus;
  readonly statusSinceUs: number;
  readonly tsEventUs: number;
  readonly tsRecvUs: number;
  readonly engineUs: number;
  readonly events: number;
  readonly trades: number;
  readonly fresh: boolean;
  readonly gapped: boolean;
  readonly lastTradeTicks: number;
  readonly lastTradeLots: number;
  readonly lastTradeSide: number;
}
