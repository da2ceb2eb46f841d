/** Those who supply data, by the name of their section under `feeds` in the settings. */
export const VENDORS = ['databento', 'ig', 'kraken', 'binance', 'coinbase', 'insightsentry'] as const;

export type Vendor = (typeof VENDORS)[number];

/** The keys that vendors ask for, by the environment variable that holds each. */
export const KEY_NAMES = [
  'DATABENTO_API_KEY',
  'IG_API_KEY',
  'IG_IDENTIFIER',
  'IG_PASSWORD',
  'KRAKEN_API_KEY',
  'KRAKEN_API_SECRET',
  'INSIGHTSENTRY_API_KEY',
] as const;

export type KeyName = (typeof KEY_NAMES)[number];

/** A vendor with what the trader calls it and the keys that it asks for. */
export interface VendorInfo {
  readonly label: string;
  readonly keys: readonly KeyName[];
  /** What the keys are for; those of a vendor that is of use without them say so. */
  readonly keysFor: string;
}

export const VENDOR_INFO: Readonly<Record<Vendor, VendorInfo>> = {
  databento: { label: 'Databento', keys: ['DATABENTO_API_KEY'], keysFor: 'needed' },
  ig: { label: 'IG', keys: ['IG_API_KEY', 'IG_IDENTIFIER', 'IG_PASSWORD'], keysFor: 'all three needed' },
  kraken: { label: 'Kraken', keys: ['KRAKEN_API_KEY', 'KRAKEN_API_SECRET'], keysFor: 'for the book by order only' },
  binance: { label: 'Binance', keys: [], keysFor: 'no key needed' },
  coinbase: { label: 'Coinbase', keys: [], keysFor: 'no key needed' },
  insightsentry: { label: 'InsightSentry', keys: ['INSIGHTSENTRY_API_KEY'], keysFor: 'needed' },
};
