import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  COMMANDS,
  type CommandName,
  clientMessage,
  isFastTopic,
  PROTOCOL_VERSION,
  type ServerMessage,
} from '../../shared/contract/messages.ts';
import type { DataState, ModeWord } from '../../shared/contract/topics.ts';
import { ScriptedBars } from './scripted/bars.ts';
import { ClientLine } from './scripted/client-line.ts';
import { ScriptedMarket } from './scripted/market.ts';
import { SetupScript } from './scripted/setup-script.ts';
import { coinRow, publishStart } from './scripted/start-values.ts';
import { TopicHub } from './scripted/topic-hub.ts';
import { Refused, TradeScript } from './scripted/trade-script.ts';

const TOKEN = 'scripted-token';
const POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const START_US = Date.UTC(2026, 10, 20, 13, 29, 50) * 1000;
/** Book state that goes with each data state. */
const BOOK = { waiting: 0, warming: 1, live: 1, stale: 2, gap: 3, closed: 4, error: 0 } as const satisfies Record<
  DataState,
  number
>;
const HISTORY_US = 600_000_000;
const BEAT_MS = 16;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
};

export interface ScriptOptions {
  /** Folder of the built page. */
  readonly page: string;
  /** How lively the book is; 1 is a normal hour. */
  readonly liveliness?: number;
  readonly port?: number;
}

/** A test double of the engine and its browser host: the real contract over a real WebSocket, a made-up market behind it. */
export class ScriptedEngine {
  readonly hub = new TopicHub();
  readonly markets: ScriptedMarket[];
  readonly trading: TradeScript;
  readonly setup = new SetupScript();
  engineId = 'engine-1';
  liveliness: number;
  /** While false no time passes and no frame is sent. */
  running = true;
  subscriptions: string[] = [];
  readonly #options: ScriptOptions;
  readonly #bars: ScriptedBars;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #lines = new Map<WebSocket, ClientLine>();
  #timer: NodeJS.Timeout | undefined;
  #beats = 0;
  #accepting = true;
  #signals = 0;

  constructor(options: ScriptOptions) {
    this.#options = options;
    this.liveliness = options.liveliness ?? 1;
    this.markets = [
      new ScriptedMarket(7, 21_690, 50_000, 38, START_US - HISTORY_US),
      new ScriptedMarket(8, 108_420, 10_000, 8, START_US - HISTORY_US, 6),
      new ScriptedMarket(9, 12_712, 100_000, 30, START_US - 10_000_000),
      new ScriptedMarket(10, 127_105, 10_000, 8, START_US - 10_000_000, 9),
      new ScriptedMarket(11, 13_392, 500, 44, START_US - 10_000_000),
      new ScriptedMarket(12, 149_350, 1_000_000, 8, START_US - 10_000_000, 7),
      // Half a bitcoin or so a level, many ticks from one to the next, in a book of sixty levels a side: sizes are counted in
      // units of 10^-8.
      new ScriptedMarket(13, 642_510, 100_000_000, 38_000_000, START_US - 10_000_000, 12, 17, 60),
    ];
    for (const market of this.markets) while (market.nowUs < START_US) market.step(20_000);
    this.#followSpot();
    publishStart(this.hub, START_US);
    this.#bars = new ScriptedBars(170, START_US, this.future.mid, 50_000);
    this.hub.upsert('bars:0', [...this.#bars.rows.values()]);
    this.trading = new TradeScript({
      hub: this.hub,
      nowUs: () => this.nowUs,
      quote: () => ({ bid: this.spot.bid, ask: this.spot.bid + 6 }),
    });
    this.#server.on('upgrade', (request, socket, head) => {
      if (!this.#accepting || !(request.headers.cookie ?? '').includes(`fathom=${TOKEN}`)) {
        socket.destroy();
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#welcome(ws));
    });
  }

  get future(): ScriptedMarket {
    return this.markets[0]!;
  }

  get spot(): ScriptedMarket {
    return this.markets[1]!;
  }

  get nowUs(): number {
    return this.future.nowUs;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/#token=${TOKEN}`;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(this.#options.port ?? 0, '127.0.0.1', resolve));
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
    return this.url;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const socket of this.#lines.keys()) socket.terminate();
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  /** Puts a market into a data state, with its words and the book state that goes with it. */
  setState(index: number, state: DataState, words: string): void {
    const row = this.hub.rows('markets').find((market) => market.index === index)!;
    this.hub.upsert('markets', [{ ...row, state, words, sinceUs: this.nowUs }]);
    this.markets[index]!.bookState = BOOK[state];
  }

  /** Makes the source a coin venue that nothing is traded through, beside the linked markets or in their place. */
  bringCoin(alone: boolean): void {
    const links = alone ? this.hub.rows('links').map(({ id }) => id) : [];
    const markets = alone ? this.hub.rows('markets').map(({ id }) => id) : [];
    this.hub.upsert('links', [], links);
    this.hub.upsert('markets', [coinRow(6, this.nowUs)], markets);
    this.hub.set('terminal', { mode: 'PAPER', paper: true, source: 'kraken', linkId: '6E-EURUSD', marketIndex: null });
  }

  setMode(mode: ModeWord, paper: boolean): void {
    this.hub.set('terminal', { mode, paper, source: mode === 'SIMULATED' ? 'Simulated market' : 'CME MBP-10' });
  }

  /** Makes the market a recording that stands at its middle. */
  startReplay(): void {
    this.setMode('REPLAY', true);
    this.hub.set('replay', {
      active: true,
      file: '6EZ6-2026-11-20.dbn.zst',
      playing: true,
      speed: 1,
      startUs: START_US - 2 * HISTORY_US,
      endUs: START_US + 4 * HISTORY_US,
      nowUs: START_US,
      finished: false,
    });
  }

  /** A signal row, of the kind that precedes proposals. */
  signal(side: 'buy' | 'sell', outcome: 'proposed' | 'waiting' | 'no-ticket' | 'expired', agoUs = 0): void {
    const id = `S-${++this.#signals}`;
    const sign = side === 'buy' ? '+' : '\u2212';
    this.hub.upsert('signals', [
      {
        id,
        linkId: '6E-EURUSD',
        name: 'Lead of the future',
        side,
        strength: 0.5 + (this.#signals % 5) / 10,
        remainingPips: 0.6 + (this.#signals % 4) / 10,
        reasons: [`OFI 5 s ${sign}186 lots`, `QI 5 ${sign}0.41`],
        atUs: this.nowUs - agoUs,
        outcome,
      },
    ]);
    this.hub.upsert('markers', [
      {
        id,
        market: 0,
        kind: 'signal',
        side,
        ticks: this.future.bid + (side === 'buy' ? 0 : 1),
        atUs: this.nowUs - agoUs,
        words: `Lead ${side}`,
      },
    ]);
  }

  /** Drops every line and takes none until `comeBack`. */
  goAway(): void {
    this.#accepting = false;
    for (const socket of this.#lines.keys()) socket.terminate();
  }

  /** Takes lines again, as another engine when `engineId` is new. */
  comeBack(engineId: string): void {
    this.engineId = engineId;
    this.#accepting = true;
  }

  /** Makes the next frame of every client leave rows of a topic out. */
  loseRows(topic: string): void {
    for (const line of this.#lines.values()) line.loseRowsOf = topic;
  }

  /** Lets market time pass at once, without sending. */
  advance(us: number): void {
    for (let done = 0; done < us; done += 16_000) this.#step();
  }

  #step(): void {
    for (const market of this.markets) market.step(BEAT_MS * 1000, this.liveliness);
    this.#followSpot();
  }

  /** The spot follows the future with a basis, so that both stay plausible together. */
  #followSpot(): void {
    const target = Math.round(this.future.mid * 5 - 12);
    const away = target - this.spot.bid;
    if (Math.abs(away) > 6) this.spot.bid += Math.sign(away) * Math.ceil(Math.abs(away) / 12);
  }

  #beat(): void {
    if (!this.running) return;
    this.#step();
    this.#beats++;
    for (const line of this.#lines.values()) line.beat(this.markets, this.nowUs);
    if (this.#beats % 15 === 0) {
      const { mid, volume, cvd } = this.future;
      this.hub.upsert('bars:0', this.#bars.follow(this.nowUs, mid, volume, cvd, 50_000));
      const remainingPips = (this.future.mid * 5 - 12 - this.spot.bid) / 10;
      const [link] = this.hub.rows('links');
      if (link) this.hub.upsert('links', [{ ...link, remainingPips, basisPips: -1.2 }]);
    }
    if (this.#beats % 60 === 0) {
      this.hub.set('health', { eventsPerSecond: Math.round(780 * this.liveliness) });
      const replay = this.hub.record('replay');
      if (replay.active && replay.playing) this.hub.set('replay', { nowUs: replay.nowUs + 960_000 });
    }
    const { active } = this.hub.record('ticket');
    if (active && active.expiresUs <= this.nowUs) this.hub.set('ticket', { active: null });
  }

  #welcome(socket: WebSocket): void {
    const line = new ClientLine(socket);
    const send = (message: ServerMessage): void => socket.send(JSON.stringify(message));
    socket.on('close', () => {
      this.#lines.delete(socket);
      this.hub.leave(send);
    });
    socket.on('message', (data) => {
      const message = clientMessage.parse(JSON.parse(String(data)));
      switch (message.kind) {
        case 'hello':
          send({ kind: 'welcome', protocol: PROTOCOL_VERSION, engineId: this.engineId });
          this.#lines.set(socket, line);
          return;
        case 'ack':
          line.ack();
          return;
        case 'subscribe':
          this.subscriptions.push(...message.topics);
          for (const topic of message.topics) isFastTopic(topic) ? line.subscribe(topic) : this.hub.listen(topic, send);
          return;
        case 'unsubscribe':
          for (const topic of message.topics)
            isFastTopic(topic) ? line.unsubscribe(topic) : this.hub.unlisten(topic, send);
          return;
        case 'command':
          send(this.#answer(message.id, message.name, message.params));
      }
    });
  }

  #answer(id: string, name: string, params: unknown): ServerMessage {
    const shape = COMMANDS[name as CommandName];
    if (!shape) return { kind: 'result', id, ok: false, code: 'unknown-command', words: `no command "${name}"` };
    const parsed = shape.safeParse(params);
    if (!parsed.success) return { kind: 'result', id, ok: false, code: 'invalid', words: parsed.error.message };
    try {
      const setup = this.setup.handle(name as CommandName, parsed.data);
      if (setup) return { kind: 'result', id, ok: true, value: setup.value };
      return { kind: 'result', id, ok: true, value: this.trading.handle(name as CommandName, parsed.data) };
    } catch (error) {
      if (error instanceof Refused) return { kind: 'result', id, ok: false, code: 'refused', words: error.message };
      throw error;
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://host').pathname;
    response.setHeader('content-security-policy', POLICY);
    if (path === '/session' && request.method === 'POST') {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const known = (JSON.parse(body) as { token?: string }).token === TOKEN;
      if (known) response.setHeader('set-cookie', `fathom=${TOKEN}; HttpOnly; SameSite=Strict; Path=/`);
      response.writeHead(known ? 204 : 403).end();
      return;
    }
    try {
      const file = path === '/' ? 'index.html' : path.slice(1);
      const content = await readFile(join(this.#options.page, file));
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
      response.end(content);
    } catch {
      response.writeHead(404).end('not here');
    }
  }
}
