import type { IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import type { Clock } from '../../core/clock/clock.ts';
import type { Random } from '../../core/clock/random.ts';
import { afterMs, type Cancel, everyMs } from '../../core/clock/wall-timer.ts';
import { Backoff } from './backoff.ts';
import { retryAfterMs } from './http-request.ts';

export interface WebSocketLineOptions {
  /** Asked before each attempt: the address may hold a token that is fresh. A rejection is a failed attempt. */
  readonly address: () => string | Promise<string>;
  readonly clock: Clock;
  readonly random: Random;
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
  /** Greatest message taken, bytes. Default 64 MiB: full books of some venues are several megabytes. */
  readonly mostBytes?: number;
  /** Time for the handshake. Default 10 s. */
  readonly openWithinMs?: number;
  /** A line on which nothing at all has come for so long is dead, whatever TCP says (no FIN may ever come). */
  readonly silenceMs: number;
  /** Keeps the line alive. */
  readonly ping?: { readonly everyMs: number; readonly text: () => string };
  /** Shortest time between two attempts. Default 0. */
  readonly leastGapMs?: number;
  /** Upper bounds of the first wait and of any wait. Defaults 500 ms and 30 s. */
  readonly baseMs?: number;
  readonly mostMs?: number;
  /** Upper bound of the wait after a connection on which messages came. Default: that of any wait. */
  readonly mostAfterUpMs?: number;
  /** A line that held so long is taken for good: the next failure is a first one. Default 60 s. */
  readonly stableMs?: number;
  /** The line is up: time to subscribe. */
  readonly onOpen: () => void;
  /** One message, bytes as they came. */
  readonly onMessage: (bytes: Uint8Array, localUs: number) => void;
  /** The line went down, or an attempt failed; the next one follows after `nextMs`. */
  readonly onDown: (why: string, nextMs: number) => void;
  /** The server refused the handshake. `stop` ends the line; a number is the wait in ms; undefined = the usual wait. */
  readonly onRefused?: (status: number, retryAfterMs: number | undefined) => 'stop' | number | undefined;
}

/**
 * One WebSocket connection kept up until it is stopped: it reconnects with full jitter, takes silence for death, and gives
 * every message with the time at which the socket had it.
 */
export class WebSocketLine {
  readonly #options: WebSocketLineOptions;
  readonly #backoff: Backoff;
  #socket: WebSocket | undefined;
  #heardUs = 0;
  #openedUs = 0;
  #opens = 0;
  #stopped = false;
  #cancels: Cancel[] = [];
  #retry: Cancel | undefined;

  constructor(options: WebSocketLineOptions) {
    this.#options = options;
    const { random, baseMs, mostMs, mostAfterUpMs, leastGapMs } = options;
    this.#backoff = new Backoff({
      random,
      ...(baseMs === undefined ? {} : { baseMs }),
      ...(mostMs === undefined ? {} : { mostMs }),
      ...(mostAfterUpMs === undefined ? {} : { mostAfterUpMs }),
      ...(leastGapMs === undefined ? {} : { leastMs: leastGapMs }),
    });
  }

  /** Times that the line came up after the first. */
  get reconnects(): number {
    return Math.max(0, this.#opens - 1);
  }

  get open(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  start(): void {
    if (this.#socket !== undefined || this.#stopped) throw new Error('a line is started once');
    void this.#connect();
  }

  /** Sends text while the line is up. @returns whether it was: what is not sent is sent again by `onOpen` */
  send(text: string): boolean {
    if (!this.open) return false;
    this.#socket!.send(text);
    return true;
  }

  /** Drops the connection and makes a new one, after the usual wait. */
  renew(why: string): void {
    this.#drop(this.#socket, why);
  }

  /** Ends in order: closes, and cuts what does not close within half a second. Nothing is called afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#retry?.();
    this.#clear();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((done) => {
      const cut = afterMs(CLOSE_WITHIN_MS, () => socket.terminate());
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.once('close', () => {
        cut();
        done();
      });
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
      else socket.close(1000);
    });
  }

  async #connect(): Promise<void> {
    const {
      address,
      headers = {},
      protocols = [],
      openWithinMs = 10_000,
      mostBytes = 64 * 1024 * 1024,
    } = this.#options;
    let url: string;
    try {
      url = await address();
    } catch (error) {
      this.#failed((error as Error).message);
      return;
    }
    if (this.#stopped) return;
    const socket = new WebSocket(url, [...protocols], {
      headers: { ...headers },
      handshakeTimeout: openWithinMs,
      maxPayload: mostBytes,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    socket.on('open', () => this.#opened(socket));
    socket.on('message', (data: Buffer) => {
      if (socket !== this.#socket) return;
      const localUs = this.#options.clock.nowUs();
      this.#heardUs = localUs;
      this.#backoff.up();
      this.#options.onMessage(data, localUs);
    });
    // A ping of the server is life, too.
    socket.on('ping', () => {
      this.#heardUs = this.#options.clock.nowUs();
    });
    socket.on('unexpected-response', (_request, response) => this.#refused(socket, response));
    socket.on('error', (error) => this.#drop(socket, wordsOf(error)));
    socket.on('close', (code) => this.#drop(socket, `the server closed the connection (${code})`));
  }

  #opened(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    const { clock, silenceMs, ping, stableMs = 60_000, onOpen } = this.#options;
    this.#openedUs = clock.nowUs();
    this.#heardUs = this.#openedUs;
    this.#opens++;
    const look = () => {
      const nowUs = clock.nowUs();
      if (nowUs - this.#openedUs > stableMs * 1000) this.#backoff.reset();
      if (nowUs - this.#heardUs > silenceMs * 1000) this.#drop(socket, `nothing came for ${silenceMs / 1000} s`);
    };
    this.#cancels.push(everyMs(Math.max(10, Math.floor(silenceMs / 4)), look));
    if (ping !== undefined) this.#cancels.push(everyMs(ping.everyMs, () => this.send(ping.text())));
    onOpen();
  }

  #refused(socket: WebSocket, response: IncomingMessage): void {
    const status = response.statusCode ?? 0;
    response.resume();
    if (socket !== this.#socket) return;
    const header = { get: (name: string) => (response.headers[name] as string | undefined) ?? null };
    const asked = retryAfterMs(header, this.#options.clock.nowUs());
    const verdict = this.#options.onRefused?.(status, asked) ?? asked;
    this.#discard(socket);
    if (verdict === 'stop') this.#stopped = true;
    else this.#failed(`the server refused with HTTP ${status}`, verdict);
  }

  /** Lets a connection go, once. */
  #drop(socket: WebSocket | undefined, why: string): void {
    if (socket === undefined || socket !== this.#socket || this.#stopped) return;
    this.#discard(socket);
    this.#failed(why);
  }

  #discard(socket: WebSocket): void {
    this.#clear();
    this.#socket = undefined;
    socket.removeAllListeners();
    socket.on('error', () => undefined);
    socket.terminate();
  }

  #failed(why: string, waitMs?: number): void {
    if (this.#stopped) return;
    const nextMs = Math.max(this.#backoff.nextMs(), waitMs ?? 0);
    this.#retry = afterMs(nextMs, () => void this.#connect());
    this.#options.onDown(why, nextMs);
  }

  #clear(): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
  }
}

const CLOSE_WITHIN_MS = 500;

/** Words of a socket's error: the system's code where there is one. */
function wordsOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error.message : `the connection failed (${code})`;
}
