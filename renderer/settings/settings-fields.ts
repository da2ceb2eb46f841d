import type { Vendor } from '../../shared/vendors.ts';

/** One setting as the page edits it. */
export interface SettingField {
  /** Its name with dots, as in the file: `feeds.kraken.depth`. */
  readonly path: string;
  readonly label: string;
  readonly kind: 'text' | 'list' | 'number' | 'choice' | 'switch';
  readonly unit?: string;
  /** Values of a choice. */
  readonly options?: readonly (string | number)[];
  /** What a number of the file is divided by to be shown. */
  readonly scale?: number;
  /** What it means where the label does not say it. */
  readonly hint?: string;
}

/** How a vendor is set up: what one changes often, and addresses that are best left alone. */
export interface VendorFields {
  readonly what: string;
  readonly fields: readonly SettingField[];
  readonly endpoints: readonly SettingField[];
}

const text = (path: string, label: string, hint?: string): SettingField => field(path, label, 'text', hint);
const list = (path: string, label: string, hint?: string): SettingField => field(path, label, 'list', hint);

function field(path: string, label: string, kind: SettingField['kind'], hint: string | undefined): SettingField {
  return hint === undefined ? { path, label, kind } : { path, label, kind, hint };
}

function number(path: string, label: string, unit: string, scale = 1): SettingField {
  return { path, label, kind: 'number', unit, scale };
}

export const VENDOR_FIELDS: Readonly<Record<Vendor, VendorFields>> = {
  kraken: {
    what: 'Coins, public data',
    fields: [
      list('feeds.kraken.symbols', 'Symbols', 'BTC/USD, ETH/USD'),
      { path: 'feeds.kraken.depth', label: 'Depth', kind: 'choice', unit: 'levels', options: [10, 25, 100, 500, 1000] },
      { path: 'feeds.kraken.level3', label: 'Book by order', kind: 'switch' },
    ],
    endpoints: [
      text('feeds.kraken.url', 'Data'),
      text('feeds.kraken.level3Url', 'Book by order'),
      text('feeds.kraken.restUrl', 'Requests'),
    ],
  },
  binance: {
    what: 'Coins, public data, depth conflated by the venue',
    fields: [
      list('feeds.binance.symbols', 'Symbols', 'BTCUSDT'),
      number('feeds.binance.depth', 'Depth of a snapshot', 'levels'),
    ],
    endpoints: [text('feeds.binance.url', 'Data'), text('feeds.binance.restUrl', 'Requests')],
  },
  coinbase: {
    what: 'Coins, public data, trades in batches',
    fields: [list('feeds.coinbase.symbols', 'Symbols', 'BTC-USD')],
    endpoints: [text('feeds.coinbase.url', 'Data'), text('feeds.coinbase.restUrl', 'Requests')],
  },
  databento: {
    what: 'CME futures depth',
    fields: [
      list('feeds.databento.symbols', 'Symbols', '6E.v.0, 6EZ6 or 6E.FUT'),
      text('feeds.databento.dataset', 'Dataset'),
    ],
    endpoints: [
      text('feeds.databento.url', 'Gateway', 'empty: the one of the dataset'),
      text('feeds.databento.historicalUrl', 'History'),
    ],
  },
  ig: {
    what: 'Spot quotes of the dealer',
    fields: [
      { path: 'feeds.ig.environment', label: 'Site', kind: 'choice', options: ['demo', 'live'] },
      text('feeds.ig.account', 'Account', 'empty: the preferred one'),
      list('feeds.ig.symbols', 'Symbols', 'EUR/USD or an epic'),
    ],
    endpoints: [text('feeds.ig.url', 'Requests', 'empty: the site’s own')],
  },
  insightsentry: {
    what: 'Calendar and news',
    fields: [
      {
        path: 'feeds.insightsentry.gateway',
        label: 'Gateway',
        kind: 'choice',
        options: ['direct', 'rapidapi'],
      },
      number('feeds.insightsentry.connectionsADay', 'Connections', 'a day'),
      list('feeds.insightsentry.quotes', 'Quotes', 'FX:EURUSD, to look at'),
    ],
    endpoints: [
      text('feeds.insightsentry.url', 'Requests', 'empty: the gateway’s own'),
      text('feeds.insightsentry.streamUrl', 'Stream'),
    ],
  },
};

/** Order of the cards: what works without a key comes first. */
export const VENDOR_ORDER: readonly Vendor[] = ['kraken', 'binance', 'coinbase', 'databento', 'ig', 'insightsentry'];

export const RISK_FIELDS: readonly SettingField[] = [
  number('risk.riskPerTradePercent', 'Loss of a proposal at its stop', '% of the balance'),
  number('risk.dayLossPercent', 'Loss of the day that locks trading', '% of the balance'),
  number('risk.maxOrderLots', 'Largest order', 'lots'),
  number('risk.maxPositionLots', 'Largest position of an instrument', 'lots'),
  number('risk.maxSpreadPips', 'Widest spread that is traded', 'pips'),
  number('risk.maxEntryDriftPercent', 'Price run away from a market entry', '% of the stop distance'),
  number('risk.staleAfterMs', 'Oldest quote that is traded', 'ms'),
];

export const ACCOUNT_FIELDS: readonly SettingField[] = [
  number('account.startingBalanceMinor', 'First balance of a new account', 'USD', 100),
  number('paper.latencyMs', 'Time until an order acts', 'ms'),
  number('paper.slippageTicks', 'Slippage of market orders', 'ticks'),
];

export const CAPTURE_FIELDS: readonly SettingField[] = [
  { path: 'capture.record', label: 'Record market data as it arrives', kind: 'switch' },
  number('capture.keepSimulatedHours', 'Simulated captures are kept for', 'hours'),
];

export const SIMULATED_FIELDS: readonly SettingField[] = [
  number('source.eventsPerSecond', 'Pace', 'events/s and future'),
  number('source.lagMs', 'Spot follows its future after', 'ms'),
  number('source.seed', 'Seed', ''),
];
