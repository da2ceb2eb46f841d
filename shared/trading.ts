import type { Currency } from './money.ts';

/** Words of the trade loop, as the broker and the order-handling literature (FIX) use them. Prices are ticks of the execution instrument. */
export type Side = 'buy' | 'sell';

export type OrderType = 'market' | 'limit';

/** Where a proposal came from: a signal of the engine or the trader's own key. */
export type Origin = 'signal' | 'manual';

/** One check that a proposal passes or fails, with the words that the trader reads. */
export interface Gate {
  readonly name: 'arming' | 'data' | 'price' | 'spread' | 'size' | 'position' | 'session' | 'day' | 'rate';
  readonly passed: boolean;
  readonly words: string;
}

/** What would be done on confirmation: every number that the trader sees before pressing Enter. */
export interface Proposal {
  readonly id: string;
  /** Grows with every change of the numbers; a confirmation names the revision that was on screen. */
  readonly revision: number;
  readonly linkId: string;
  /** Market index of the execution instrument. */
  readonly market: number;
  readonly origin: Origin;
  readonly side: Side;
  readonly type: OrderType;
  /** Lots in all: those that close open deals first and those that open a new one. */
  readonly lots: number;
  readonly closesLots: number;
  readonly opensLots: number;
  readonly entryTicks: number;
  readonly stopTicks: number;
  readonly targetTicks: number;
  readonly riskMinor: number;
  readonly rewardMinor: number;
  readonly currency: Currency;
  /** Reward over risk. */
  readonly rewardToRisk: number;
  /** Move still to come in the execution instrument by the signal's estimate, minus spread, in pips; absent for manual ones. */
  readonly netEdgePips: number | null;
  /** Button text that names the effect: "Buy 2 EUR/USD", "Sell 2 · closes 1, opens 1 short". */
  readonly words: string;
  readonly reasons: readonly string[];
  readonly gates: readonly Gate[];
  readonly createdUs: number;
  readonly expiresUs: number;
}

/** State of the ticket pane: one armed proposal at most, one newer waiting beside it. */
export interface TicketState {
  readonly id: 'ticket';
  /** The arm switch: disarmed, nothing that adds risk is accepted. */
  readonly armed: boolean;
  /** Proposal under the trader's finger; never replaced by a newer one. */
  readonly active: Proposal | null;
  readonly waiting: Proposal | null;
  readonly sizePreset: number;
}

/** A demonstration signal: what the engine saw, before sizing and gates. */
export interface SignalRow {
  readonly id: string;
  readonly linkId: string;
  readonly name: string;
  readonly side: Side;
  /** 0…1. */
  readonly strength: number;
  readonly remainingPips: number;
  readonly reasons: readonly string[];
  readonly atUs: number;
  /** What became of it. */
  readonly outcome: 'proposed' | 'waiting' | 'no-ticket' | 'expired';
}

/** Life of an order at the broker, after FIX OrdStatus. */
export type OrderState =
  | 'intended'
  | 'sent'
  | 'working'
  | 'partially-filled'
  | 'filled'
  | 'cancel-sent'
  | 'cancelled'
  | 'rejected'
  | 'unknown';

/** An order of ours. `intended` is durable on disk before it is sent. */
export interface OrderRow {
  readonly id: string;
  readonly market: number;
  readonly side: Side;
  readonly type: OrderType;
  readonly purpose: 'open' | 'close';
  /** Deal that a closing order names. */
  readonly dealId: string | null;
  readonly lots: number;
  readonly filledLots: number;
  readonly limitTicks: number | null;
  readonly averageTicks: number | null;
  readonly stopTicks: number | null;
  readonly targetTicks: number | null;
  readonly state: OrderState;
  readonly reason: string;
  readonly createdUs: number;
  readonly updatedUs: number;
}

/** An open or closed deal, as IG holds positions: several per instrument, each with its own stop and target. */
export interface DealRow {
  readonly id: string;
  readonly orderId: string;
  readonly market: number;
  readonly side: Side;
  readonly lots: number;
  readonly openTicks: number;
  readonly stopTicks: number | null;
  readonly targetTicks: number | null;
  readonly state: 'open' | 'closing' | 'closed';
  readonly openedUs: number;
  readonly closedUs: number | null;
  readonly closeTicks: number | null;
  readonly closeReason: 'trader' | 'stop' | 'target' | 'flatten' | null;
  /** Realised result in the account currency's minor units; null while open. */
  readonly realisedMinor: number | null;
  /** Initial risk in the account currency's minor units: the R of this deal. */
  readonly riskMinor: number;
}

/** One execution report, also of stops and targets. */
export interface FillRow {
  readonly id: string;
  readonly orderId: string;
  readonly dealId: string;
  readonly market: number;
  readonly side: Side;
  readonly lots: number;
  readonly ticks: number;
  readonly atUs: number;
  readonly liquidity: 'taker' | 'maker';
}

/** Money of the account and the day. */
export interface AccountState {
  readonly id: 'account';
  readonly name: string;
  readonly currency: Currency;
  readonly balanceMinor: number;
  readonly realisedTodayMinor: number;
  readonly openMinor: number;
  /** Result of the day in R, the sum of realised over initial risk. */
  readonly rToday: number;
  readonly dealsToday: number;
  readonly locked: boolean;
  readonly lockReason: string;
}
