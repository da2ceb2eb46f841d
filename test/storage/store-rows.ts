import type { StoredBar, StoredFeatures } from '../../main/core/store-port.ts';
import { FEATURE_COUNT } from '../../shared/features.ts';
import { instrumentOf } from '../../shared/instruments.ts';
import type { DealRow, FillRow, OrderRow, Proposal, SignalRow } from '../../shared/trading.ts';

export const EURO = instrumentOf('6EZ6', 1, 118, undefined);
export const EURUSD = instrumentOf('EURUSD', 65_001, 7, undefined);
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

export function features(second: number): StoredFeatures {
  const vector = new Float64Array(FEATURE_COUNT).fill(Number.NaN);
  vector[0] = 1.1 + second;
  return { market: 0, tsEventUs: NOON + second * 1_000_000, tsRecvUs: NOON + second * 1_000_000 + 300, vector };
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
