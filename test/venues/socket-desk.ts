import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** One client of a stand-in venue. */
export interface Seat {
  readonly socket: WebSocket;
  readonly raw: Socket;
  readonly url: URL;
  /** Nothing is sent any more, and nothing closed: half-open. */
  mute: boolean;
  pongs: number;
}

export interface SocketDeskOptions {
  readonly onSeat: (seat: Seat) => void;
  readonly onText?: (seat: Seat, text: string) => void;
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void;
}

/** An HTTP and WebSocket server on a port of its own, with the faults that a network has. */
export class SocketDesk {
  readonly #server: Server;
  readonly #upgrade = new WebSocketServer({ noServer: true });
  seats: Seat[] = [];
  /** Connections taken since the start. */
  connections = 0;
  /** Statuses that the next handshakes are refused with. */
  readonly refusals: { status: number; headers?: Record<string, string> }[] = [];

  private constructor({ onSeat, onText, onRequest }: SocketDeskOptions) {
    this.#server = createServer((request, response) => {
      if (onRequest === undefined) response.writeHead(404).end();
      else onRequest(request, response);
    });
    this.#server.on('upgrade', (request: IncomingMessage, raw: Socket, head) => {
      const refusal = this.refusals.shift();
      if (refusal !== undefined) {
        const headers = Object.entries(refusal.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
        raw.end(`HTTP/1.1 ${refusal.status} no\r\n${headers.join('')}Content-Length: 0\r\n\r\n`);
        return;
      }
      this.#upgrade.handleUpgrade(request, raw, head, (socket) => {
        const seat: Seat = { socket, raw, url: new URL(request.url ?? '/', 'ws://x'), mute: false, pongs: 0 };
        this.connections++;
        this.seats.push(seat);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.seats = this.seats.filter((other) => other !== seat);
        });
        socket.on('pong', () => {
          seat.pongs++;
        });
        socket.on('message', (data) => onText?.(seat, String(data)));
        onSeat(seat);
      });
    });
  }

  static async open(options: SocketDeskOptions): Promise<SocketDesk> {
    const desk = new SocketDesk(options);
    await new Promise<void>((done) => desk.#server.listen(0, '127.0.0.1', done));
    return desk;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  send(seat: Seat, text: string): void {
    if (!seat.mute && seat.socket.readyState === seat.socket.OPEN) seat.socket.send(text);
  }

  /** Half of a message, then the connection is gone. */
  cutInMidFrame(): void {
    for (const { raw } of this.seats) {
      raw.write(
        Buffer.concat([Buffer.from([0x81, 126, 0x40, 0x00]), Buffer.from('{"stream":"btcusdt@depth@100ms","da')]),
      );
      raw.destroySoon();
    }
  }

  /** Nothing more is sent or heard, and nobody is told. */
  fallSilent(): void {
    for (const seat of this.seats) {
      seat.mute = true;
      seat.raw.pause();
    }
  }

  dropAll(code = 1001): void {
    for (const { socket } of this.seats) socket.close(code);
  }

  pingAll(): void {
    for (const { socket } of this.seats) socket.ping('are you there');
  }

  async close(): Promise<void> {
    for (const { socket } of this.seats) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}
