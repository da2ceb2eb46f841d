import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  bareQty,
  instrumentMessage,
  LevelUpdate,
  levelSnapshot,
  OrderUpdate,
  orderSnapshot,
  tradeMessage,
} from './kraken-messages.ts';
import { type TextRow, VenueBook, type VenuePair } from './kraken-venue-book.ts';

export interface KrakenServerOptions {
  readonly pairs: readonly VenuePair[];
  readonly seed?: number;
  readonly heartbeatMs?: number;
  /** Account that may use level3; the secret is base64. */
  readonly key?: string;
  readonly secret?: string;
}

type BookChannel = 'book' | 'level3';

/** One client connection with what it is subscribed to. */
interface Client {
  readonly socket: WebSocket;
  readonly raw: Socket;
  readonly level3: boolean;
  /** Depth by channel and symbol. */
  readonly books: Record<BookChannel, Map<string, number>>;
  readonly trades: Set<string>;
  /** Neither reads nor writes any more, without a word. */
  dead: boolean;
}

interface Request {
  readonly method?: string;
  readonly params?: {
    readonly channel?: string;
    readonly symbol?: readonly string[];
    readonly depth?: number;
    readonly snapshot?: boolean;
    readonly token?: string;
  };
  readonly req_id?: number;
}

const TIMES = '"time_in":"2026-01-01T00:00:00.000000Z","time_out":"2026-01-01T00:00:00.000100Z"';
const DEPTHS: Readonly<Record<BookChannel, readonly number[]>> = {
  book: [10, 25, 100, 500, 1000],
  level3: [10, 100, 1000],
};

/**
 * A stand-in for Kraken Spot: WebSocket v2 with book, level3, trade, instrument, status and heartbeat, and the REST call for
 * a token, on 127.0.0.1. The market moves only by `run`; faults are set by the test.
 */
export class KrakenServer {
  readonly books = new Map<string, VenueBook>();
  readonly #clients = new Set<Client>();
  readonly #options: KrakenServerOptions;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #heartbeat: NodeJS.Timeout;
  readonly #tokens = new Set<string>();
  #closing: NodeJS.Timeout | undefined;
  /** While a flood is being made ready, what is to be sent. */
  #gathered: (() => void)[] | undefined;
  #count = 0;
  #nonce = 0n;
  readonly #held = new Map<string, () => void>();
  /** Requests as they came, by `method channel symbols`. */
  readonly requests: string[] = [];
  /** Times of the handshakes that were asked for, ms. */
  readonly attempts: number[] = [];
  /** Book messages sent, by symbol, and trades. */
  readonly sent = new Map<string, { updates: number; trades: number }>();
  tokensGiven = 0;
  /** Nothing at all is sent. */
  silent = false;
  system = 'online';
  /** Answers handshakes with an HTTP status instead of a connection, so often. */
  refusal: { status: number; times: number; retryAfter?: string } | undefined;
  /** Error that the token request is answered with. */
  tokenError: string | undefined;
  /** The next book message of a symbol: with a checksum of something else, with every price twice, or after its successor. */
  readonly wrongChecksums = new Set<string>();
  readonly doubled = new Set<string>();
  readonly swapped = new Set<string>();

  private constructor(options: KrakenServerOptions) {
    this.#options = options;
    for (const pair of options.pairs) {
      this.books.set(pair.symbol, new VenueBook(pair, options.seed ?? 1));
      this.sent.set(pair.symbol, { updates: 0, trades: 0 });
    }
    this.#http = createServer((request, response) => this.#rest(request, response));
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    this.#heartbeat = setInterval(() => this.#everyone('{"channel":"heartbeat"}'), options.heartbeatMs ?? 1000);
  }

  static async listen(options: KrakenServerOptions): Promise<KrakenServer> {
    const server = new KrakenServer(options);
    await new Promise<void>((done) => server.#http.listen(0, '127.0.0.1', done));
    return server;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/v2`;
  }

  get level3Url(): string {
    return `ws://127.0.0.1:${this.port}/l3/v2`;
  }

  get restUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Levels of the venue's own book, best first. */
  rows(symbol: string, depth: number): { bids: TextRow[]; asks: TextRow[] } {
    const book = this.#book(symbol);
    return { bids: book.rows('bids', depth), asks: book.rows('asks', depth) };
  }

  /** Whether somebody is subscribed to the book of a symbol. */
  subscribed(symbol: string, channel: BookChannel = 'book'): boolean {
    return [...this.#clients].some((client) => !client.dead && client.books[channel].has(symbol));
  }

  /** Moves every market so many steps, as fast as the slowest client reads. */
  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      for (const book of this.books.values()) this.#step(book);
      if (step % 32 !== 31 && step !== steps - 1) continue;
      do await new Promise((next) => setImmediate(next));
      while ([...this.#clients].some((client) => !client.dead && client.socket.bufferedAmount > 1_000_000));
    }
  }

  /** Moves every market so many steps, and sends all that comes of it afterwards, as fast as the socket takes it. */
  async flood(steps: number): Promise<void> {
    const waiting: (() => void)[] = [];
    this.#gathered = waiting;
    for (let step = 0; step < steps; step++) for (const book of this.books.values()) this.#step(book);
    this.#gathered = undefined;
    for (const [index, send] of waiting.entries()) {
      send();
      if (index % 1000 === 999) await new Promise((next) => setImmediate(next));
    }
  }

  /** Sends a text as it is to every client. */
  garbage(text: string | Uint8Array): void {
    for (const { socket, dead } of this.#clients) if (!dead) socket.send(text, { binary: false });
  }

  /** Announces another state of the whole venue. */
  announce(system: string): void {
    this.system = system;
    this.#everyone(this.#status());
  }

  /** Half of a frame, then the end of the connection. */
  cutMidFrame(): void {
    for (const { raw } of this.#clients) {
      const text = '{"channel":"book","type":"update","data":[{"symbol":"';
      const head = Buffer.from([0x81, 126, 0x01, 0x00]);
      raw.write(Buffer.concat([head, Buffer.from(text)]), () => raw.destroy());
    }
  }

  /** Every connection goes dead without a FIN: neither side hears of it. */
  halfOpen(): void {
    for (const client of this.#clients) {
      client.dead = true;
      client.raw.pause();
    }
  }

  closeAll(code = 1001): void {
    for (const { socket } of this.#clients) socket.close(code);
  }

  /** Closes every connection each so often, until 0. */
  closeEvery(ms: number): void {
    clearInterval(this.#closing);
    this.#closing = ms > 0 ? setInterval(() => this.closeAll(), ms) : undefined;
  }

  /** No token that was given is good any more. */
  expireTokens(): void {
    this.#tokens.clear();
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    clearInterval(this.#closing);
    for (const { socket, raw } of this.#clients) {
      socket.terminate();
      raw.destroy();
    }
    this.#http.closeAllConnections();
    await new Promise((done) => this.#http.close(done));
  }

  #book(symbol: string): VenueBook {
    const book = this.books.get(symbol);
    if (book === undefined) throw new Error(`the stand-in has no ${symbol}`);
    return book;
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.attempts.push(Date.now());
    const { refusal } = this;
    if (refusal !== undefined && refusal.times-- > 0) {
      const wait = refusal.retryAfter === undefined ? '' : `Retry-After: ${refusal.retryAfter}\r\n`;
      socket.end(`HTTP/1.1 ${refusal.status} Refused\r\n${wait}Content-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#opened(opened, socket, request.url ?? ''));
  }

  #opened(socket: WebSocket, raw: Socket, path: string): void {
    const client: Client = {
      socket,
      raw,
      level3: path.startsWith('/l3'),
      books: { book: new Map(), level3: new Map() },
      trades: new Set(),
      dead: false,
    };
    this.#clients.add(client);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#clients.delete(client));
    socket.on('message', (data) => this.#request(client, JSON.parse(String(data)) as Request));
    this.#send(client, this.#status());
  }

  #status(): string {
    return `{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"${this.system}","api_version":"v2","connection_id":7204881492680171915}]}`;
  }

  #request(client: Client, { method, params = {}, req_id }: Request): void {
    const { channel = '', symbol: symbols = [] } = params;
    this.requests.push(method === 'ping' ? 'ping' : `${method} ${channel} ${symbols.join()}`.trim());
    const id = req_id === undefined ? '' : `,"req_id":${req_id}`;
    if (method === 'ping') this.#send(client, `{"method":"pong"${id},${TIMES}}`);
    else if (channel === 'instrument') {
      this.#send(
        client,
        `{"method":"${method}","result":{"channel":"instrument","snapshot":true},"success":true,${TIMES}${id}}`,
      );
      this.#send(client, instrumentMessage(this.books.values()));
    } else if (channel === 'trade' || channel === 'book' || channel === 'level3') {
      for (const symbol of symbols) this.#change(client, method === 'subscribe', channel, symbol, params, id);
    } else this.#refuse(client, `${method}`, `Unknown channel ${channel}`, '', id);
  }

  #change(
    client: Client,
    on: boolean,
    channel: BookChannel | 'trade',
    symbol: string,
    params: NonNullable<Request['params']>,
    id: string,
  ): void {
    const method = on ? 'subscribe' : 'unsubscribe';
    const book = this.books.get(symbol);
    const depth = params.depth ?? 10;
    const held = channel === 'trade' ? client.trades : client.books[channel];
    const error = this.#objection(client, channel, symbol, depth, params.token, held.has(symbol) === on, on);
    if (error !== undefined || book === undefined) {
      this.#refuse(client, method, error ?? '', symbol, id);
      return;
    }
    const about = channel === 'trade' ? '' : `"depth":${depth},`;
    const result = `{"channel":"${channel}",${about}"snapshot":true,"symbol":"${symbol}"}`;
    this.#send(client, `{"method":"${method}","result":${result},"success":true,${TIMES}${id}}`);
    if (!on) {
      held.delete(symbol);
      return;
    }
    if (channel === 'trade') {
      client.trades.add(symbol);
      if (params.snapshot === true) this.#send(client, tradeMessage(book, 'snapshot', lastTrades(book), this.#count));
      return;
    }
    client.books[channel].set(symbol, depth);
    this.#send(client, channel === 'book' ? levelSnapshot(book, depth, ++this.#count) : orderSnapshot(book, depth));
  }

  /** What speaks against a change of subscription. */
  #objection(
    client: Client,
    channel: BookChannel | 'trade',
    symbol: string,
    depth: number,
    token: string | undefined,
    already: boolean,
    on: boolean,
  ): string | undefined {
    if (!this.books.has(symbol)) return `Currency pair not supported ${symbol}`;
    if ((channel === 'level3') !== client.level3) return `Channel ${channel} is not served here`;
    if (channel === 'level3' && !this.#tokens.has(token ?? '')) return 'ESession:Invalid session';
    if (channel !== 'trade' && on && !DEPTHS[channel].includes(depth)) return 'Unsupported depth';
    if (already) return on ? 'Already subscribed' : 'Subscription Not Found';
    return undefined;
  }

  #refuse(client: Client, method: string, error: string, symbol: string, id: string): void {
    const about = symbol === '' ? '' : `"symbol":"${symbol}",`;
    this.#send(client, `{"error":"${error}","method":"${method}","success":false,${about}${TIMES}${id}}`);
  }

  /** One step of a market, and what each subscription is told of it. */
  #step(book: VenueBook): void {
    const { symbol } = book.pair;
    const levels = new Map<number, LevelUpdate>();
    const orders = new Map<number, OrderUpdate>();
    for (const client of this.#clients) {
      const depth = client.books.book.get(symbol);
      if (depth !== undefined && !levels.has(depth)) levels.set(depth, new LevelUpdate(book, depth));
      const deep = client.books.level3.get(symbol);
      if (deep !== undefined && !orders.has(deep)) orders.set(deep, new OrderUpdate(book, deep));
    }
    const trades = book.step((change) => {
      for (const update of levels.values()) update.note(change);
      for (const update of orders.values()) update.note(change);
    });
    const sent = this.sent.get(symbol)!;
    if (trades.length > 0) {
      sent.trades += trades.length;
      const text = tradeMessage(book, 'update', trades, ++this.#count);
      for (const client of this.#clients) if (client.trades.has(symbol)) this.#send(client, text);
    }
    if ([...levels.values(), ...orders.values()].every((update) => update.empty)) return;
    const wrong = this.wrongChecksums.delete(symbol) ? 1 : 0;
    const twice = this.doubled.delete(symbol);
    const texts = new Map<string, string>();
    for (const [depth, update] of levels) {
      if (!update.empty)
        texts.set(`book ${depth}`, update.message(++this.#count, (book.levelChecksum() ^ wrong) >>> 0, twice));
    }
    for (const [depth, update] of orders) {
      if (!update.empty)
        texts.set(`level3 ${depth}`, update.message((book.orderChecksum(bareQty(book)) ^ wrong) >>> 0));
    }
    sent.updates++;
    this.#publish(symbol, texts);
  }

  #publish(symbol: string, texts: ReadonlyMap<string, string>): void {
    const tell = () => {
      for (const client of this.#clients) {
        for (const channel of ['book', 'level3'] as const) {
          const text = texts.get(`${channel} ${client.books[channel].get(symbol)}`);
          if (text !== undefined) this.#send(client, text);
        }
      }
    };
    if (this.swapped.delete(symbol)) {
      this.#held.set(symbol, tell);
      return;
    }
    tell();
    this.#held.get(symbol)?.();
    this.#held.delete(symbol);
  }

  #everyone(text: string): void {
    for (const client of this.#clients) this.#send(client, text);
  }

  #send(client: Client, text: string): void {
    if (this.silent || client.dead) return;
    if (this.#gathered === undefined) client.socket.send(text);
    else this.#gathered.push(() => client.socket.send(text));
  }

  #rest(request: IncomingMessage, response: ServerResponse): void {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const answer = (value: unknown) =>
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
      const error = this.tokenError ?? this.#check(request, body);
      if (error !== undefined) {
        answer({ error: [error] });
        return;
      }
      const token = `token-${++this.tokensGiven}`;
      this.#tokens.add(token);
      answer({ error: [], result: { token, expires: 900 } });
    });
  }

  /** What is wrong with a signed request. */
  #check(request: IncomingMessage, body: string): string | undefined {
    const { key = '', secret = '' } = this.#options;
    const path = request.url ?? '';
    if (request.method !== 'POST' || path !== '/0/private/GetWebSocketsToken') return 'EGeneral:Unknown method';
    if (request.headers['api-key'] !== key) return 'EAPI:Invalid key';
    const nonce = new URLSearchParams(body).get('nonce') ?? '';
    const inner = createHash('sha256')
      .update(nonce + body)
      .digest();
    const hmac = createHmac('sha512', Buffer.from(secret, 'base64'));
    if (hmac.update(path).update(inner).digest('base64') !== request.headers['api-sign'])
      return 'EAPI:Invalid signature';
    if (BigInt(nonce) <= this.#nonce) return 'EAPI:Invalid nonce';
    this.#nonce = BigInt(nonce);
    return undefined;
  }
}

/** A snapshot repeats what has been told: here the last trade by its number. */
function lastTrades(book: VenueBook) {
  const id = book.lastTradeId;
  return id === 0 ? [] : [{ side: 'buy', price: book.asks[0]!.price, qty: 1, id } as const];
}
