import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Seat, SocketDesk } from './socket-desk.ts';

/** An event as the vendor writes it. */
export interface VendorEvent {
  title: string;
  country: string;
  currency: string;
  importance: string;
  date: string;
  previous?: number;
  forecast?: number;
  actual?: number;
}

/** A headline as the vendor writes it; `published_at` in seconds. */
export interface VendorNews {
  title?: string;
  content?: string;
  link?: string;
  published_at: number;
  source?: string;
  related_symbols?: string[];
  sentiment?: number;
}

/** What the vendor may tell of a quote; updates leave out what has not changed. */
export interface VendorQuote {
  code: string;
  last_price?: number;
  change_percent?: number;
  /** UNIX seconds. */
  lp_time?: number;
  bid?: number;
  ask?: number;
  delay_seconds?: number;
}

/** An answer that is given in place of the right one. */
export interface ScriptedAnswer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Never answers. */
  readonly silent?: true;
}

/** The paths of the streams. */
export type StreamPath = '/newsfeed' | '/live';

/** How many headlines the stream repeats to who connects. */
const REPLAYED = 10;

/**
 * A stand-in for InsightSentry: both gateways' requests (`/v3/calendar/events`, `/v3/newsfeed`, `/v3/symbols/quotes`,
 * `/v2/websocket-key`) and the streams `/newsfeed` and `/live`, on one port, with the key checked everywhere.
 */
export class InsightSentryServer {
  readonly key: string;
  readonly #desk: SocketDesk;
  /** Events of `w=1` and `w=2`. */
  readonly weeks: [VendorEvent[], VendorEvent[]] = [[], []];
  news: VendorNews[] = [];
  /** Paths asked for, in order, with their times. */
  readonly requests: { path: string; atMs: number; headers: IncomingMessage['headers'] }[] = [];
  /** Taken one a request, before anything else is looked at. */
  readonly script: ScriptedAnswer[] = [];
  /** Texts that clients of the stream sent after their first message. */
  readonly heard: string[] = [];
  /** Quotes by code, whole. */
  readonly quotes = new Map<string, VendorQuote>();
  /** First messages of the streams, in order. */
  readonly greetings: unknown[] = [];
  /** Answers first messages in place of the stream's own. */
  greeting: ((seat: Seat) => void) | undefined;
  /** The same for `/live`. */
  liveGreeting: ((seat: Seat) => void) | undefined;
  #streamKeys = 0;

  private constructor(key: string, desk: SocketDesk) {
    this.key = key;
    this.#desk = desk;
  }

  static async open(key: string): Promise<InsightSentryServer> {
    const desk = await SocketDesk.open({
      onSeat: () => undefined,
      onText: (seat, text) => server.#hear(seat, text),
      onRequest: (request, response) => server.#answer(request, response),
    });
    const server = new InsightSentryServer(key, desk);
    return server;
  }

  get url(): string {
    return `http://${this.#desk.host}`;
  }

  get streamUrl(): string {
    return `ws://${this.#desk.host}`;
  }

  get connections(): number {
    return this.#desk.connections;
  }

  /** Statuses that the next handshakes are refused with. */
  get refusals(): SocketDesk['refusals'] {
    return this.#desk.refusals;
  }

  get desk(): SocketDesk {
    return this.#desk;
  }

  /** Publishes a headline to all who listen. */
  push(item: VendorNews): void {
    this.news.push(item);
    this.say(JSON.stringify(item));
  }

  /** Tells of a quote what has changed, to all who listen. */
  quote(update: VendorQuote): void {
    this.quotes.set(update.code, { ...this.quotes.get(update.code), ...update });
    this.say(quotesText([update]), '/live');
  }

  say(text: string, path: StreamPath = '/newsfeed'): void {
    for (const seat of this.seatsAt(path)) this.#desk.send(seat, text);
  }

  seatsAt(path: StreamPath): Seat[] {
    return this.#desk.seats.filter(({ url }) => url.pathname === path);
  }

  async close(): Promise<void> {
    await this.#desk.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url);
    this.requests.push({ path: url.pathname + url.search, atMs: Date.now(), headers: request.headers });
    const scripted = this.script.shift();
    if (scripted?.silent === true) return;
    if (scripted !== undefined) {
      response.writeHead(scripted.status, scripted.headers ?? {}).end(scripted.body ?? '');
      return;
    }
    const { authorization, 'x-rapidapi-key': rapid } = request.headers;
    if (authorization !== `Bearer ${this.key}` && rapid !== this.key) {
      // The echo is the stand-in's own malice: whoever shows messages must not show keys.
      response.writeHead(401).end(JSON.stringify({ message: `Invalid API key ${authorization ?? rapid}` }));
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.#content(url)));
  }

  #content(url: URL): unknown {
    switch (url.pathname) {
      case '/v3/calendar/events': {
        const data = this.weeks[Number(url.searchParams.get('w')) - 1] ?? [];
        return { total_count: data.length, range: 'From 2025-11-01 to 2025-11-08', last_update: Date.now(), data };
      }
      case '/v3/newsfeed': {
        const data = this.news.slice(-Number(url.searchParams.get('limit') ?? 500)).reverse();
        return {
          last_update: 0,
          total_items: this.news.length,
          current_items: data.length,
          page: 1,
          has_next: false,
          data,
        };
      }
      case '/v3/symbols/quotes': {
        const codes = (url.searchParams.get('codes') ?? '').split(',');
        return JSON.parse(quotesText(codes.flatMap((code) => this.quotes.get(code) ?? [])));
      }
      case '/v3/newsfeed/list':
        return { last_update: 0, data: ['Reuters', 'Wire'] };
      case '/v2/websocket-key':
        return {
          api_key: `stream-${++this.#streamKeys}-${this.key}`,
          expiration: Math.floor(Date.now() / 1000) + 604_800,
        };
      default:
        return { message: 'no such path' };
    }
  }

  #hear(seat: Seat, text: string): void {
    if (text === 'ping') {
      this.heard.push(text);
      this.#desk.send(seat, 'pong');
      return;
    }
    const message = JSON.parse(text) as { api_key?: string; subscriptions?: { code: string }[] };
    const live = seat.url.pathname === '/live';
    this.greetings.push(message);
    const greeting = live ? this.liveGreeting : this.greeting;
    if (greeting !== undefined) {
      greeting(seat);
      return;
    }
    if ((!live && seat.url.pathname !== '/newsfeed') || message.api_key?.endsWith(this.key) !== true) {
      this.#desk.send(seat, JSON.stringify({ error: 'invalid_api_key', message: `no such key: ${message.api_key}` }));
      seat.socket.close(1008);
      return;
    }
    this.#desk.send(seat, JSON.stringify({ message: 'Connecting...' }));
    this.#desk.send(seat, JSON.stringify({ event: 'connection_status', status: 'connected' }));
    if (live) {
      this.#subscribe(seat, message.subscriptions ?? []);
      return;
    }
    for (const item of this.news.slice(-REPLAYED)) this.#desk.send(seat, JSON.stringify(item));
    this.#desk.send(seat, JSON.stringify({ server_time: Date.now() }));
  }

  /** What is subscribed replaces what was; a message that asks for nothing costs the connection. */
  #subscribe(seat: Seat, wanted: readonly { code: string }[]): void {
    if (wanted.length === 0) {
      seat.socket.close(1008);
      return;
    }
    const known = wanted.flatMap(({ code }) => this.quotes.get(code) ?? []);
    for (const { code } of wanted) {
      if (this.quotes.has(code)) continue;
      this.#desk.send(seat, JSON.stringify({ error: 'invalid_symbol', message: `no such symbol: ${code}` }));
    }
    const status = { event: 'subscription_status', status: 'active', subscription_count: known.length };
    this.#desk.send(seat, JSON.stringify(status));
    if (known.length > 0) this.#desk.send(seat, quotesText(known));
  }
}

function quotesText(data: readonly VendorQuote[]): string {
  return JSON.stringify({ last_update: Date.now(), total_items: data.length, data });
}
