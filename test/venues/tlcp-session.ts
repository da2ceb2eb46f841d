import type { WebSocket } from 'ws';

export type Values = Readonly<Record<string, string | null>>;

interface Subscription {
  readonly number: number;
  readonly item: string;
  readonly fields: readonly string[];
  /** Values as last sent; undefined before the snapshot. */
  sent: readonly (string | null)[] | undefined;
}

/** Data lines that are kept for clients that lost their connection. */
const MOST_KEPT = 20_000;
/** Unchanged fields in a row from which on they are sent as a count. */
const COUNTED_RUN = 3;

/** One session of the stand-in: its subscriptions, and its data lines until they were certainly delivered. */
export class TlcpSession {
  readonly id: string;
  readonly #subscriptions = new Map<number, Subscription>();
  /** Data lines; the first one has the number `#keptFrom`. */
  #kept: string[] = [];
  #keptFrom = 0;
  /** Data lines handed to a connection so far. */
  #delivered = 0;
  #socket: WebSocket | undefined;
  #flushing = false;
  #mute = false;

  constructor(id: string) {
    this.id = id;
  }

  get items(): readonly string[] {
    return [...this.#subscriptions.values()].map(({ item }) => item);
  }

  get connected(): boolean {
    return this.#socket !== undefined;
  }

  subscriptionOf(item: string): number | undefined {
    return [...this.#subscriptions.values()].find((subscription) => subscription.item === item)?.number;
  }

  bind(socket: WebSocket, conok: string): void {
    this.#socket = socket;
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
    this.#send(`${conok}\r\n`);
    this.flush();
  }

  subscribe(number: number, item: string, fields: readonly string[], values: Values | undefined): void {
    this.#subscriptions.set(number, { number, item, fields, sent: undefined });
    this.data(`SUBOK,${number},1,${fields.length}`);
    this.data(`CONF,${number},unlimited,filtered`);
    if (values !== undefined) this.update(item, values);
  }

  unsubscribe(number: number): void {
    if (this.#subscriptions.delete(number)) this.data(`UNSUB,${number}`);
  }

  update(item: string, values: Values): void {
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.item !== item) continue;
      const next = subscription.fields.map((field) => values[field] ?? null);
      this.data(`U,${subscription.number},1,${encodeValues(subscription.sent, next)}`);
      subscription.sent = next;
    }
  }

  /** A line that counts as data, which a client can ask for again. */
  data(line: string): void {
    this.#kept.push(line);
    if (this.#kept.length > 2 * MOST_KEPT) {
      this.#keptFrom += this.#kept.length - MOST_KEPT;
      this.#kept = this.#kept.slice(-MOST_KEPT);
    }
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.flush();
    });
  }

  /** Hands what waits to the connection, in one frame. */
  flush(): void {
    if (this.#socket === undefined) return;
    const lines = this.#kept.slice(this.#delivered - this.#keptFrom);
    if (lines.length > 0) this.#send(`${lines.join('\r\n')}\r\n`);
    this.#delivered += lines.length;
  }

  /** Data lines from a number on, which the client then has. */
  replay(from: number): readonly string[] {
    const lines = this.#kept.slice(from - this.#keptFrom);
    this.#delivered = from + lines.length;
    return lines;
  }

  probe(): void {
    this.#send('PROBE\r\n');
  }

  loop(): void {
    this.flush();
    this.#send('LOOP,0\r\n');
    this.#socket = undefined;
  }

  finish(line: string): void {
    this.flush();
    this.#send(`${line}\r\n`);
    this.#socket?.close();
    this.#socket = undefined;
  }

  cut(): void {
    this.#socket?.terminate();
    this.#socket = undefined;
  }

  mute(mute: boolean): void {
    this.#mute = mute;
  }

  #send(text: string): void {
    if (!this.#mute) this.#socket?.send(text);
  }
}

/**
 * Values of an update against those sent before: unchanged ones empty or, in a row, counted; null `#`; empty text `$`;
 * what would be mistaken for one of these percent-encoded.
 */
export function encodeValues(before: readonly (string | null)[] | undefined, next: readonly (string | null)[]): string {
  const tokens: string[] = [];
  for (let i = 0; i < next.length; ) {
    let run = 0;
    while (before !== undefined && i + run < next.length && before[i + run] === next[i + run]) run++;
    if (run >= COUNTED_RUN) tokens.push(`^${run}`);
    else if (run > 0) tokens.push(...new Array<string>(run).fill(''));
    else tokens.push(encodeValue(next[i]!));
    i += Math.max(run, 1);
  }
  return tokens.join('|');
}

function encodeValue(value: string | null): string {
  if (value === null) return '#';
  if (value === '') return '$';
  return value.replace(/[%|\r\n]|^[#$^]/g, (character) => encodeURIComponent(character));
}
