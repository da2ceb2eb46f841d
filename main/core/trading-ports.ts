import type {
  DealRow,
  FillRow,
  Gate,
  OrderRow,
  OrderType,
  Proposal,
  Side,
  SignalRow,
  TicketState,
} from '../../shared/trading.ts';
import type { Market } from './market.ts';

/** What a signal says to the trade loop: direction on the execution instrument, never an order. */
export interface Signal {
  readonly id: string;
  readonly linkId: string;
  readonly name: string;
  readonly execution: Market;
  readonly side: Side;
  /** 0…1. */
  readonly strength: number;
  /** Move that the execution quote still has to make, in its pips. */
  readonly remainingPips: number;
  readonly reasons: readonly string[];
  readonly atUs: number;
}

/** Where signals go. */
export type SignalSink = (signal: Signal) => void;

/** An order as it is handed to a broker; it is durable in the journal before. Prices in ticks of the market. */
export interface OrderIntent {
  readonly orderId: string;
  readonly market: number;
  readonly side: Side;
  readonly type: OrderType;
  readonly lots: number;
  readonly limitTicks: number | null;
  /** Protective levels that travel with an opening order. */
  readonly stopTicks: number | null;
  readonly targetTicks: number | null;
  /** Deal that the order closes; null = it opens a new one. A broker never turns a close into an opening. */
  readonly dealId: string | null;
  /** Initial risk in minor units of the account currency. */
  readonly riskMinor: number;
}

/** What a broker reports. Reports are the only source of order and deal state: folding them again gives it back. */
export type BrokerReport =
  | { readonly type: 'accepted'; readonly orderId: string; readonly atUs: number }
  | { readonly type: 'rejected'; readonly orderId: string; readonly reason: string; readonly atUs: number }
  | { readonly type: 'cancelled'; readonly orderId: string; readonly reason: string; readonly atUs: number }
  | {
      readonly type: 'deal-opened';
      readonly orderId: string;
      readonly dealId: string;
      readonly fill: FillRow;
      readonly stopTicks: number | null;
      readonly targetTicks: number | null;
      readonly riskMinor: number;
      readonly atUs: number;
    }
  | {
      readonly type: 'deal-closed';
      /** Closing order, or null when a stop or target at the broker closed it. */
      readonly orderId: string | null;
      readonly dealId: string;
      readonly fill: FillRow;
      readonly reason: NonNullable<DealRow['closeReason']>;
      /** Result in minor units of the account currency, through the rate below. */
      readonly realisedMinor: number;
      /** Quote currency to account currency, as used. */
      readonly rate: number;
      readonly atUs: number;
    }
  | {
      readonly type: 'deal-amended';
      readonly dealId: string;
      readonly stopTicks: number | null;
      readonly targetTicks: number | null;
      readonly atUs: number;
    };

/** A broker as the trade loop sees it: asynchronous by nature, everything comes back as a report. */
export interface Broker {
  submit(intent: OrderIntent): void;
  /** Asks for the cancellation of a working order. */
  cancel(orderId: string): void;
  /** Asks for other protective levels of a deal; null takes one off. */
  amend(dealId: string, stopTicks: number | null, targetTicks: number | null): void;
}

/** Sizes and checks proposals. Pure: the same question has the same answer. */
export interface RiskDesk {
  /** Stop distance in ticks for an entry now, or null while the data for it is missing (words say what). */
  stopDistance(market: Market): { readonly ticks: number } | { readonly missing: string };
  /** Lots that lose the set share of the balance at the stop; 0 when not even one lot fits. */
  size(market: Market, stopTicks: number, balanceMinor: number): number;
  /** Money at risk or to gain over a distance, in minor units of the account currency; null when the rate is stale. */
  money(market: Market, ticks: number, lots: number): number | null;
  check(question: RiskQuestion): readonly Gate[];
}

/** Everything that a pre-trade check looks at. */
export interface RiskQuestion {
  readonly market: Market;
  readonly side: Side;
  readonly type: OrderType;
  readonly closesLots: number;
  readonly opensLots: number;
  readonly entryTicks: number;
  readonly stopTicks: number;
  readonly targetTicks: number;
  /** Money that would be lost at the stop, minor units of the account currency; null when the rate is stale. */
  readonly riskMinor: number | null;
  readonly armed: boolean;
  readonly locked: boolean;
  readonly lockReason: string;
  /** Signed open lots of the market, long positive. */
  readonly netLots: number;
  /** Lots of entries on the same side, and on the other, that are on their way or work at the broker: they may still fill. */
  readonly pendingLots: number;
  readonly opposingLots: number;
  readonly realisedTodayMinor: number;
  readonly balanceAtStartMinor: number;
  readonly nowUs: number;
  /** Whether the market's calendar or venue says that it trades. */
  readonly open: boolean;
  readonly sessionWords: string;
}

/** Durable record of commands, intents and reports. */
export interface Journal {
  append(type: string, data: object): void;
  /** Calls back, as a new input of the engine, once everything appended so far is on disk. */
  whenDurable(then: () => void): void;
}

/** Where the trade loop's results go: screen, store, output hash. */
export interface TradeSink {
  ticket(state: TicketState): void;
  signal(row: SignalRow): void;
  proposal(proposal: Proposal, event: 'proposed' | 'waiting' | 'confirmed' | 'dismissed' | 'expired' | 'refused'): void;
  order(row: OrderRow): void;
  deal(row: DealRow): void;
  fill(row: FillRow): void;
  accountChanged(): void;
  announce(kind: 'order' | 'refusal' | 'caution' | 'fault' | 'info', words: string): void;
}
