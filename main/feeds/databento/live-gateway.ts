import { Socket } from 'node:net';
import type { Clock } from '../../core/clock/clock.ts';
import { afterMs, type Cancel, everyMs } from '../../core/clock/wall-timer.ts';
import {
  cramReply,
  type GatewayAddress,
  type LiveSubscription,
  type LoginTerms,
  loginLine,
  parseGatewayLine,
  START_SESSION,
  shownText,
  subscriptionLines,
} from './live-handshake.ts';

/** More text than this without the end of a line is no gateway. */
const MOST_LINE_BYTES = 65_536;

export interface LiveGatewayOptions {
  readonly address: GatewayAddress;
  readonly key: string;
  readonly terms: LoginTerms;
  readonly subscriptions: readonly LiveSubscription[];
  readonly clock: Clock;
  /** Time for the TCP connection. Default 10 s. */
  readonly connectMs?: number;
  /** Time from the connection to the answer to the login. Default 30 s. */
  readonly loginMs?: number;
  /** A session on which nothing came for so long is dead: no FIN may ever come. Default 15 s; heartbeats come each 10 s. */
  readonly silenceMs?: number;
}

/** Why a session ended. `words` hold no key; they are the end of a sentence that starts with the gateway's name. */
export interface GatewayEnd {
  readonly kind: 'unreachable' | 'no-gateway' | 'login-refused' | 'silent' | 'closed' | 'stopped';
  readonly words: string;
}

export interface GatewaySink {
  /** The login was accepted and the session started: what follows is DBN. */
  onSession(sessionId: string): void;
  /** Bytes as the socket had them; they may be kept until the call returns. */
  onBytes(bytes: Uint8Array, localUs: number): void;
  /** Once, at the end; nothing is called afterwards. */
  onEnd(end: GatewayEnd): void;
}

/** One TCP session with Databento's live gateway: connects, logs in, subscribes, starts, and hands the binary stream on. */
export class LiveGateway {
  readonly #options: LiveGatewayOptions;
  readonly #sink: GatewaySink;
  readonly #socket = new Socket();
  #text = '';
  #binary = false;
  #ended = false;
  #heardUs: number;
  #limit: Cancel;
  #watch: Cancel | undefined;

  /** Begins to connect at once. */
  constructor(options: LiveGatewayOptions, sink: GatewaySink) {
    this.#options = options;
    this.#sink = sink;
    this.#heardUs = options.clock.nowUs();
    const { address, connectMs = 10_000 } = options;
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.on('connect', () => this.#connected());
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(error.code ?? error.message));
    socket.on('close', () => this.#end({ kind: 'closed', words: 'closed the connection' }));
    const seconds = connectMs / 1000;
    this.#limit = afterMs(connectMs, () =>
      this.#end({ kind: 'unreachable', words: `could not be reached within ${seconds} s` }),
    );
    socket.connect(address.port, address.host);
  }

  /** Ends the session; the sink hears of it before this returns. */
  close(): void {
    this.#end({ kind: 'stopped', words: 'was left' });
  }

  #connected(): void {
    const { loginMs = 30_000 } = this.#options;
    this.#limit();
    this.#limit = afterMs(loginMs, () =>
      this.#end({ kind: 'no-gateway', words: `did not answer the login within ${loginMs / 1000} s` }),
    );
  }

  #take(bytes: Uint8Array): void {
    if (this.#ended) return;
    const localUs = this.#options.clock.nowUs();
    this.#heardUs = localUs;
    if (this.#binary) {
      this.#sink.onBytes(bytes, localUs);
      return;
    }
    let from = 0;
    while (!this.#binary && !this.#ended) {
      const feed = bytes.indexOf(0x0a, from);
      const end = feed < 0 ? bytes.length : feed;
      if (this.#text.length + end - from > MOST_LINE_BYTES) {
        this.#end({ kind: 'no-gateway', words: `sent ${MOST_LINE_BYTES} bytes that are no line of a login` });
        return;
      }
      this.#text += latin1(bytes.subarray(from, end));
      if (feed < 0) return;
      from = feed + 1;
      const line = this.#text;
      this.#text = '';
      this.#line(line);
    }
    if (from < bytes.length && !this.#ended) this.#sink.onBytes(bytes.subarray(from), localUs);
  }

  #line(text: string): void {
    const { key, terms, subscriptions } = this.#options;
    const line = parseGatewayLine(text);
    switch (line.kind) {
      case 'greeting':
        return;
      case 'challenge':
        this.#socket.write(loginLine(cramReply(line.challenge, key), terms));
        return;
      case 'failure':
        this.#end({ kind: 'login-refused', words: shownText(line.error, key) });
        return;
      case 'success':
        this.#limit();
        this.#socket.write(subscriptions.flatMap(subscriptionLines).join('') + START_SESSION);
        this.#binary = true;
        this.#watchSilence();
        this.#sink.onSession(line.sessionId);
        return;
      case 'unknown': {
        const shown = shownText(text, key).slice(0, 60);
        this.#end({ kind: 'no-gateway', words: `answered the login with "${shown}", which is no line of one` });
      }
    }
  }

  #watchSilence(): void {
    const { clock, silenceMs = 15_000 } = this.#options;
    this.#watch = everyMs(Math.max(5, Math.floor(silenceMs / 10)), () => {
      if (clock.nowUs() - this.#heardUs < silenceMs * 1000) return;
      this.#end({ kind: 'silent', words: `sent nothing for ${silenceMs / 1000} s, not even a heartbeat` });
    });
  }

  #failed(code: string): void {
    if (this.#socket.connecting || this.#socket.bytesRead === 0) {
      this.#end({ kind: 'unreachable', words: `could not be reached (${code})` });
    } else this.#end({ kind: 'closed', words: `broke the connection (${code})` });
  }

  #end(end: GatewayEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#limit();
    this.#watch?.();
    this.#socket.removeAllListeners();
    this.#socket.on('error', () => undefined);
    this.#socket.destroy();
    this.#sink.onEnd(end);
  }
}

/** Bytes as characters of the same number: garbage stays visible and is never an error. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
