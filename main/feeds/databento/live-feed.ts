import { ERROR_CODE, SYSTEM_CODE } from '../../codec/dbn/layout.ts';
import { SessionCalendar, type StatusOverride } from '../../core/calendar/session-calendar.ts';
import { afterMs, type Cancel, everyMs } from '../../core/clock/wall-timer.ts';
import type { Feed, FeedState } from '../../core/feed-port.ts';
import { Backoff } from '../socket/backoff.ts';
import { ContractTable, type MappedContract } from './contract-table.ts';
import type { GatewayEnd } from './live-gateway.ts';
import { type GatewayAddress, gatewayAddress, shownText } from './live-handshake.ts';
import { type LiveHole, LiveHoles } from './live-holes.ts';
import type { GatewayNotice } from './live-notices.ts';
import type { LiveDatabentoFeedOptions } from './live-options.ts';
import { badCredentials, KEY_HELP, refusedRequest } from './live-refusals.ts';
import { DEFAULT_SCHEMAS, type LiveSchema, liveSchemas } from './live-schemas.ts';
import { DESCRIBING, LiveSession, type LiveSessionEvents } from './live-session.ts';
import { liveState } from './live-state.ts';
import { type PositionRow, ReplayPositions, rtypeOf } from './replay-positions.ts';
import { nextRollCheckUs } from './roll-check.ts';
import { DEFAULT_SYMBOLS, planSession } from './session-plan.ts';

const NO_BYTES = new Uint8Array(0);
/** Replays that ended without a single new record: after so many it goes on live, and says what is missing. */
const MOST_VAIN_REPLAYS = 3;
const CONNECTION_NAME = 'live';

/** What follows the end of a session. */
type Sequel =
  | { readonly kind: 'stop'; readonly state: FeedState }
  | { readonly kind: 'retry'; readonly leastMs: number };

/**
 * Databento's live gateway as a feed. Frames: `opened`, then `message`s (the metadata first, afterwards whole records), then
 * `lost`. After a reconnect it asks for a replay from where it stopped and hands out only records that are new, so that
 * nothing is missed and nothing counted twice; `catchingUp` holds until the gateway says that the replay has caught up.
 */
export class LiveDatabentoFeed implements Feed, LiveSessionEvents {
  readonly name = 'databento';
  readonly dataset: string;
  readonly symbols: readonly string[];
  readonly #options: LiveDatabentoFeedOptions;
  readonly #key: string;
  readonly #schemas: readonly LiveSchema[];
  readonly #address: GatewayAddress;
  readonly #calendar: SessionCalendar | undefined;
  readonly #backoff: Backoff;
  readonly #positions = new ReplayPositions();
  readonly #contracts = new ContractTable();
  readonly #statuses = new Map<number, StatusOverride>();
  readonly #unresolved = new Set<string>();
  readonly #holes = new LiveHoles();
  #session: LiveSession | undefined;
  #openedUs: number | undefined;
  #opens = 0;
  #dataUs = 0;
  /** This session has brought market records, or caught up with nothing to bring. */
  #flowing = false;
  #slowUs = 0;
  #skippedUs = Number.NEGATIVE_INFINITY;
  #vainReplays = 0;
  #agedOut: string | undefined;
  #lastError = '';
  /** The frame that is being handed out was not taken. */
  #refused = false;
  #filling: FeedState | undefined;
  #sequel: Sequel | undefined;
  #trouble = 'connecting';
  #rollUs: number | undefined;
  #shown: FeedState | undefined;
  #final: FeedState | undefined;
  #retry: Cancel | undefined;
  #tick: Cancel | undefined;

  /** @throws RangeError for symbols, schemas or an address that can't be */
  constructor(options: LiveDatabentoFeedOptions) {
    const { dataset = 'GLBX.MDP3', symbols = DEFAULT_SYMBOLS, schemas = DEFAULT_SCHEMAS } = options;
    if (symbols.length === 0) throw new RangeError('The Databento feed needs at least one symbol.');
    this.#options = options;
    this.#key = options.key?.trim() ?? '';
    this.dataset = dataset;
    this.symbols = symbols;
    this.#schemas = liveSchemas(schemas);
    this.#address = gatewayAddress(dataset, options.url);
    this.#calendar = options.calendar ?? (dataset === 'GLBX.MDP3' ? new SessionCalendar('cme-globex-fx') : undefined);
    const { random, baseMs = 1_000, mostMs = 60_000, leastMs = 200 } = options;
    this.#backoff = new Backoff({ random, baseMs, mostMs, leastMs });
  }

  get reconnects(): number {
    return Math.max(0, this.#opens - 1);
  }

  /** A replay is wanted or under way: records update state, but nothing may be armed by them. */
  get catchingUp(): boolean {
    return (this.#session?.replaying.size ?? 0) > 0;
  }

  /** What the asked symbols stand for now. */
  get contracts(): readonly MappedContract[] {
    return this.#contracts.entries();
  }

  /** What is missing and can only come from history. */
  get holes(): readonly LiveHole[] {
    return this.#holes.all;
  }

  /** How far everything has come, for another run to go on from. */
  positions(): readonly PositionRow[] {
    return this.#positions.rows();
  }

  start(): void {
    if (this.#tick !== undefined || this.#final !== undefined) throw new Error('a feed is started once');
    const { tickMs = 1_000, resume } = this.#options;
    // What describes instruments is told again to an engine that may not know it.
    this.#positions.restore((resume?.positions ?? []).filter((row) => !DESCRIBING.has(rtypeOf(row))));
    for (const hole of resume?.holes ?? []) this.#openHole(hole);
    if (this.#key === '') {
      this.#finish({ condition: 'bad-credentials', words: `no Databento key: ${KEY_HELP}` });
      return;
    }
    this.#rollUs = this.#nextRoll();
    this.#tick = everyMs(tickMs, () => this.#look());
    this.#connect();
  }

  async stop(): Promise<void> {
    if (this.#final?.condition === 'stopped') return;
    this.#finish({ condition: 'stopped', words: 'stopped' });
    this.#session?.end({ kind: 'stopped', words: 'was left' });
    this.#session = undefined;
  }

  /**
   * Depth by price heals with its next record, so nothing is done for it. A book by order begins anew with a snapshot, and a
   * stream that can't be read on (no symbol) with its metadata: both on a new session.
   */
  resync(symbol: string, why: string): void {
    if (symbol !== '' && !this.#schemas.some(({ recovery }) => recovery === 'snapshot')) return;
    if (this.#openedUs === undefined) return;
    this.#session?.end({ kind: 'stopped', words: `was left to begin anew (${why})` });
  }

  /** The frame that was just handed out was not taken: the replay of another session brings its records. */
  refused(): void {
    this.#refused = true;
  }

  /** What a hole spans has been filled from history, or is accepted: it is no longer shown. */
  settle({ fromUs, toUs }: Pick<LiveHole, 'fromUs' | 'toUs'>): void {
    this.#holes.settle(fromUs, toUs);
    this.#show();
  }

  /** What is being done about the holes, shown in the place of their own words while all else is well. */
  tellFilling(state: FeedState | undefined): void {
    this.#filling = state;
    this.#show();
  }

  onOpened(): void {
    this.#opens++;
    this.#openedUs = this.#options.clock.nowUs();
    if (this.#agedOut !== undefined) this.#addHole(this.#openedUs, this.#agedOut);
    this.#agedOut = undefined;
    this.#flowing = false;
    this.#unresolved.clear();
    this.#options.outlet.frame({ kind: 'opened', name: CONNECTION_NAME, bytes: NO_BYTES, localUs: this.#openedUs });
    this.#show();
  }

  onBytes(bytes: Uint8Array, localUs: number): void {
    const session = this.#session;
    this.#options.outlet.frame({ kind: 'message', name: CONNECTION_NAME, bytes, localUs });
    if (this.#refused) {
      this.#refused = false;
      this.#positions.undoChunk();
      session?.end({ kind: 'stopped', words: 'was left, since messages came faster than they were taken in' });
      return;
    }
    if (session === undefined || session.dataUs === this.#dataUs || session.dataUs === 0) return;
    this.#dataUs = session.dataUs;
    if (this.#flowing) return;
    this.#flowing = true;
    this.#backoff.reset();
    this.#vainReplays = 0;
    this.#show();
  }

  onNotice(notice: GatewayNotice): GatewayEnd | undefined {
    if (notice.kind === 'mapping') {
      this.#contracts.learn(notice.asked, notice.rawSymbol, notice.instrumentId);
      return undefined;
    }
    if (notice.kind === 'error') return this.#error(notice.code, shownText(notice.text, this.#key));
    if (notice.code === SYSTEM_CODE.SLOW_READER_WARNING) {
      this.#slowUs = this.#options.clock.nowUs();
      this.#show();
    }
    return undefined;
  }

  onStatus(instrumentId: number, override: StatusOverride): void {
    this.#statuses.set(instrumentId, override);
    this.#show();
  }

  onCaughtUp(): void {
    this.#flowing = true;
    this.#backoff.reset();
    this.#show();
  }

  onEnd(end: GatewayEnd): void {
    const { clock, outlet } = this.#options;
    const session = this.#session;
    const opened = this.#openedUs !== undefined;
    this.#session = undefined;
    this.#openedUs = undefined;
    if (this.#final !== undefined) return;
    const said = this.#lastError === '' ? '' : ` after it said "${this.#lastError}"`;
    this.#trouble = `the gateway ${this.#address.host} ${end.words}${said}`;
    if (opened)
      outlet.frame({ kind: 'lost', name: recordable(this.#trouble), bytes: NO_BYTES, localUs: clock.nowUs() });
    if (opened && session !== undefined && session.replaying.size > 0 && session.records === 0) this.#vainReplays++;
    const sequel = this.#sequel ?? this.#sequelOf(end);
    if (sequel.kind === 'stop') {
      this.#finish(sequel.state);
      return;
    }
    const waitMs = Math.max(this.#backoff.nextMs(), sequel.leastMs);
    this.#trouble += `; trying again in ${(waitMs / 1000).toFixed(1)} s`;
    this.#retry = afterMs(waitMs, () => this.#connect());
    this.#show();
  }

  #connect(): void {
    const { clock, slowReader, connectMs, loginMs, heartbeatS = 10, silenceMs } = this.#options;
    if (this.#vainReplays >= MOST_VAIN_REPLAYS) this.#agedOut ??= 'no replay got through';
    const plan = planSession(this.#schemas, this.symbols, this.#positions, this.#agedOut === undefined);
    this.#sequel = undefined;
    this.#lastError = '';
    this.#session = new LiveSession(
      {
        address: this.#address,
        key: this.#key,
        terms: { dataset: this.dataset, client: CLIENT, heartbeatS, ...(slowReader && { slowReader }) },
        subscriptions: plan.subscriptions,
        clock,
        ...(connectMs !== undefined && { connectMs }),
        ...(loginMs !== undefined && { loginMs }),
        ...(silenceMs !== undefined && { silenceMs }),
      },
      plan,
      this.#positions,
      this.#holes,
      this,
    );
    this.#show();
  }

  #error(code: number, text: string): GatewayEnd | undefined {
    const end: GatewayEnd = { kind: 'closed', words: `reported an error: ${text}` };
    switch (code) {
      case ERROR_CODE.AUTH_FAILED:
      case ERROR_CODE.API_KEY_DEACTIVATED:
        this.#sequel = { kind: 'stop', state: badCredentials(text) };
        return end;
      case ERROR_CODE.INVALID_SUBSCRIPTION:
        this.#sequel = { kind: 'stop', state: refusedRequest(text) };
        return end;
      case ERROR_CODE.CONNECTION_LIMIT_EXCEEDED:
        this.#sequel = this.#afterLimit();
        return end;
      case ERROR_CODE.INTERNAL_ERROR:
        return end;
      case ERROR_CODE.REPLAY_DATA_AGED_OUT:
        this.#agedOut = text;
        return end;
      case ERROR_CODE.SYMBOL_RESOLUTION_FAILED:
        this.#unresolved.add(text);
        this.#show();
        return undefined;
      case ERROR_CODE.SKIPPED_RECORDS_AFTER_SLOW_READING:
        return this.#skipped(text);
      default:
        this.#lastError = text;
        return undefined;
    }
  }

  /** The gateway dropped records: a replay brings them, unless that was just tried. */
  #skipped(text: string): GatewayEnd | undefined {
    const { clock, skipRepairMs = 60_000 } = this.#options;
    const nowUs = clock.nowUs();
    if (nowUs - this.#skippedUs < skipRepairMs * 1000) {
      this.#addHole(nowUs, text);
      this.#show();
      return undefined;
    }
    this.#skippedUs = nowUs;
    return { kind: 'closed', words: `skipped records (${text}); they are asked for again` };
  }

  #sequelOf(end: GatewayEnd): Sequel {
    if (end.kind !== 'login-refused') return { kind: 'retry', leastMs: 0 };
    const text = end.words;
    if (/connection limit|too many/i.test(text)) return this.#afterLimit();
    if (/dataset|entitle|licen[cs]e|subscription|permission/i.test(text))
      return { kind: 'stop', state: refusedRequest(text) };
    return { kind: 'stop', state: badCredentials(text) };
  }

  #afterLimit(): Sequel {
    return { kind: 'retry', leastMs: this.#options.limitMs ?? 30_000 };
  }

  /** What came since the last record is lost to the stream; while the market was closed that is nothing. */
  #addHole(toUs: number, why: string): void {
    this.#vainReplays = 0;
    const latestNs = this.#positions.latestNs();
    if (latestNs === undefined) return;
    const latestUs = Number(latestNs / 1000n);
    const session = this.#calendar?.sessionAt(latestUs);
    if (session !== undefined && session.phase !== 'open' && session.changesUs >= toUs) return;
    const schemas = this.#schemas.map(({ name }) => name);
    const before = this.#positions.rows();
    this.#openHole({ fromUs: latestUs, toUs, schemas, symbols: this.symbols, why, before, firstUs: new Map() });
  }

  #openHole(hole: LiveHole): void {
    this.#holes.add(hole);
    this.#options.onHole?.(hole);
  }

  /** Time has passed: is it time to resolve symbols again, and is what is shown still so? */
  #look(): void {
    if (this.#rollUs !== undefined && this.#options.clock.nowUs() >= this.#rollUs) {
      this.#rollUs = this.#nextRoll();
      if (this.#openedUs !== undefined) {
        this.#session?.end({ kind: 'stopped', words: 'was left so that it resolves symbols again' });
      }
    }
    this.#show();
  }

  #nextRoll(): number | undefined {
    const { clock, rollCheck } = this.#options;
    const calendar = this.#calendar;
    const nowUs = clock.nowUs();
    if (rollCheck !== undefined) return rollCheck(nowUs);
    return calendar === undefined ? undefined : nextRollCheckUs(calendar, nowUs);
  }

  #finish(state: FeedState): void {
    this.#final = state;
    this.#retry?.();
    this.#tick?.();
    this.#show();
  }

  #show(): void {
    const { clock, outlet, staleMs = 30_000 } = this.#options;
    const nowUs = clock.nowUs();
    const state =
      this.#final ??
      liveState({
        nowUs,
        session: this.#calendar?.sessionAt(nowUs, this.#statusNow()),
        connectedUs: this.#openedUs,
        trouble: this.#trouble,
        dataUs: this.#dataUs,
        flowing: this.#flowing,
        replaying: [...(this.#session?.replaying ?? [])].map(({ name }) => name),
        slowUs: this.#slowUs,
        holes: this.#holes.all,
        filling: this.#filling,
        unresolved: [...this.#unresolved],
        staleMs,
      });
    if (state.condition === this.#shown?.condition && state.words === this.#shown.words) return;
    this.#shown = state;
    outlet.state(state);
  }

  /** The venue's word on all instruments together: trading while one of them trades, else the latest word. */
  #statusNow(): StatusOverride | undefined {
    const statuses = [...this.#statuses.values()];
    const trading = statuses.filter(({ status }) => status === 'trading');
    return (trading.length > 0 ? trading : statuses).toSorted((a, b) => a.sinceUs - b.sinceUs).at(-1);
  }
}

/** What the feed calls itself at login. */
const CLIENT = 'fathom';

/** Words that fit the text of a DBN record, in which a capture keeps them. */
function recordable(words: string): string {
  return words.replace(/[^ -~]/g, '?').slice(0, 240);
}
