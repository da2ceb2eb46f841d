import type { Currency } from '../../../shared/money.ts';

/** What the simulator knows of a future and of the spot pair that follows it. */
export interface MarketSpec {
  readonly root: '6E' | '6B' | '6J';
  readonly instrumentId: number;
  readonly tickNano: number;
  /** Contract size in base units. */
  readonly unitQuantity: number;
  readonly baseCurrency: Currency;
  /** Price at the start of a run, in ticks. */
  readonly startTicks: number;
  /** Volatility of the hidden efficient price in ticks per square root of a second, normal regime, busy hours. */
  readonly sigmaTicks: number;
  /** Share of that volatility which comes from the dollar and is common to all; negative for none here. */
  readonly dollarShare: number;
  /** Scale of resting sizes; 1 gives about eleven lots at the best price. */
  readonly depthScale: number;
  /** Prices that are multiples of this many ticks attract resting orders. */
  readonly roundTicks: number;
  readonly spot: SpotSpec;
}

interface SpotSpec {
  readonly rawSymbol: string;
  readonly instrumentId: number;
  readonly tickNano: number;
  readonly pipNano: number;
  /** True where the pair is one over the future: USD/JPY against 6J. */
  readonly inverted: boolean;
  /** Spot mid minus implied mid in pips, around which the basis wanders. */
  readonly basisPips: number;
  readonly spreadPips: number;
}

/** Publisher numbers that no vendor uses, so that nothing simulated can be taken for real. */
export const SIMULATED_FUTURES_PUBLISHER = 65001;
export const SIMULATED_SPOT_PUBLISHER = 65002;
export const SIMULATED_DATASET = 'SIM.FATHOM';

/** The three markets; volatilities of about 7 to 9 % a year spread over a trading day. */
export const MARKET_SPECS: readonly MarketSpec[] = [
  {
    root: '6E',
    instrumentId: 900_001,
    tickNano: 50_000,
    unitQuantity: 125_000,
    baseCurrency: 'EUR',
    startTicks: 23_360,
    sigmaTicks: 0.42,
    dollarShare: 0.75,
    depthScale: 1,
    roundTicks: 20,
    spot: {
      rawSymbol: 'EURUSD',
      instrumentId: 900_101,
      tickNano: 10_000,
      pipNano: 100_000,
      inverted: false,
      basisPips: -12,
      spreadPips: 0.6,
    },
  },
  {
    root: '6B',
    instrumentId: 900_002,
    tickNano: 100_000,
    unitQuantity: 62_500,
    baseCurrency: 'GBP',
    startTicks: 13_180,
    sigmaTicks: 0.3,
    dollarShare: 0.65,
    depthScale: 1.3,
    roundTicks: 10,
    spot: {
      rawSymbol: 'GBPUSD',
      instrumentId: 900_102,
      tickNano: 10_000,
      pipNano: 100_000,
      inverted: false,
      basisPips: -1.5,
      spreadPips: 0.9,
    },
  },
  {
    root: '6J',
    instrumentId: 900_003,
    tickNano: 500,
    unitQuantity: 12_500_000,
    baseCurrency: 'JPY',
    startTicks: 13_020,
    sigmaTicks: 0.32,
    dollarShare: 0.6,
    depthScale: 1.2,
    roundTicks: 20,
    spot: {
      rawSymbol: 'USDJPY',
      instrumentId: 900_103,
      tickNano: 1_000_000,
      pipNano: 10_000_000,
      inverted: true,
      basisPips: 48,
      spreadPips: 0.7,
    },
  },
];
