import type { IncomingMessage, ServerResponse } from 'node:http';
import { Random } from '../../main/core/clock/random.ts';
import { afterMs } from '../../main/core/clock/wall-timer.ts';
import type { TextBook } from '../../main/core/feed-port.ts';
import { type LevelChange, PriceLevels } from './price-levels.ts';
import { type Seat, SocketDesk } from './socket-desk.ts';

interface Line {
  readonly product: string;
  readonly levels: PriceLevels;
  tradeId: number;
  trades: number;
}

interface Client {
  sequence: number;
  readonly channels: Map<string, readonly string[]>;
}

interface Subscription {
  readonly type: string;
  readonly product_ids: readonly string[];
  readonly channel: string;
}

/**
 * A Coinbase Advanced Trade market-data host for tests: level2, market_trades and heartbeats on one port with the products'
 * increments, numbered over all channels of a connection. It sends when the test says so.
 */
export class CoinbaseServer {
  #desk!: SocketDesk;
  readonly #random: Random;
  readonly #lines = new Map<string, Line>();
  readonly #clients = new Map<Seat, Client>();
  #heartbeats = 3000;
  #nowMs = Date.UTC(2026, 3, 7, 14, 30);
  /** A connection that has not subscribed by then is closed. */
  subscribeWithinMs = 5000;
  /** Levels in a snapshot beyond the ones that move, to make it as large as the venue's. */
  farLevels = 0;
  /** REST requests taken. */
  readonly requests: string[] = [];
  /** False: the host knows no products. */
  hasProducts = true;

  private constructor(seed: number, products: readonly string[]) {
    this.#random = new Random(seed);
    for (const [index, product] of products.entries()) {
      const levels = new PriceLevels({
        random: this.#random,
        middle: 6_890_000 + index * 500_000,
        depth: 50,
        priceText: (ticks) => (ticks / 100).toFixed(2),
        // Sizes are told without trailing zeros.
        sizeText: (lots) => String(lots / 1e5),
      });
      this.#lines.set(product, { product, levels, tradeId: 995_000, trades: 0 });
    }
  }

  static async open(products: readonly string[], seed = 1): Promise<CoinbaseServer> {
    const server = new CoinbaseServer(seed, products);
    server.#desk = await SocketDesk.open({
      onSeat: (seat) => server.#seated(seat),
      onText: (seat, text) => server.#asked(seat, JSON.parse(text) as Subscription),
      onRequest: (request, response) => server.#request(request, response),
    });
    return server;
  }

  get url(): string {
    return `ws://${this.#desk.host}`;
  }

  get desk(): SocketDesk {
    return this.#desk;
  }

  text(product: string, levels: number): TextBook {
    return this.#line(product).levels.text(levels);
  }

  /** Trades told as new so far. */
  trades(product: string): number {
    return this.#line(product).trades;
  }

  /** Changes the book and tells it, in so many messages of one to four changes each. */
  update(product: string, times = 1): void {
    for (let i = 0; i < times; i++) {
      const changes = Array.from({ length: 1 + this.#random.nextInt(4) }, () => this.#line(product).levels.change());
      this.#tell('level2', 'l2_data', product, [this.#levelEvent('update', product, changes.flat())]);
    }
  }

  /** A removal of a level that was never there. */
  removeUnknown(product: string): void {
    this.#tell('level2', 'l2_data', product, [this.#levelEvent('update', product, [['bid', '1.00', '0']])]);
  }

  /** The whole book in the middle of the stream. */
  snapshot(product: string): void {
    this.#tell('level2', 'l2_data', product, [this.#snapshotEvent(product)]);
  }

  /** A batch of trades, newest first as the venue may send them. */
  trade(product: string, count = 1, makerSide?: 'BUY' | 'SELL'): void {
    const line = this.#line(product);
    const trades = Array.from({ length: count }, () => {
      line.tradeId++;
      line.trades++;
      return this.#trade(line, makerSide ?? (this.#random.chance(0.5) ? 'BUY' : 'SELL'));
    });
    this.#tell('market_trades', 'market_trades', product, [{ type: 'update', trades: trades.toReversed() }]);
  }

  /** A trade of which nobody is told. */
  missTrade(product: string): void {
    this.#line(product).tradeId++;
  }

  heartbeat(): void {
    this.#heartbeats++;
    const event = { current_time: '2026-04-07 14:30:10 +0000 UTC', heartbeat_counter: this.#heartbeats };
    for (const [seat, client] of this.#clients) {
      if (client.channels.has('heartbeats')) this.#send(seat, client, 'heartbeats', [event]);
    }
  }

  subscriptions(): void {
    for (const [seat, client] of this.#clients) this.#confirm(seat, client);
  }

  /** A message is lost on the way: its number is never seen. */
  loseMessage(product: string): void {
    this.#line(product).levels.change();
    for (const client of this.#clients.values()) client.sequence++;
  }

  /** Numbers go back by so many, as if messages came again. */
  stepBack(by: number): void {
    for (const client of this.#clients.values()) client.sequence -= by;
  }

  sendAll(text: string): void {
    for (const seat of this.#desk.seats) this.#desk.send(seat, text);
  }

  close(): Promise<void> {
    return this.#desk.close();
  }

  #seated(seat: Seat): void {
    const client: Client = { sequence: 0, channels: new Map() };
    this.#clients.set(seat, client);
    const cancel = afterMs(this.subscribeWithinMs, () => {
      if (client.channels.size === 0) seat.socket.close(1008);
    });
    seat.socket.on('close', () => {
      cancel();
      this.#clients.delete(seat);
    });
  }

  #asked(seat: Seat, { type, product_ids, channel }: Subscription): void {
    const client = this.#clients.get(seat);
    if (client === undefined || type !== 'subscribe') return;
    const unknown = product_ids.find((product) => !this.#lines.has(product));
    if (unknown !== undefined) {
      this.#desk.send(seat, JSON.stringify({ type: 'error', message: `${unknown} is not a valid product` }));
      return;
    }
    client.channels.set(channel, product_ids);
    this.#confirm(seat, client);
    for (const product of product_ids) {
      const line = this.#line(product);
      if (channel === 'level2') this.#send(seat, client, 'l2_data', [this.#snapshotEvent(product)]);
      if (channel !== 'market_trades') continue;
      const trades = [0, 1, 2].map((back) => ({ ...this.#trade(line, 'BUY'), trade_id: String(line.tradeId - back) }));
      this.#send(seat, client, 'market_trades', [{ type: 'snapshot', trades }]);
    }
  }

  #confirm(seat: Seat, client: Client): void {
    this.#send(seat, client, 'subscriptions', [{ subscriptions: Object.fromEntries(client.channels) }]);
  }

  #tell(subscription: string, channel: string, product: string, events: readonly object[]): void {
    for (const [seat, client] of this.#clients) {
      if (client.channels.get(subscription)?.includes(product) === true) this.#send(seat, client, channel, events);
    }
  }

  #send(seat: Seat, client: Client, channel: string, events: readonly object[]): void {
    const message = { channel, client_id: '', timestamp: this.#time(), sequence_num: client.sequence, events };
    client.sequence++;
    this.#desk.send(seat, JSON.stringify(message));
  }

  #snapshotEvent(product: string): object {
    const { bids, asks } = this.text(product, 10_000);
    const changes: LevelChange[] = [
      ...bids.map(([price, size]) => ['bid', price, size] as const),
      ...asks.map(([price, size]) => ['ask', price, size] as const),
      ...Array.from({ length: this.farLevels }, (_, far) => ['ask', `${900_000 + far}.00`, '1.5'] as const),
    ];
    return this.#levelEvent('snapshot', product, changes);
  }

  #levelEvent(type: 'snapshot' | 'update', product: string, changes: readonly LevelChange[]): object {
    const event_time = type === 'snapshot' ? '1970-01-01T00:00:00Z' : this.#time();
    const updates = changes.map(([side, price_level, new_quantity]) => ({
      side: side === 'bid' ? 'bid' : 'offer',
      event_time,
      price_level,
      new_quantity,
    }));
    return { type, product_id: product, updates };
  }

  #trade(line: Line, side: 'BUY' | 'SELL') {
    const price = line.levels.inside(side === 'BUY' ? 'bid' : 'ask');
    const size = line.levels.size();
    return { trade_id: String(line.tradeId), product_id: line.product, price, size, side, time: this.#time() };
  }

  #time(): string {
    this.#nowMs++;
    return `${new Date(this.#nowMs).toISOString().slice(0, -1)}123456Z`;
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(request.url ?? '');
    const product = /^\/api\/v3\/brokerage\/market\/products\/([A-Z0-9-]+)$/.exec(request.url ?? '')?.[1] ?? '';
    if (!this.hasProducts || !this.#lines.has(product)) {
      response.writeHead(404).end('{"error":"NOT_FOUND"}');
      return;
    }
    const body = { product_id: product, quote_increment: '0.01', base_increment: '0.00001', quote_currency_id: 'USD' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #line(product: string): Line {
    const line = this.#lines.get(product);
    if (line === undefined) throw new Error(`the stand-in has no ${product}`);
    return line;
  }
}
