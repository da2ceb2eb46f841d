import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { TlcpSession, type Values } from './tlcp-session.ts';

export interface TlcpOptions {
  /** Code and text with which a user is refused; undefined lets it in. */
  readonly admit: (user: string, password: string) => readonly [code: number, text: string] | undefined;
  /** PROBE is sent when nothing was for so long. Default 5 s. */
  readonly keepaliveMs?: number;
  /** Data adapter that subscriptions must name. */
  readonly adapter: string;
}

/** A control request as the client sent it. */
export type ControlRequest = Readonly<Record<string, string>>;

const PROTOCOL = 'TLCP-2.1.0';
const REQUEST_BYTES = 50_000;

/**
 * A stand-in for a Lightstreamer server that speaks TLCP 2.1.0 as client 8.0.5 wants it: a session is created over HTTP and
 * bound on a WebSocket; lost lines are recovered over HTTP. It keeps the values of all items and sends what changed.
 */
export class TlcpServer {
  /** Control requests so far, in their order. */
  readonly controls: ControlRequest[] = [];
  /** Sessions created and WebSockets bound so far. */
  created = 0;
  bound = 0;
  recovered = 0;
  /** Refuses subscriptions of these items. */
  readonly refused = new Map<string, readonly [code: number, text: string]>();
  /** Answers everything with this CONERR while set. */
  conerr: readonly [code: number, text: string] | undefined;
  readonly #options: TlcpOptions;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) =>
      offered.has(`${PROTOCOL}.lightstreamer.com`) ? `${PROTOCOL}.lightstreamer.com` : false,
  });
  /** The bare connection under each WebSocket. */
  readonly #wires = new WeakMap<WebSocket, Duplex>();
  readonly #sessions = new Map<string, TlcpSession>();
  readonly #items = new Map<string, Record<string, string | null>>();
  readonly #probe: NodeJS.Timeout;
  #mute = false;

  private constructor(options: TlcpOptions) {
    this.#options = options;
    this.#http = createServer((request, response) => this.#serve(request, response));
    this.#http.on('upgrade', (request: IncomingMessage, socket, head) => {
      if (request.url !== '/lightstreamer') socket.destroy();
      else
        this.#sockets.handleUpgrade(request, socket, head, (line) => {
          this.#wires.set(line, socket);
          this.#accept(line);
        });
    });
    this.#probe = setInterval(() => {
      if (!this.#mute) for (const session of this.#sessions.values()) session.probe();
    }, this.#keepaliveMs);
  }

  static async start(options: TlcpOptions): Promise<TlcpServer> {
    const server = new TlcpServer(options);
    await new Promise<void>((listening) => server.#http.listen(0, '127.0.0.1', listening));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Items subscribed by sessions that have not ended. */
  get subscribed(): readonly string[] {
    return [...this.#sessions.values()].flatMap((session) => session.items);
  }

  /** Sessions that are bound to a socket now. */
  get connected(): number {
    return [...this.#sessions.values()].filter((session) => session.connected).length;
  }

  /** Changes fields of an item and tells whoever has subscribed; lines of one turn travel in one frame. */
  set(item: string, fields: Values): void {
    const values = this.#items.get(item) ?? {};
    Object.assign(values, fields);
    this.#items.set(item, values);
    for (const session of this.#sessions.values()) session.update(item, values);
  }

  /** All fields of an item. */
  valuesOf(item: string): Values {
    return this.#items.get(item) ?? {};
  }

  /** Sends a line as it is to every session; `$sub` stands for the number of an item's subscription. */
  line(text: string, item?: string): void {
    for (const session of this.#sessions.values()) {
      const sub = item === undefined ? undefined : session.subscriptionOf(item);
      session.data(sub === undefined ? text : text.replace('$sub', String(sub)));
    }
  }

  /** Asks all clients to bind anew. */
  loop(): void {
    for (const session of this.#sessions.values()) session.loop();
  }

  /** Ends all sessions with a code. */
  end(code: number, text: string): void {
    for (const session of this.#sessions.values()) session.finish(`END,${code},${text}`);
    this.#sessions.clear();
  }

  /** Cuts all sockets as they are; sessions stay, to be recovered. */
  cut(): void {
    for (const session of this.#sessions.values()) session.cut();
  }

  /** Cuts all sockets in the middle of a message. */
  cutInside(): void {
    for (const socket of this.#sockets.clients) {
      const wire = this.#wires.get(socket);
      // A text frame of 100 bytes, of which ten come.
      wire?.write(Buffer.concat([Buffer.from([0x81, 100]), Buffer.from('U,1,1,1.15')]), () => wire.destroy());
    }
  }

  /** Forgets all sessions, as a server that was restarted, and cuts their sockets. */
  forget(): void {
    this.cut();
    this.#sessions.clear();
  }

  /** Says nothing more on connections that stay open, until told otherwise. */
  mute(mute: boolean): void {
    this.#mute = mute;
    for (const session of this.#sessions.values()) session.mute(mute);
  }

  async close(): Promise<void> {
    clearInterval(this.#probe);
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise((closed) => this.#http.close(closed));
  }

  get #keepaliveMs(): number {
    return this.#options.keepaliveMs ?? 5_000;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
      const lines = Buffer.concat(chunks).toString().split('\r\n').filter(Boolean).map(parameters);
      response.setHeader('content-type', 'text/enriched; charset=UTF-8');
      if (searchParams.get('LS_protocol') !== PROTOCOL) {
        response.end('CONERR,65,Unsupported protocol version\r\n');
        return;
      }
      const name = pathname.replace('/lightstreamer/', '').replace('.txt', '');
      response.end(`${this.#answer(name, lines, searchParams.get('LS_session')).join('\r\n')}\r\n`);
    });
  }

  /** What a request over HTTP is answered with. */
  #answer(name: string, lines: readonly ControlRequest[], sessionId: string | null): readonly string[] {
    const first = lines[0] ?? {};
    if (name === 'create_session') return this.#create(first);
    if (name === 'bind_session') return this.#recover(first);
    if (name === 'control') {
      return lines.flatMap((line) =>
        this.#control({ ...(sessionId === null ? {} : { LS_session: sessionId }), ...line }),
      );
    }
    return ['ERROR,68,unknown request'];
  }

  #create(request: ControlRequest): readonly string[] {
    const refusal = this.conerr ?? this.#options.admit(request['LS_user'] ?? '', request['LS_password'] ?? '');
    if (refusal !== undefined) return [`CONERR,${refusal[0]},${refusal[1]}`];
    this.created++;
    const session = new TlcpSession(`S${this.created}`);
    session.mute(this.#mute);
    this.#sessions.set(session.id, session);
    return [this.#conok(session), 'SERVNAME,Stand-in', 'CONS,unlimited', 'LOOP,0'];
  }

  #recover(request: ControlRequest): readonly string[] {
    const session = this.#sessions.get(request['LS_session'] ?? '');
    if (session === undefined) return ['CONERR,20,Session not found'];
    const from = Number(request['LS_recovery_from']);
    this.recovered++;
    return [this.#conok(session), `PROG,${from}`, ...session.replay(from), 'LOOP,0'];
  }

  #conok({ id }: TlcpSession): string {
    return `CONOK,${id},${REQUEST_BYTES},${this.#keepaliveMs},*`;
  }

  #accept(socket: WebSocket): void {
    let bound: string | undefined;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const [name = '', ...lines] = data.toString().split('\r\n');
      const requests = lines.filter(Boolean).map(parameters);
      if (name === 'wsok') socket.send('WSOK\r\n');
      if (name === 'bind_session') {
        bound = requests[0]?.['LS_session'];
        this.#bind(socket, requests[0] ?? {});
      }
      if (name === 'control') {
        for (const line of requests) {
          // Requests that name no session mean the one that the socket is bound to.
          const request = { ...(bound === undefined ? {} : { LS_session: bound }), ...line };
          const answers = this.#control(request);
          if (answers.length > 0 && !this.#mute) socket.send(`${answers.join('\r\n')}\r\n`);
          this.#sessions.get(request['LS_session'] ?? '')?.flush();
        }
      }
    });
  }

  #bind(socket: WebSocket, request: ControlRequest): void {
    const session = this.#sessions.get(request['LS_session'] ?? '');
    if (session === undefined) {
      socket.send('CONERR,20,Session not found\r\n');
      return;
    }
    this.bound++;
    session.bind(socket, this.#conok(session));
  }

  #control(request: ControlRequest): readonly string[] {
    this.controls.push(request);
    const session = this.#sessions.get(request['LS_session'] ?? '');
    const id = request['LS_reqId'];
    if (session === undefined) return [`REQERR,${id},20,Session not found`];
    switch (request['LS_op']) {
      case 'add':
        return this.#add(session, request);
      case 'delete':
        session.unsubscribe(Number(request['LS_subId']));
        return [`REQOK,${id}`];
      case 'destroy':
        this.#sessions.delete(session.id);
        session.finish('END,31,Destroyed by the client');
        return [`REQOK,${id}`];
      default:
        return [`REQOK,${id}`];
    }
  }

  #add(session: TlcpSession, request: ControlRequest): readonly string[] {
    const id = request['LS_reqId'];
    const item = request['LS_group'] ?? '';
    const refusal = this.refused.get(item);
    if (refusal !== undefined) return [`REQERR,${id},${refusal[0]},${refusal[1]}`];
    if (request['LS_data_adapter'] !== this.#options.adapter) return [`REQERR,${id},17,Bad Data Adapter name`];
    if (item.includes(' ') || item === '') return [`REQERR,${id},21,Bad Item Group name`];
    if (request['LS_mode'] !== 'MERGE') return [`REQERR,${id},24,Subscription mode not allowed`];
    const fields = (request['LS_schema'] ?? '').split(' ');
    session.subscribe(Number(request['LS_subId']), item, fields, this.#items.get(item));
    return [`REQOK,${id}`];
  }
}

function parameters(line: string): ControlRequest {
  return Object.fromEntries(new URLSearchParams(line));
}
