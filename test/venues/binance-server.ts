import type { IncomingMessage, ServerResponse } from 'node:http';
import { Random } from '../../main/core/clock/random.ts';
import type { TextBook } from '../../main/core/feed-port.ts';
import { type LevelChange, PriceLevels } from './price-levels.ts';
import { type Seat, SocketDesk } from './socket-desk.ts';

const START_US = 1_750_000_000_000_000;

/** What the next REST request is answered with instead of what it asks for. */
export interface RestRefusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Line {
  readonly symbol: string;
  readonly levels: PriceLevels;
  /** Update id of the book, and of the last diff. */
  lastId: number;
  toldId: number;
  untold: LevelChange[];
  tradeId: number;
  trades: number;
  /** Snapshots are answered with this older body. */
  frozen: string | undefined;
}

/**
 * A Binance Spot market-data host for tests: combined streams and REST depth on one port, with books of its own. Diffs are
 * sent when the test says so; each has one or several update ids.
 */
export class BinanceServer {
  #desk!: SocketDesk;
  readonly #random: Random;
  readonly #lines = new Map<string, Line>();
  readonly #tickSize: string;
  #nowUs = START_US;
  /** REST requests taken, by path with query. */
  readonly requests: string[] = [];
  readonly requestTimesMs: number[] = [];
  /** Answers of the next REST requests. */
  readonly refusals: RestRefusal[] = [];
  /** Called before a depth request is answered: what happens while the snapshot is under way. */
  beforeSnapshot: ((symbol: string) => void) | undefined;
  /** False: the host knows no exchangeInfo. */
  hasInfo = true;

  private constructor(seed: number, symbols: readonly string[]) {
    this.#random = new Random(seed);
    this.#tickSize = '0.01000000';
    for (const [index, symbol] of symbols.entries()) {
      const levels = new PriceLevels({
        random: this.#random,
        middle: 6_000_000 + index * 1_000_000,
        depth: 40,
        priceText: (ticks) => `${(ticks / 100).toFixed(2)}000000`,
        sizeText: (lots) => `${(lots / 1e5).toFixed(5)}000`,
      });
      this.#lines.set(symbol, {
        symbol,
        levels,
        lastId: 1000,
        toldId: 1000,
        untold: [],
        tradeId: 77,
        trades: 0,
        frozen: undefined,
      });
    }
  }

  static async open(symbols: readonly string[], seed = 1): Promise<BinanceServer> {
    const server = new BinanceServer(seed, symbols);
    server.#desk = await SocketDesk.open({
      onSeat: () => undefined,
      onRequest: (request, response) => server.#request(request, response),
    });
    return server;
  }

  get url(): string {
    return `ws://${this.#desk.host}`;
  }

  /** The network under the venue, for its faults. */
  get desk(): SocketDesk {
    return this.#desk;
  }

  text(symbol: string, levels: number): TextBook {
    return this.#line(symbol).levels.text(levels);
  }

  /** Trades told on the stream so far. */
  trades(symbol: string): number {
    return this.#line(symbol).trades;
  }

  /** Changes the book and tells it, in so many diffs of one to four update ids each. */
  update(symbol: string, times = 1): void {
    for (let i = 0; i < times; i++) {
      this.change(symbol);
      this.tell(symbol);
    }
  }

  /** Changes the book; the diff that tells it is still to come. */
  change(symbol: string): void {
    const line = this.#line(symbol);
    for (let ids = 1 + this.#random.nextInt(4); ids > 0; ids--) {
      line.lastId++;
      line.untold.push(...line.levels.change());
    }
  }

  /** Sends the diff of what has changed. */
  tell(symbol: string): void {
    const line = this.#line(symbol);
    this.#event(symbol, 'depth@100ms', this.#diff(line, line.toldId + 1, line.lastId, line.untold));
    this.hide(symbol);
  }

  /** What has changed is never told: the next diff leaves a hole. */
  hide(symbol: string): void {
    const line = this.#line(symbol);
    line.toldId = line.lastId;
    line.untold = [];
  }

  /** A diff from before what was told last, with a level that would be wrong now. */
  tellOld(symbol: string): void {
    const line = this.#line(symbol);
    const wrong: LevelChange = ['bid', line.levels.inside('bid'), '9.00000000'];
    this.#event(symbol, 'depth@100ms', this.#diff(line, line.toldId - 5, line.toldId - 3, [wrong]));
  }

  trade(symbol: string, buyerIsMaker = this.#random.chance(0.5)): void {
    const line = this.#line(symbol);
    line.tradeId++;
    line.trades++;
    const [p, q] = [line.levels.inside(buyerIsMaker ? 'bid' : 'ask'), line.levels.size()];
    const E = this.#tick();
    this.#event(symbol, 'trade', {
      e: 'trade',
      E,
      s: symbol,
      t: line.tradeId,
      p,
      q,
      T: E - 900,
      m: buyerIsMaker,
      M: true,
    });
  }

  /** A trade that happens while nobody is told. */
  missTrade(symbol: string): void {
    this.#line(symbol).tradeId++;
  }

  /** Snapshots from now on are as old as this moment, until `thaw`. */
  freeze(symbol: string): void {
    this.#line(symbol).frozen = this.#snapshot(symbol);
  }

  thaw(symbol: string): void {
    this.#line(symbol).frozen = undefined;
  }

  /** The connection will be ended by the venue. */
  announceShutdown(): void {
    const data = { e: 'serverShutdown', E: this.#tick() };
    for (const seat of this.#desk.seats) this.#desk.send(seat, JSON.stringify({ stream: '!serverShutdown', data }));
  }

  sendAll(text: string): void {
    for (const seat of this.#desk.seats) this.#desk.send(seat, text);
  }

  close(): Promise<void> {
    return this.#desk.close();
  }

  #diff(line: Line, U: number, u: number, changes: readonly LevelChange[]) {
    const of = (side: 'bid' | 'ask') =>
      changes.filter((change) => change[0] === side).map(([, price, size]) => [price, size]);
    return { e: 'depthUpdate', E: this.#tick(), s: line.symbol, U, u, b: of('bid'), a: of('ask') };
  }

  #event(symbol: string, stream: string, data: object): void {
    const name = `${symbol.toLowerCase()}@${stream}`;
    const text = JSON.stringify({ stream: name, data });
    for (const seat of this.#desk.seats) if (subscribed(seat, name)) this.#desk.send(seat, text);
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://x');
    this.requests.push(request.url ?? '');
    this.requestTimesMs.push(Date.now());
    const refusal = this.refusals.shift();
    if (refusal !== undefined) {
      response.writeHead(refusal.status, { ...refusal.headers }).end('{"code":-1003,"msg":"refused"}');
      return;
    }
    if (url.pathname === '/api/v3/exchangeInfo' && this.hasInfo) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(this.#info());
      return;
    }
    const symbol = url.searchParams.get('symbol') ?? '';
    if (url.pathname !== '/api/v3/depth') response.writeHead(404).end('{}');
    else if (!this.#lines.has(symbol)) response.writeHead(400).end('{"code":-1121,"msg":"Invalid symbol."}');
    else {
      const body = this.#line(symbol).frozen ?? this.#snapshot(symbol);
      this.beforeSnapshot?.(symbol);
      response.writeHead(200, { 'content-type': 'application/json', 'x-mbx-used-weight-1m': '50' }).end(body);
    }
  }

  #snapshot(symbol: string): string {
    const { bids, asks } = this.text(symbol, 1000);
    return JSON.stringify({ lastUpdateId: this.#line(symbol).lastId, bids, asks });
  }

  #info(): string {
    const filters = [
      { filterType: 'PRICE_FILTER', minPrice: this.#tickSize, tickSize: this.#tickSize },
      { filterType: 'LOT_SIZE', minQty: '0.00001000', stepSize: '0.00001000' },
    ];
    const symbols = [...this.#lines.keys()].map((symbol) => ({ symbol, quoteAsset: 'USDT', filters }));
    return JSON.stringify({ timezone: 'UTC', rateLimits: [], symbols });
  }

  #tick(): number {
    this.#nowUs += 1000;
    return this.#nowUs;
  }

  #line(symbol: string): Line {
    const line = this.#lines.get(symbol);
    if (line === undefined) throw new Error(`the stand-in has no ${symbol}`);
    return line;
  }
}

function subscribed(seat: Seat, name: string): boolean {
  return (seat.url.searchParams.get('streams') ?? '').split('/').includes(name);
}
