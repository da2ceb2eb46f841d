import type { MarketTable, Store, StoredBar } from '../../main/core/store-port.ts';
import { HEAD, MARKET_TABLES } from '../../main/storage/tables/market-tables.ts';
import { instrumentOf } from '../../shared/instruments.ts';
import type { DealRow, FillRow, OrderRow, Proposal, SignalRow } from '../../shared/trading.ts';

export const EURO = instrumentOf('6EZ6', 65_001, 118, undefined);
export const EURUSD = instrumentOf('EURUSD', 65_002, 7, undefined);
/** 2026-11-18 13:00 UTC. */
export const NOON = 1_795_006_800_000_000;

export function bar(minute: number, changes: Partial<StoredBar> = {}): StoredBar {
  return {
    market: 0,
    startUs: NOON + minute * 60_000_000,
    tsRecvUs: NOON + (minute + 1) * 60_000_000,
    open: 1.1,
    high: 1.2,
    low: 1.05,
    close: 1.15,
    priceSource: 'mid',
    volume: 12,
    volumeType: 'real',
    delta: -3,
    vwap: 1.125,
    sessionVwap: Number.NaN,
    ...changes,
  };
}

/** Times and number of a row of market data; left out = those of its moment. */
export interface RowHead {
  readonly market?: number;
  readonly venueUs: number;
  readonly venueNano?: number;
  readonly vendorUs?: number;
  readonly vendorNano?: number;
  readonly localUs?: number;
  readonly sequence?: number;
}

/** Puts a row of market data; values of its own that are left out are absent. */
export function put(store: Pick<Store, 'row'>, table: MarketTable, head: RowHead, own: readonly number[]): void {
  const { values, at } = store.row(table);
  values.fill(Number.NaN, at, at + MARKET_TABLES[table].width);
  values[at + HEAD.MARKET] = head.market ?? 0;
  values[at + HEAD.VENUE_US] = head.venueUs;
  values[at + HEAD.VENUE_NANO] = head.venueNano ?? 0;
  values[at + HEAD.VENDOR_US] = head.vendorUs ?? head.venueUs + 300;
  values[at + HEAD.VENDOR_NANO] = head.vendorNano ?? 0;
  values[at + HEAD.LOCAL_US] = head.localUs ?? head.venueUs + 500;
  values[at + HEAD.SEQUENCE] = head.sequence ?? Number.NaN;
  values.set(own, at + HEAD.END);
}

/** Puts the features of a second: a mid and nothing else. */
export function putFeatures(store: Pick<Store, 'row'>, second: number): void {
  put(store, 'features', { venueUs: NOON + second * 1_000_000 }, [1.1 + second]);
}

/** Puts a trade of the future. */
export function putTrade(store: Pick<Store, 'row'>, n: number, changes: Partial<RowHead> = {}): void {
  put(store, 'cme_trades', { venueUs: NOON + n * 1_000, sequence: n, ...changes }, [1.1, n, 'B'.charCodeAt(0)]);
}

export function order(n: number, changes: Partial<OrderRow> = {}): OrderRow {
  return {
    id: `O${n}`,
    market: 1,
    side: 'buy',
    type: 'market',
    purpose: 'open',
    dealId: null,
    lots: 2,
    filledLots: 0,
    limitTicks: null,
    averageTicks: null,
    stopTicks: 109_900,
    targetTicks: 110_200,
    state: 'intended',
    reason: '',
    createdUs: NOON + n,
    updatedUs: NOON + n,
    ...changes,
  };
}

export const FILL: FillRow = {
  id: 'F1',
  orderId: 'O1',
  dealId: 'D1',
  market: 1,
  side: 'buy',
  lots: 2,
  ticks: 110_000,
  atUs: NOON,
  liquidity: 'taker',
};

export const DEAL: DealRow = {
  id: 'D1',
  orderId: 'O1',
  market: 1,
  side: 'buy',
  lots: 2,
  openTicks: 110_000,
  stopTicks: 109_900,
  targetTicks: null,
  state: 'open',
  openedUs: NOON,
  closedUs: null,
  closeTicks: null,
  closeReason: null,
  realisedMinor: null,
  riskMinor: 25_000,
};

export const SIGNAL: SignalRow = {
  id: 'S1',
  linkId: '6E-EURUSD',
  name: 'lead',
  side: 'buy',
  strength: 0.8,
  remainingPips: 1.2,
  reasons: ['OFI 40', 'QI 0.5'],
  atUs: NOON,
  outcome: 'proposed',
};

export const PROPOSAL: Proposal = {
  id: 'P1',
  revision: 2,
  linkId: '6E-EURUSD',
  market: 1,
  origin: 'signal',
  side: 'buy',
  type: 'market',
  lots: 2,
  closesLots: 0,
  opensLots: 2,
  entryTicks: 110_000,
  stopTicks: 109_900,
  targetTicks: 110_200,
  riskMinor: 25_000,
  rewardMinor: 50_000,
  currency: 'USD',
  rewardToRisk: 2,
  netEdgePips: null,
  words: 'Buy 2 EUR/USD',
  reasons: [],
  gates: [{ name: 'data', passed: true, words: 'fresh' }],
  createdUs: NOON,
  expiresUs: NOON + 5_000_000,
};
