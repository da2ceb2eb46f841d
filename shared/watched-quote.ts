/** A price that is looked at and never traded on: it may be late, and it comes from a vendor of information. */
export interface WatchedQuote {
  /** `EXCHANGE:SYMBOL`, as the settings name it. */
  readonly id: string;
  /** Last price in the instrument's own unit; null while none was told. */
  readonly last: number | null;
  /** Digits after the point that its prices were seen to have. */
  readonly decimals: number;
  /** Against the close before, in percent; null where it is not told. */
  readonly changePercent: number | null;
  /** Time of the last price, µs; null where it is not told. */
  readonly atUs: number | null;
  /** By how much its source is late, seconds: 0 = real time, −1 = prices of the day's end. Null where it is not told. */
  readonly delaySeconds: number | null;
}

/** A code by which InsightSentry names an instrument: `FX:EURUSD`, `CME_MINI:ES1!`. */
export const QUOTE_CODE = /^[A-Z0-9_./-]+:[A-Z0-9_./!-]+$/;

/** How many are watched at most. */
export const MOST_QUOTES = 50;
