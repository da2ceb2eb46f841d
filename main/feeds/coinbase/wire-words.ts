const word = (text: string) => new TextEncoder().encode(text);

/** Names in Coinbase's messages as they stand on the wire. */
export const WORD = {
  channel: word('channel'),
  sequence: word('sequence_num'),
  timestamp: word('timestamp'),
  events: word('events'),
  kind: word('type'),
  error: word('error'),
  product: word('product_id'),
  updates: word('updates'),
  snapshot: word('snapshot'),
  update: word('update'),
  side: word('side'),
  bid: word('bid'),
  offer: word('offer'),
  price: word('price_level'),
  quantity: word('new_quantity'),
  trades: word('trades'),
  tradeId: word('trade_id'),
  tradePrice: word('price'),
  tradeSize: word('size'),
  time: word('time'),
  buy: word('BUY'),
  sell: word('SELL'),
  counter: word('heartbeat_counter'),
} as const;

/** Channels that are read; of any other the data is passed over. */
export const CHANNELS = (['l2_data', 'market_trades', 'heartbeats', 'subscriptions'] as const).map((name) => ({
  name,
  word: word(name),
}));

export type CoinbaseChannel = (typeof CHANNELS)[number]['name'] | 'other';
