/**
 * The feature vector of one market: names, units and how they are shown. The engine writes a Float64Array in this order;
 * an absent value is NaN. The order is part of the output hash: append, never reorder.
 */
export interface FeatureInfo {
  readonly name: string;
  readonly label: string;
  /** Unit of the value as written to the vector. `price` is in decimal price units. */
  readonly unit: 'price' | 'ratio' | 'lots' | 'per second' | 'log return';
  /** Whether zero is the neutral middle (drawn as a signed bar) or the floor. */
  readonly signed: boolean;
  readonly meaning: string;
}

const feature = <N extends string>(
  name: N,
  label: string,
  unit: FeatureInfo['unit'],
  signed: boolean,
  meaning: string,
): FeatureInfo & { readonly name: N } => ({ name, label, unit, signed, meaning });

export const FEATURES = [
  feature('mid', 'Mid', 'price', false, 'Middle of best bid and best ask'),
  feature('spread', 'Spread', 'price', false, 'Best ask minus best bid'),
  feature('microprice', 'Microprice', 'price', false, 'Mid weighted by the opposite sizes'),
  feature('qi1', 'QI 1', 'ratio', true, 'Queue imbalance at the best level'),
  feature('qi5', 'QI 5', 'ratio', true, 'Queue imbalance over five levels'),
  feature('qi10', 'QI 10', 'ratio', true, 'Queue imbalance over ten levels'),
  feature('ofi', 'OFI', 'lots', true, 'Order flow imbalance at the best, running sum of the session'),
  feature('ofi1s', 'OFI 1 s', 'lots', true, 'Order flow imbalance, decaying with 1 s'),
  feature('ofi5s', 'OFI 5 s', 'lots', true, 'Order flow imbalance, decaying with 5 s'),
  feature('mlofi', 'MLOFI', 'lots', true, 'Order flow imbalance over ten levels, running sum of the session'),
  feature('mlofi5s', 'MLOFI 5 s', 'lots', true, 'Order flow imbalance over ten levels, decaying with 5 s'),
  feature('cvd', 'CVD', 'lots', true, 'Cumulative volume delta of the session'),
  feature('volume', 'Volume', 'lots', false, 'Traded volume of the session'),
  feature('unsidedVolume', 'Unsided', 'lots', false, 'Traded volume without a known aggressor'),
  feature('signedVolume5s', 'Delta 5 s', 'lots', true, 'Signed traded volume, decaying with 5 s'),
  feature('intensityFast', 'Trades/s', 'per second', false, 'Trades per second, decaying with 5 s'),
  feature('intensitySlow', 'Trades/s slow', 'per second', false, 'Trades per second, decaying with 300 s'),
  feature('intensityRatio', 'Burst', 'ratio', false, 'Fast over slow trade intensity'),
  feature('ctaBid', 'C/A bid', 'ratio', false, 'Cancelled over added size on the bid side'),
  feature('ctaAsk', 'C/A ask', 'ratio', false, 'Cancelled over added size on the ask side'),
  feature('volatility1m', 'Vol 1 min', 'log return', false, 'Realised volatility of the mid over one minute'),
  feature('vwap', 'VWAP', 'price', false, 'Volume-weighted average price of the session'),
] as const satisfies readonly FeatureInfo[];

export type FeatureName = (typeof FEATURES)[number]['name'];

/** Values in a feature vector. */
export const FEATURE_COUNT = FEATURES.length;

/** Index of every feature in the vector, by name. */
export const FEATURE: Readonly<Record<FeatureName, number>> = Object.freeze(
  Object.fromEntries(FEATURES.map((info, index) => [info.name, index])) as Record<FeatureName, number>,
);
