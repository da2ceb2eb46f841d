import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ClientHub } from './client-hub.ts';

/** Greatest message that a page has reason to send: a workspace layout, escaped. */
const MESSAGE_BYTES_MAX = 512 * 1024;

/** Pages at a time; more is a page out of control. */
const CLIENTS_MAX = 32;

/** Bytes that may wait in a line. Credits keep it to two frames; what exceeds this has stopped reading. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;

/** A close reason has at most 123 bytes (RFC 6455 §5.5). */
const REASON_BYTES_MAX = 123;

/** Joins the hub's clients over WebSocket. Who may come is decided before `admit` is called. */
export class WebSocketGateway {
  readonly #hub: ClientHub;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX, perMessageDeflate: false });

  constructor(hub: ClientHub) {
    this.#hub = hub;
  }

  get full(): boolean {
    return this.#hub.clients >= CLIENTS_MAX;
  }

  admit(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (line) => this.#join(line));
  }

  /** Says goodbye to everybody; lines that do not answer within the server's patience are cut by the host. */
  close(): void {
    this.#hub.stop();
    for (const line of this.#server.clients) line.close(1001, 'the engine stops');
    this.#server.close();
  }

  terminate(): void {
    for (const line of this.#server.clients) line.terminate();
  }

  #join(line: WebSocket): void {
    const send = (data: string | Uint8Array): void => {
      if (line.readyState !== line.OPEN) return;
      line.send(data);
      if (line.bufferedAmount > WAITING_BYTES_MAX) line.terminate();
    };
    const session = this.#hub.join({
      sendText: send,
      sendBinary: send,
      close: (code, reason) => line.close(code, Buffer.from(reason).subarray(0, REASON_BYTES_MAX).toString()),
    });
    line.on('message', (data, binary) => {
      if (binary) line.close(1003, 'messages are text');
      else session.receive(String(data));
    });
    line.on('close', () => this.#hub.leave(session));
    line.on('error', () => line.terminate());
  }
}
