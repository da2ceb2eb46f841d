/** Assets that Binance quotes in, longest first where one ends in another. */
const QUOTE_ASSETS = [
  'FDUSD',
  'USDT',
  'USDC',
  'TUSD',
  'USD1',
  'BUSD',
  'BIDR',
  'IDRT',
  'BTC',
  'ETH',
  'BNB',
  'EUR',
  'GBP',
  'TRY',
  'BRL',
  'AUD',
  'JPY',
  'MXN',
  'ARS',
  'PLN',
  'RON',
  'UAH',
  'ZAR',
  'DAI',
  'XRP',
  'TRX',
  'DOGE',
  'USD',
];

/** What a symbol (`BTCUSDT`) is quoted in, while the venue has not said it: the symbol itself has no separator. */
export function quoteAssetOf(symbol: string): string {
  return QUOTE_ASSETS.find((asset) => symbol.endsWith(asset) && symbol.length > asset.length) ?? symbol;
}
