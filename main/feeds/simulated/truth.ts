/** Volatility regimes, from quiet to wild. */
export const REGIMES = ['calm', 'normal', 'wild'] as const;
type Regime = (typeof REGIMES)[number];

/**
 * What the simulator planted and when, for tests of features and signals. Times are ts_event in microseconds; `endUs` is
 * 0 while a spell lasts. `root` names the future; what has none concerns all.
 */
export type TruthRecord =
  | { readonly kind: 'regime'; readonly startUs: number; endUs: number; readonly regime: Regime }
  | { readonly kind: 'news'; readonly startUs: number; readonly endUs: number; readonly dollarTicks: number }
  | { readonly kind: 'thin-spell'; readonly root: string; readonly startUs: number; endUs: number }
  | {
      readonly kind: 'sweep';
      readonly root: string;
      readonly startUs: number;
      readonly endUs: number;
      /** +1 when buyers swept the offers. */
      readonly direction: 1 | -1;
      readonly levels: number;
      readonly lots: number;
    }
  | {
      readonly kind: 'iceberg';
      readonly root: string;
      readonly startUs: number;
      endUs: number;
      readonly side: 'bid' | 'ask';
      readonly priceTicks: number;
      readonly totalLots: number;
      executedLots: number;
    }
  | {
      readonly kind: 'lag';
      readonly root: string;
      readonly startUs: number;
      readonly lagUs: number;
      readonly basisPips: number;
    };

/** An iceberg as it is planted and worked off. */
export type IcebergTruth = Extract<TruthRecord, { kind: 'iceberg' }>;
