import { DbnError } from '../../codec/dbn/error.ts';
import { type DbnVersion, RTYPE, SYSTEM_CODE, WORD } from '../../codec/dbn/layout.ts';
import type { DbnMetadata } from '../../codec/dbn/metadata.ts';
import { tsUs } from '../../codec/dbn/read-words.ts';
import type { StatusOverride } from '../../core/calendar/session-calendar.ts';
import type { Clock } from '../../core/clock/clock.ts';
import { type GatewayEnd, type GatewaySink, LiveGateway, type LiveGatewayOptions } from './live-gateway.ts';
import type { LiveHoles } from './live-holes.ts';
import { blank, type GatewayNotice, isNotice, readNotice } from './live-notices.ts';
import { type LiveSchema, rtypesNamedIn } from './live-schemas.ts';
import { type CutRecords, type CutSink, RecordCutter } from './record-cutter.ts';
import type { ReplayPositions } from './replay-positions.ts';
import type { SessionPlan } from './session-plan.ts';
import { venueStatus } from './venue-status.ts';

/** What a session has to say to its feed. */
export interface LiveSessionEvents {
  onOpened(): void;
  /** The metadata, or whole records of which none came before; the bytes are the receiver's. */
  onBytes(bytes: Uint8Array, localUs: number): void;
  /** @returns an end where the notice is a reason to leave the session */
  onNotice(notice: GatewayNotice): GatewayEnd | undefined;
  onStatus(instrumentId: number, override: StatusOverride): void;
  /** The replay of the last schema that had one has caught up. */
  onCaughtUp(): void;
  onEnd(end: GatewayEnd): void;
}

/**
 * A record of an event that is so much later than the session's start was never part of a replay: with its schema delivered in
 * order, that one has caught up, whether the gateway says so or not. More than clocks differ by.
 */
const SURELY_LIVE_US = 5_000_000;

/** Records that say something of the market's state, as opposed to what is said of instruments and sessions. */
export const DESCRIBING: ReadonlySet<number> = new Set([RTYPE.INSTRUMENT_DEF, RTYPE.STATUS, RTYPE.STATISTICS]);

/**
 * One session with the gateway from login to its end: cuts its stream into records, drops those that a replay repeats, and
 * reads what the gateway says of itself. Records are dropped here, before anything is handed out, so that a capture of what
 * was handed out plays again without knowing of replays.
 */
export class LiveSession implements GatewaySink, CutSink {
  /** Local time of the last market record, 0 before the first. */
  dataUs = 0;
  /** Market records handed out. */
  records = 0;
  readonly replaying: Set<LiveSchema>;
  readonly #events: LiveSessionEvents;
  readonly #positions: ReplayPositions;
  readonly #holes: LiveHoles;
  readonly #key: string;
  readonly #cutter = new RecordCutter();
  readonly #gateway: LiveGateway;
  #version: DbnVersion = 3;
  #localUs = 0;
  #startedUs = Number.POSITIVE_INFINITY;
  readonly #clock: Clock;
  #ended = false;

  /** Begins to connect at once. */
  constructor(
    options: LiveGatewayOptions,
    plan: SessionPlan,
    positions: ReplayPositions,
    holes: LiveHoles,
    events: LiveSessionEvents,
  ) {
    this.#events = events;
    this.#positions = positions;
    this.#holes = holes;
    this.#key = options.key;
    this.#clock = options.clock;
    this.replaying = new Set(plan.replaying);
    positions.expectRepeats(plan.repeating);
    this.#gateway = new LiveGateway(options, this);
  }

  /** Ends the session for a reason of the feed's own; `onEnd` is called before this returns. */
  end(end: GatewayEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#gateway.close();
    this.#events.onEnd(end);
  }

  onSession(): void {
    this.#startedUs = this.#clock.nowUs();
    this.#events.onOpened();
  }

  onBytes(bytes: Uint8Array, localUs: number): void {
    this.#localUs = localUs;
    this.#positions.beginChunk();
    try {
      this.#cutter.push(bytes, this);
    } catch (error) {
      if (!(error instanceof DbnError)) throw error;
      this.end({ kind: 'closed', words: `sent bytes that are no DBN records (${error.message})` });
    }
  }

  onMetadata(block: Uint8Array, metadata: DbnMetadata): void {
    this.#version = metadata.version;
    this.#events.onBytes(block, this.#localUs);
  }

  onRecords({ bytes, words }: CutRecords): void {
    const wereReplaying = this.replaying.size > 0;
    let verdict: GatewayEnd | undefined;
    let kept = 0;
    for (let at = 0, length = 0; at < words.length && verdict === undefined; at += length) {
      const head = words[at]!;
      const rtype = (head >>> 8) & 0xff;
      length = head & 0xff;
      if (isNotice(rtype)) verdict = this.#notice(bytes.subarray(at * 4, (at + length) * 4));
      else if (this.#positions.admit(words, at)) this.#admitted(words, at, rtype);
      else continue;
      if (kept !== at) words.copyWithin(kept, at, at + length);
      kept += length;
    }
    if (kept > 0) this.#events.onBytes(kept * 4 === bytes.length ? bytes : bytes.subarray(0, kept * 4), this.#localUs);
    if (this.#ended) return;
    if (wereReplaying && this.replaying.size === 0) this.#events.onCaughtUp();
    if (verdict !== undefined) this.end(verdict);
  }

  onEnd(end: GatewayEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.onEnd(end);
  }

  #admitted(words: Int32Array, at: number, rtype: number): void {
    if (rtype === RTYPE.STATUS) {
      const status = venueStatus(words, at);
      const sinceUs = tsUs(words, at + WORD.TS_EVENT);
      if (status !== undefined) this.#events.onStatus(words[at + WORD.INSTRUMENT_ID]! >>> 0, { status, sinceUs });
    }
    if (this.#holes.watching) this.#holes.note(rtype, tsUs(words, at + WORD.TS_EVENT));
    if (this.replaying.size > 0 && tsUs(words, at + WORD.TS_EVENT) > this.#startedUs + SURELY_LIVE_US) {
      this.#caughtUp([rtype]);
    }
    if (DESCRIBING.has(rtype)) return;
    this.records++;
    this.dataUs = this.#localUs;
  }

  #notice(record: Uint8Array): GatewayEnd | undefined {
    if (record[1] !== RTYPE.SYMBOL_MAPPING) blank(record, this.#key);
    const notice = readNotice(record, 0, this.#version);
    if (notice.kind === 'system' && notice.code === SYSTEM_CODE.REPLAY_COMPLETED) {
      this.#caughtUp(rtypesNamedIn(notice.text));
    }
    return this.#events.onNotice(notice);
  }

  /** @param rtypes of the schemas whose replay is complete; a notice that names none speaks of all */
  #caughtUp(rtypes: readonly number[]): void {
    if (rtypes.length === 0) this.#positions.forgetRepeats();
    for (const rtype of rtypes) this.#positions.forgetRepeats(rtype);
    for (const schema of this.replaying) {
      if (rtypes.length === 0 || rtypes.includes(schema.rtype)) this.replaying.delete(schema);
    }
  }
}
