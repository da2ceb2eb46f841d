import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { encodeMetadata, MIXED_STREAM } from '../../main/codec/dbn/metadata.ts';
import { DbnRecordWriter } from '../../main/codec/dbn/write-record.ts';

/** One record as the gateway would have it in its log. */
export interface GatewayRecord {
  readonly schema: string;
  readonly instrumentId: number;
  readonly tsEventNs: bigint;
  readonly bytes: Uint8Array;
}

/** A subscription line as it came. */
export interface SubscriptionLine {
  readonly schema: string;
  readonly stypeIn: string;
  readonly symbols: readonly string[];
  readonly id: string;
  readonly startNs: bigint | undefined;
  readonly isLast: boolean;
}

export interface Contract {
  readonly rawSymbol: string;
  readonly instrumentId: number;
}

export interface GatewayScript {
  readonly key: string;
  readonly dataset?: string;
  /** Contracts of a symbol; none = it can't be resolved. */
  resolve?: (symbol: string) => readonly Contract[];
  /** Sent as it is after the session has started, instead of metadata and records of the log. */
  stream?: Uint8Array;
  /** Refuses every login with this text. */
  refuse?: string;
  /** Sent instead of a greeting. */
  greeting?: string;
  /** After the metadata of a session: an error record with which the session ends. */
  error?: { readonly code: number; readonly text: string } | undefined;
  /** Starts older than this fail with error 8. */
  oldestNs?: bigint;
  /** Texts of the notices that end a replay. */
  replayNotice?: (schema: string) => string;
  /** Never sends them. */
  withholdNotices?: boolean;
  /** Heartbeat of sessions that ask for none in milliseconds of their own. Default: as asked, in seconds. */
  heartbeatMs?: number;
}

/**
 * Stand-in of Databento's live gateway on 127.0.0.1: greeting, challenge, login, subscriptions, binary stream with mappings,
 * heartbeats and replay, over real sockets. It keeps a log of what was published, from which replays are served.
 */
export class DatabentoGateway {
  readonly sessions: GatewaySession[] = [];
  readonly log: GatewayRecord[] = [];
  script: GatewayScript;
  /** Wall times of the connections, ms. */
  readonly connectedMs: number[] = [];
  readonly #server: Server;

  private constructor(script: GatewayScript, server: Server) {
    this.script = script;
    this.#server = server;
    server.on('connection', (socket) => {
      this.connectedMs.push(performance.now());
      this.sessions.push(new GatewaySession(this, socket));
    });
  }

  static async listen(script: GatewayScript): Promise<DatabentoGateway> {
    const server = createServer();
    const gateway = new DatabentoGateway(script, server);
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    return gateway;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the gateway does not listen');
    return `tcp://127.0.0.1:${address.port}`;
  }

  /** The newest session. */
  get session(): GatewaySession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error('nobody has connected');
    return session;
  }

  /** Puts records into the log and sends them to every session that has asked for them. */
  publish(records: readonly GatewayRecord[]): void {
    for (const record of records) this.log.push(record);
    for (const session of this.sessions) session.send(records);
  }

  /** Puts records into the log, but breaks the newest session off after so many of their bytes. */
  publishAndBreak(records: readonly GatewayRecord[], bytes: number): void {
    for (const record of records) this.log.push(record);
    this.session.sendAndBreak(records, bytes);
  }

  async close(): Promise<void> {
    for (const session of this.sessions) session.cut();
    await new Promise<void>((done) => {
      this.#server.close(() => done());
    });
  }
}

/** One client of the stand-in. */
export class GatewaySession {
  readonly subscriptions: SubscriptionLine[] = [];
  /** Fields of the login line. */
  login: ReadonlyMap<string, string> = new Map();
  /** The session was started; `started` ends with it. */
  began = false;
  started = false;
  readonly #gateway: DatabentoGateway;
  readonly #socket: Socket;
  readonly #challenge = randomBytes(12).toString('hex');
  /** Instruments asked for by schema. */
  readonly #wanted = new Map<string, Set<number>>();
  #text = '';
  #silent = false;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(gateway: DatabentoGateway, socket: Socket) {
    this.#gateway = gateway;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => clearInterval(this.#heartbeat));
    socket.on('data', (bytes) => this.#take(bytes.toString('latin1')));
    socket.write(gateway.script.greeting ?? `lsg_version=0.6.0\ncram=${this.#challenge}\n`);
  }

  get closed(): boolean {
    return this.#socket.destroyed;
  }

  /** Sends what the session has asked for. */
  send(records: readonly GatewayRecord[]): void {
    if (!this.started || this.closed) return;
    const wanted = records.filter((record) => this.#wanted.get(record.schema)?.has(record.instrumentId) === true);
    if (wanted.length > 0) this.raw(Buffer.concat(wanted.map(({ bytes }) => bytes)));
  }

  /** Sends the first bytes of what the session has asked for, and breaks the connection. */
  sendAndBreak(records: readonly GatewayRecord[], bytes: number): void {
    const wanted = records.filter((record) => this.#wanted.get(record.schema)?.has(record.instrumentId) === true);
    const stream = Buffer.concat(wanted.map((one) => one.bytes)).subarray(0, bytes);
    this.started = false;
    this.#socket.write(stream, () => this.#socket.destroy());
  }

  /** Sends a lot, no faster than it is read. */
  async flood(parts: Iterable<Uint8Array>): Promise<void> {
    for (const part of parts) {
      if (this.closed) return;
      if (!this.#socket.write(part)) await once(this.#socket, 'drain');
    }
  }

  /** Sends bytes as they are. */
  raw(bytes: Uint8Array): void {
    if (!this.#silent && !this.closed) this.#socket.write(bytes);
  }

  system(code: number, text: string): void {
    this.raw(record((out) => out.system({ msg: text, code })));
  }

  error(code: number, text: string): void {
    this.raw(record((out) => out.error({ err: text, code, is_last: 1 })));
  }

  /** Ends the connection in order, after what was sent. */
  end(): void {
    this.#socket.end();
  }

  /** Breaks the connection. */
  cut(): void {
    this.#socket.destroy();
  }

  /** The line stays open and nothing comes any more: no data, no heartbeat, no FIN. */
  freeze(): void {
    this.#silent = true;
  }

  #take(text: string): void {
    this.#text += text;
    for (let end = this.#text.indexOf('\n'); end >= 0; end = this.#text.indexOf('\n')) {
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 1);
      this.#line(line);
    }
  }

  #line(line: string): void {
    const fields = new Map(
      line.split('|').map((field): [string, string] => {
        const at = field.indexOf('=');
        return at < 0 ? [field, ''] : [field.slice(0, at), field.slice(at + 1)];
      }),
    );
    if (fields.has('auth')) this.#checkLogin(fields);
    else if (fields.has('schema')) this.#subscribe(fields);
    else if (fields.has('start_session')) this.#start();
    else throw new Error(`the client sent "${line}"`);
  }

  #checkLogin(fields: ReadonlyMap<string, string>): void {
    const { key, refuse, dataset = 'GLBX.MDP3' } = this.#gateway.script;
    this.login = fields;
    const digest = createHash('sha256').update(`${this.#challenge}|${key}`).digest('hex');
    const good = fields.get('auth') === `${digest}-${key.slice(-5)}`;
    if (refuse !== undefined || !good) {
      this.#socket.end(`success=0|error=${refuse ?? 'User authentication failed'}\n`);
    } else if (fields.get('dataset') !== dataset || fields.get('encoding') !== 'dbn') {
      this.#socket.end('success=0|error=Unknown dataset\n');
    } else this.#socket.write(`success=1|session_id=${this.#gateway.sessions.length}\n`);
  }

  #subscribe(fields: ReadonlyMap<string, string>): void {
    const start = fields.get('start');
    this.subscriptions.push({
      schema: fields.get('schema') ?? '',
      stypeIn: fields.get('stype_in') ?? '',
      symbols: (fields.get('symbols') ?? '').split(','),
      id: fields.get('id') ?? '',
      startNs: start === undefined ? undefined : BigInt(start),
      isLast: fields.get('is_last') === '1',
    });
  }

  #start(): void {
    const { script, log } = this.#gateway;
    const heartbeatMs = script.heartbeatMs ?? Number(this.login.get('heartbeat_interval_s') ?? 30) * 1000;
    this.#heartbeat = setInterval(() => this.system(0, 'Heartbeat'), heartbeatMs);
    this.started = true;
    this.began = true;
    if (script.stream !== undefined) {
      this.raw(script.stream);
      return;
    }
    this.raw(encodeMetadata({ ...MIXED_STREAM, dataset: script.dataset ?? 'GLBX.MDP3' }));
    if (script.error !== undefined) {
      this.error(script.error.code, script.error.text);
      this.end();
      return;
    }
    for (const line of this.subscriptions) this.#resolve(line);
    for (const [schema, lines] of Map.groupBy(this.subscriptions, (line) => line.schema)) {
      const starts = lines.map(({ startNs }) => startNs).filter((startNs) => startNs !== undefined);
      if (starts.length === 0) continue;
      const startNs = starts.reduce((least, one) => (one < least ? one : least));
      if (script.oldestNs !== undefined && startNs !== 0n && startNs < script.oldestNs) {
        this.error(8, `Replay data for ${schema} has aged out`);
        this.end();
        return;
      }
      this.send(log.filter((one) => one.schema === schema && one.tsEventNs >= startNs));
      if (script.withholdNotices !== true) {
        this.system(3, script.replayNotice?.(schema) ?? `Finished ${schema} replay`);
      }
    }
  }

  #resolve(line: SubscriptionLine): void {
    const wanted = this.#wanted.get(line.schema) ?? new Set<number>();
    this.#wanted.set(line.schema, wanted);
    for (const symbol of line.symbols) {
      const contracts = this.#gateway.script.resolve?.(symbol) ?? [];
      if (contracts.length === 0) this.error(4, `Failed to resolve symbol ${symbol}`);
      for (const { rawSymbol, instrumentId } of contracts) {
        wanted.add(instrumentId);
        this.raw(mappingRecord(symbol, rawSymbol, instrumentId));
      }
    }
    if (line.isLast) this.system(1, `Subscription request ${line.id} for ${line.schema} data succeeded`);
  }
}

/** One record, written alone. */
export function record(write: (out: DbnRecordWriter) => void): Uint8Array {
  const out = new DbnRecordWriter(1024);
  out.time(Date.now() * 1000, 0, Date.now() * 1000, 0);
  write(out);
  return out.written().slice();
}

function mappingRecord(asked: string, rawSymbol: string, instrumentId: number): Uint8Array {
  return record((out) => {
    out.instrument(0, instrumentId);
    out.symbolMapping({ stype_in_symbol: asked, stype_out_symbol: rawSymbol });
  });
}
