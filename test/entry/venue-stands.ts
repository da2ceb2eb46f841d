import type { TextBook } from '../../main/core/feed-port.ts';
import { BinanceServer } from '../venues/binance-server.ts';
import { CoinbaseServer } from '../venues/coinbase-server.ts';
import { DatabentoGateway } from '../venues/databento-gateway.ts';
import { DatabentoMarket } from '../venues/databento-market.ts';
import { IG_LOGIN, IgServer } from '../venues/ig-server.ts';
import { KrakenServer } from '../venues/kraken-server.ts';

export const DATABENTO_KEY = 'db-unittestapikey1234567890FFFFF';
const EPIC = 'CS.D.EURUSD.CFD.IP';
const LEVELS = 10;

/** A venue's stand-in as a user of the program sees it: an address, a key, a symbol, and a market that can be moved. */
export interface Stand {
  /** As its markets name it. */
  readonly venueName: string;
  /** What names it in the settings. */
  readonly settings: object;
  /** What names it on the command line. */
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly symbol: string;
  /** Whether somebody has subscribed, so that what is sent now is heard. */
  subscribed(): boolean;
  /** Sends so many updates, as fast as they are read. */
  run(updates: number): Promise<void>;
  book(): TextBook;
  trades(): number;
  /** Ends every connection behind what was sent, and listens no more. */
  close(): Promise<void>;
}

const turn = () => new Promise((next) => setImmediate(next));

async function kraken(): Promise<Stand> {
  const symbol = 'BTC/USD';
  const server = await KrakenServer.listen({ pairs: [{ symbol, priceDecimals: 1, qtyDecimals: 8, start: 600_000 }] });
  return {
    venueName: 'KRAKEN',
    settings: { url: server.url, symbols: [symbol], depth: 25 },
    args: ['--venue', 'kraken', '--symbols', symbol, '--depth', '25', '--url', server.url],
    environment: {},
    symbol,
    subscribed: () => server.subscribed(symbol),
    run: (updates) => server.run(updates),
    book: () => server.rows(symbol, LEVELS),
    trades: () => server.sent.get(symbol)!.trades,
    close: async () => {
      server.closeAll();
      while (server.clients > 0) await turn();
      await server.close();
    },
  };
}

async function binance(): Promise<Stand> {
  const server = await BinanceServer.open(['BTCUSDT']);
  return {
    venueName: 'BINANCE',
    settings: { url: server.url, restUrl: httpOf(server.url), symbols: ['BTCUSDT'] },
    args: ['--venue', 'binance', '--symbols', 'BTCUSDT', '--url', server.url],
    environment: {},
    symbol: 'BTCUSDT',
    subscribed: () => server.requests.some((path) => path.includes('/depth')),
    run: async (updates) => {
      for (let update = 0; update < updates; update++) {
        server.update('BTCUSDT');
        if (update % 8 === 0) server.trade('BTCUSDT');
        if (update % 64 === 63) await turn();
      }
    },
    book: () => server.text('BTCUSDT', LEVELS),
    trades: () => server.trades('BTCUSDT'),
    close: async () => {
      server.desk.dropAll();
      while (server.desk.seats.length > 0) await turn();
      await server.close();
    },
  };
}

async function coinbase(): Promise<Stand> {
  const server = await CoinbaseServer.open(['BTC-USD']);
  return {
    venueName: 'COINBASE',
    settings: { url: server.url, restUrl: httpOf(server.url), symbols: ['BTC-USD'] },
    args: ['--venue', 'coinbase', '--symbols', 'BTC-USD', '--url', server.url],
    environment: {},
    symbol: 'BTC-USD',
    subscribed: () => server.desk.seats.length > 0,
    run: async (updates) => {
      for (let update = 0; update < updates; update++) {
        server.update('BTC-USD');
        if (update % 8 === 0) server.trade('BTC-USD');
        if (update % 64 === 63) await turn();
      }
    },
    book: () => server.text('BTC-USD', LEVELS),
    trades: () => server.trades('BTC-USD'),
    close: async () => {
      server.desk.dropAll();
      while (server.desk.seats.length > 0) await turn();
      await server.close();
    },
  };
}

export async function databento(): Promise<Stand> {
  const symbol = '6E.v.0';
  const market = new DatabentoMarket('6EZ6', 42, 50_000, 22_000, Date.UTC(2026, 10, 18, 13) * 1000);
  const gateway = await DatabentoGateway.listen({
    key: DATABENTO_KEY,
    resolve: () => [{ rawSymbol: '6EZ6', instrumentId: 42 }],
  });
  const text = (side: 'bid' | 'ask') =>
    market.side(side).map(([ticks, lots]) => [(ticks * 0.00005).toFixed(5), String(lots)] as const);
  return {
    venueName: 'GLBX',
    settings: { url: gateway.url, symbols: [symbol] },
    args: ['--venue', 'databento', '--symbols', symbol, '--url', gateway.url],
    environment: { DATABENTO_API_KEY: DATABENTO_KEY },
    symbol,
    subscribed: () => gateway.sessions[0]?.started === true,
    run: async (updates) => {
      for (let sent = 0; sent < updates; sent += 250) {
        gateway.publish(market.next(250));
        if (sent % 2_000 === 0) await turn();
      }
    },
    book: () => ({ bids: text('bid'), asks: text('ask') }),
    trades: () => market.trades,
    close: async () => {
      gateway.session.end();
      while (!gateway.session.closed) await turn();
      await gateway.close();
    },
  };
}

/** @param quoteMs venue time between two quotes */
export async function ig(quoteMs = 1): Promise<Stand> {
  const server = await IgServer.start();
  let at = 0;
  const quote = () => {
    at++;
    const bid = 1.08 + at / 100_000;
    const [bidText, askText] = [bid.toFixed(5), (bid + 0.00006).toFixed(5)];
    server.quote(EPIC, {
      BIDPRICE1: bidText,
      ASKPRICE1: askText,
      BIDSIZE1: '10',
      ASKSIZE1: String(5 + (at % 9)),
      TIMESTAMP: String(1_795_000_000_000 + at * quoteMs),
      DLG_FLAG: 'DEAL',
    });
    return { bids: [[bidText, '10']], asks: [[askText, String(5 + (at % 9))]] } as TextBook;
  };
  let book = quote();
  return {
    venueName: 'IG',
    settings: { url: server.url, symbols: [EPIC] },
    args: ['--venue', 'ig', '--symbols', EPIC, '--url', server.url],
    environment: {
      IG_API_KEY: IG_LOGIN.apiKey,
      IG_IDENTIFIER: IG_LOGIN.identifier,
      IG_PASSWORD: IG_LOGIN.password,
    },
    symbol: EPIC,
    subscribed: () => server.stream.subscribed.length > 0,
    run: async (updates) => {
      for (let update = 0; update < updates; update++) {
        book = quote();
        if (update % 200 === 199) await turn();
      }
    },
    book: () => book,
    trades: () => 0,
    close: async () => {
      server.stream.end(32, 'the server closes');
      await server.close();
    },
  };
}

function httpOf(url: string): string {
  return `http://${new URL(url).host}`;
}

/** Every venue with what opens its stand-in. */
export const VENUE_STANDS = [
  ['kraken', kraken],
  ['binance', binance],
  ['coinbase', coinbase],
  ['databento', databento],
  ['ig', () => ig()],
] as const;
