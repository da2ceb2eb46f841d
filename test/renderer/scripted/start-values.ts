import type { LinkRow, MarketRow } from '../../../shared/contract/topics.ts';
import { PRODUCTS } from '../../../shared/instruments.ts';
import type { TopicHub } from './topic-hub.ts';

const SESSION = {
  phase: 'open',
  tradeDate: '2026-11-20',
  startedUs: Date.UTC(2026, 10, 19, 23) * 1000,
  changesUs: Date.UTC(2026, 10, 20, 22) * 1000,
  words: 'open until 22:00 UTC',
} as const;

const LINES: readonly (readonly [string, string, string, string])[] = [
  ['6E', '6EZ6', '6E', 'mbp-10'],
  ['EUR/USD', 'EURUSD', 'EURUSD', 'mbp-1'],
  ['6B', '6BZ6', '6B', 'mbp-10'],
  ['GBP/USD', 'GBPUSD', 'GBPUSD', 'mbp-1'],
  ['6J', '6JZ6', '6J', 'mbp-10'],
  ['USD/JPY', 'USDJPY', 'USDJPY', 'mbp-1'],
];

/** A coin pair as Kraken has it: sizes of eight decimals, no pips, nothing linked to it. */
export function coinRow(index: number, nowUs: number): MarketRow {
  return {
    id: `m${index}`,
    index,
    label: 'BTC/USD',
    rawSymbol: 'BTC/USD',
    venue: 'KRAKEN',
    root: 'BTC/USD',
    tickNano: 100_000_000,
    pipNano: 100_000_000,
    hasPips: false,
    multiplier: 1e-8,
    lotDecimals: 8,
    quoteCurrency: 'USD',
    depthSchema: 'l2',
    conflationMs: 100,
    tradeBatchMs: 250,
    state: 'live',
    words: '',
    sinceUs: nowUs,
    session: { ...SESSION, words: 'open around the clock', changesUs: 0 },
  };
}

/** The rows that a fresh engine on the simulated market publishes. */
export function publishStart(hub: TopicHub, nowUs: number): void {
  const markets = LINES.map(([label, rawSymbol, root, depthSchema], index): MarketRow => {
    const product = PRODUCTS.find((p) => p.root === root)!;
    return {
      id: `m${index}`,
      index,
      label,
      rawSymbol,
      venue: product.venue,
      root,
      tickNano: product.tickNano,
      pipNano: product.pipNano,
      hasPips: true,
      lotDecimals: 0,
      multiplier: product.multiplier,
      quoteCurrency: product.quoteCurrency,
      depthSchema,
      conflationMs: 0,
      tradeBatchMs: 0,
      state: 'live',
      words: '',
      sinceUs: nowUs,
      session: SESSION,
    };
  });
  hub.upsert('markets', markets);
  const link = (id: string, signalMarket: number, inverted: boolean): LinkRow => ({
    id,
    signalMarket,
    executionMarket: signalMarket + 1,
    barsMarket: signalMarket,
    inverted,
    lagUs: 145_000,
    correlation: 0.34,
    lagConfidence: 0.97,
    lagSamples: 1_204,
    lagMeasuredUs: nowUs,
    lagGuessed: false,
    lagWords: 'Measured from 1204 changes, confidence 0.97.',
    basisPips: -1.2,
    remainingPips: 0.4,
  });
  hub.upsert('links', [link('6E-EURUSD', 0, false), link('6B-GBPUSD', 2, false), link('6J-USDJPY', 4, true)]);
  hub.set('terminal', {
    id: 'terminal',
    mode: 'SIMULATED',
    paper: true,
    version: '0.1.0',
    startedUs: nowUs,
    restarts: 0,
    notice: '',
    linkId: '6E-EURUSD',
    marketIndex: null,
    source: 'Simulated market, seed 20260105',
    presetLots: [1, 2, 3, 5, 10],
  });
  hub.set('health', {
    id: 'health',
    venues: [
      { name: 'CME', state: 'live', label: 'live', ageUs: 8_000, words: 'simulated' },
      { name: 'IG', state: 'live', label: 'live', ageUs: 96_000, words: 'simulated' },
    ],
    hops: [
      { name: 'decode', p50Us: 1, p99Us: 3 },
      { name: 'features', p50Us: 2, p99Us: 5 },
      { name: 'frame', p50Us: 310, p99Us: 1_900 },
    ],
    eventsPerSecond: 786,
    behindUs: 0,
    gaps: 0,
    storage: { ok: true, words: 'SQLite' },
    capture: { ok: true, words: 'capture' },
  });
  hub.set('ticket', { id: 'ticket', armed: false, active: null, waiting: null, sizePreset: 2 });
  hub.set('account', {
    id: 'account',
    name: 'Paper USD',
    currency: 'USD',
    balanceMinor: 5_000_000,
    realisedTodayMinor: 0,
    openMinor: 0,
    rToday: 0,
    dealsToday: 0,
    locked: false,
    lockReason: '',
  });
  hub.set('replay', {
    id: 'replay',
    active: false,
    file: '',
    playing: false,
    speed: 1,
    startUs: 0,
    endUs: 0,
    nowUs: 0,
    finished: false,
  });
}
