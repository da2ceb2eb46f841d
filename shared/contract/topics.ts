import type { VolumeType, VwapKind } from '../bars.ts';
import type { EconomicEvent, NewsItem } from '../economic-calendar.ts';
import type { TradingSession } from '../sessions.ts';
import type { AccountState, DealRow, FillRow, OrderRow, SignalRow, TicketState } from '../trading.ts';
import type { WatchedQuote } from '../watched-quote.ts';

/**
 * Slow topics: what the engine publishes as JSON. A `record` topic is one object, a delta replaces the fields it names. A
 * `table` topic is rows by id, a delta upserts and removes rows. Every topic counts its messages; a client that misses one
 * subscribes again and is sent a snapshot. Fast data travels in binary frames (frames.ts).
 */

/** How data and orders are marked, everywhere they are shown or stored. */
export type ModeWord = 'SIMULATED' | 'REPLAY' | 'PAPER' | 'LIVE';

/** The states that every pane can be in; `screen` names their words. */
export type DataState = 'waiting' | 'warming' | 'live' | 'stale' | 'gap' | 'closed' | 'error';

/** What is running, from where, and since when. */
export interface TerminalState {
  readonly id: 'terminal';
  readonly mode: ModeWord;
  /** Whether orders go to a paper account, whatever the data. */
  readonly paper: boolean;
  readonly version: string;
  readonly startedUs: number;
  /** Times that the supervisor has restarted this engine since the program was started. */
  readonly restarts: number;
  /** What a restart left behind for the trader to know, e.g. stops held by the broker; empty when there is nothing. */
  readonly notice: string;
  /** Link under the trader's hands. */
  readonly linkId: string;
  /** Market that is watched in place of the link, by its index: one that nothing is traded through. Null = the link. */
  readonly marketIndex: number | null;
  readonly source: string;
  /** Lots of the size presets 1 to 5. */
  readonly presetLots: readonly number[];
}

/** One market as the screen needs it. `index` is the number used in frames and in every other topic. */
export interface MarketRow {
  readonly id: string;
  readonly index: number;
  readonly label: string;
  readonly rawSymbol: string;
  readonly venue: string;
  readonly root: string;
  readonly tickNano: number;
  readonly pipNano: number;
  /** Whether its prices are told in pips, as those of currencies are. */
  readonly hasPips: boolean;
  readonly multiplier: number;
  /** Digits after the point that sizes have: shown size = lots / 10^lotDecimals. 0 where lots are contracts. */
  readonly lotDecimals: number;
  readonly quoteCurrency: string;
  /** `mbp-10`, `mbp-1`, `mbo`, `l2`: what the depth is made of. */
  readonly depthSchema: string;
  /** What the venue gathers before it tells it, ms: book changes and trades; 0 = event by event. */
  readonly conflationMs: number;
  readonly tradeBatchMs: number;
  readonly state: DataState;
  /** Words for the state: what is waited for, since when. */
  readonly words: string;
  /** Engine time since which the state holds. */
  readonly sinceUs: number;
  readonly session: TradingSession;
}

export interface LinkRow {
  readonly id: string;
  readonly signalMarket: number;
  readonly executionMarket: number;
  /** The one of the two whose bars are charted: the signal market, or the other while that has less than half as many. */
  readonly barsMarket: number;
  readonly inverted: boolean;
  /** Time by which the spot follows, as it is reckoned with, µs: measured while that can be relied on, else a first guess. */
  readonly lagUs: number;
  /** Hayashi-Yoshida correlation at the lag that was measured last; null where nothing could be measured. */
  readonly correlation: number | null;
  /** 0…1: how surely the measured lag would be found again; below 0.9 it is not used. */
  readonly lagConfidence: number;
  /** Changes of the mid that were measured, of the market that had fewer. */
  readonly lagSamples: number;
  /** Engine time of the latest measurement; null while there is none. */
  readonly lagMeasuredUs: number | null;
  /** Whether `lagUs` is a first guess. */
  readonly lagGuessed: boolean;
  /** Where the lag comes from and, for a guess, why it is one. */
  readonly lagWords: string;
  /** Spot mid minus implied mid, exponentially weighted median, in spot pips; null until enough synchronous quotes. */
  readonly basisPips: number | null;
  /** Move that the future made and the spot has not made yet, in spot pips. */
  readonly remainingPips: number | null;
}

/** One hop of the path over the last ten to twenty seconds, by the wall clock; null where nothing came. Never hashed. */
export interface LatencyHop {
  readonly name: string;
  readonly p50Us: number | null;
  readonly p99Us: number | null;
}

export interface VenueLight {
  readonly name: string;
  readonly state: DataState;
  /** What the venue's feed is, in a word or two: `live`, `bad credentials`. */
  readonly label: string;
  /** Age of the freshest event; null while there was none. */
  readonly ageUs: number | null;
  readonly words: string;
}

export interface HealthState {
  readonly id: 'health';
  readonly venues: readonly VenueLight[];
  readonly hops: readonly LatencyHop[];
  readonly eventsPerSecond: number;
  /** Oldest input not yet processed, in microseconds: 0 = not behind. */
  readonly behindUs: number;
  readonly gaps: number;
  readonly storage: { readonly ok: boolean; readonly words: string };
  readonly capture: { readonly ok: boolean; readonly words: string };
}

export interface BarRow {
  readonly id: string;
  readonly startUs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly delta: number;
  /** Average price of the session; `vwapKind` says what weighs it. */
  readonly vwap: number | null;
  readonly vwapKind: VwapKind;
  readonly source: string;
  readonly volumeType: VolumeType;
  readonly closed: boolean;
}

export interface ReplayState {
  readonly id: 'replay';
  readonly active: boolean;
  readonly file: string;
  readonly playing: boolean;
  /** 1 = as recorded; 0 = as fast as it goes. */
  readonly speed: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly nowUs: number;
  readonly finished: boolean;
}

/** A sentence for the trader and for assistive technology. */
export interface Announcement {
  readonly id: string;
  readonly atUs: number;
  readonly kind: 'order' | 'refusal' | 'caution' | 'fault' | 'info';
  readonly words: string;
}

/** A marker on heatmap and chart: signal, gate or fill. Price in ticks of `market`. */
export interface MarkerRow {
  readonly id: string;
  readonly market: number;
  readonly kind: 'signal' | 'gate' | 'fill' | 'roll' | 'gap';
  readonly side: 'buy' | 'sell' | 'none';
  readonly ticks: number;
  readonly atUs: number;
  readonly words: string;
}

/** A request to a vendor's history that waits for the trader's word. */
export interface BackfillRow {
  readonly id: string;
  readonly atUs: number;
  /** What would be fetched, its size and its cost. */
  readonly words: string;
}

/** Specialist rows; empty until agents exist. */
export interface AgentRow {
  readonly id: string;
  readonly name: string;
  readonly vote: 'buy' | 'sell' | 'abstain';
  readonly confidence: number;
  readonly reasons: readonly string[];
  readonly atUs: number;
}

/** Record topics by name. */
export interface RecordTopics {
  terminal: TerminalState;
  health: HealthState;
  ticket: TicketState;
  account: AccountState;
  replay: ReplayState;
}

/** Table topics by name. Bars are one topic a market: `bars:0`. */
export interface TableTopics {
  markets: MarketRow;
  links: LinkRow;
  signals: SignalRow;
  orders: OrderRow;
  deals: DealRow;
  fills: FillRow;
  markers: MarkerRow;
  backfills: BackfillRow;
  agents: AgentRow;
  announcements: Announcement;
  calendar: EconomicEvent;
  news: NewsItem;
  quotes: WatchedQuote;
  [bars: `bars:${number}`]: BarRow;
}

export type RecordTopic = keyof RecordTopics;
export type TableTopic = Extract<keyof TableTopics, string>;

/** Binary topics are subscribed by these names, one a market: `depth:0`. */
export type FastTopic = `${'depth' | 'columns' | 'trades' | 'features' | 'ladder'}:${number}`;

export type TopicName = RecordTopic | TableTopic | FastTopic;
