import { NANO } from '../../../shared/units.ts';
import { ACTION, FLAG, SIDE } from '../../codec/dbn/layout.ts';
import type { DbnRecordWriter } from '../../codec/dbn/write-record.ts';
import { Random, type RandomSnapshot } from '../../core/clock/random.ts';
import type { Arrival } from './arrival.ts';
import type { MarketSpec } from './market-spec.ts';

/** How far single quotes are early or late around the lag, in microseconds. */
const JITTER_US = 6_000;
/** Numbers that one waiting quote takes: when it comes out, implied mid, half spread in pips. */
const SLOT = 3;

interface SpotState {
  head: number;
  tail: number;
  lastDueUs: number;
  bid: number;
  ask: number;
  latencyUs: number;
}

export interface SpotSnapshot {
  readonly ring: Float64Array;
  readonly state: SpotState;
  readonly random: RandomSnapshot;
}

/**
 * Quotes of one spot pair: whatever the future's mid implies (one over it where the pair is inverted), plus the basis,
 * comes out again a settable lag later, as a dealer's bid and ask in whole ticks. Times are microseconds of the run.
 */
export class SpotQuotes {
  readonly #spec: MarketSpec;
  readonly #arrival: Arrival;
  readonly #lagUs: number;
  readonly #random: Random;
  readonly #level = new Float64Array(6);
  #ring = new Float64Array(256 * SLOT);
  #state: SpotState = { head: 0, tail: 0, lastDueUs: 0, bid: 0, ask: 0, latencyUs: 0 };

  constructor(spec: MarketSpec, seed: number, lagUs: number, arrival: Arrival) {
    this.#spec = spec;
    this.#arrival = arrival;
    this.#lagUs = lagUs;
    this.#random = new Random(seed, spec.spot.instrumentId);
  }

  /** When the next quote comes out; Infinity when none waits. */
  get nextUs(): number {
    const { head, tail } = this.#state;
    return head === tail ? Number.POSITIVE_INFINITY : this.#ring[head * SLOT]!;
  }

  /** When the next quote arrives if nothing comes between. */
  get arrivalUs(): number {
    return this.#arrival.arrivalUs(this.nextUs, this.#state.latencyUs);
  }

  /** The future's best prices changed at `us`: a quote will follow. Prices in ticks, basis in pips. */
  follow(us: number, bidTicks: number, askTicks: number, basisPips: number, widening: number): void {
    const state = this.#state;
    const jitter = (this.#random.nextFraction() * 2 - 1) * Math.min(JITTER_US, this.#lagUs);
    state.lastDueUs = Math.max(state.lastDueUs, us + this.#lagUs + jitter);
    const { spot } = this.#spec;
    const mid = this.#impliedMid(bidTicks, askTicks) + (basisPips * spot.pipNano) / NANO;
    const slot = state.tail * SLOT;
    this.#ring[slot] = state.lastDueUs;
    this.#ring[slot + 1] = mid;
    this.#ring[slot + 2] = (spot.spreadPips * widening) / 2;
    state.tail = (state.tail + 1) % (this.#ring.length / SLOT);
    if (state.tail === state.head) this.#grow();
  }

  /** Brings the next waiting quote out. Returns the number of records written: none when it is the same as the last. */
  step(out: DbnRecordWriter): number {
    const state = this.#state;
    const slot = state.head * SLOT;
    const dueUs = this.#ring[slot]!;
    const written = this.#quote(out, dueUs, this.#ring[slot + 1]!, this.#ring[slot + 2]!);
    state.head = (state.head + 1) % (this.#ring.length / SLOT);
    return written;
  }

  /** The first quote, as an image, from the future's opening book. */
  image(out: DbnRecordWriter, bidTicks: number, askTicks: number, basisPips: number): number {
    const { spot } = this.#spec;
    const mid = this.#impliedMid(bidTicks, askTicks) + (basisPips * spot.pipNano) / NANO;
    return this.#quote(out, 0, mid, spot.spreadPips / 2, FLAG.SNAPSHOT);
  }

  /** Forgets the quotes that wait. */
  clear(): void {
    this.#state.head = this.#state.tail;
  }

  snapshot(): SpotSnapshot {
    return { ring: this.#ring.slice(), state: { ...this.#state }, random: this.#random.snapshot() };
  }

  restore(snapshot: SpotSnapshot): void {
    this.#ring = snapshot.ring.slice();
    this.#state = { ...snapshot.state };
    this.#random.restore(snapshot.random);
  }

  #impliedMid(bidTicks: number, askTicks: number): number {
    const mid = ((bidTicks + askTicks) * this.#spec.tickNano) / (2 * NANO);
    return this.#spec.spot.inverted ? 1 / mid : mid;
  }

  #quote(out: DbnRecordWriter, dueUs: number, mid: number, halfSpreadPips: number, flags = 0): number {
    const state = this.#state;
    const { spot } = this.#spec;
    const tick = spot.tickNano / NANO;
    const half = (halfSpreadPips * spot.pipNano) / NANO;
    const bid = Math.round((mid - half) / tick);
    const ask = Math.max(bid + 1, Math.round((mid + half) / tick));
    if (bid === state.bid && ask === state.ask) return 0;
    const side = ask === state.ask ? SIDE.BID : bid === state.bid ? SIDE.ASK : SIDE.NONE;
    const level = this.#level;
    level[0] = bid * spot.tickNano;
    level[1] = ask * spot.tickNano;
    level[2] = 10 + this.#random.nextInt(40);
    level[3] = 10 + this.#random.nextInt(40);
    level[4] = 1;
    level[5] = 1;
    const sequence = this.#arrival.stamp(out, dueUs, state.latencyUs);
    const at = side === SIDE.ASK ? 1 : 0;
    out.mbp1(
      ACTION.MODIFY,
      side,
      FLAG.LAST | FLAG.TOB | flags,
      0,
      level[at]!,
      level[at + 2]!,
      this.#arrival.tsInDeltaNs,
      sequence,
      level,
    );
    state.bid = bid;
    state.ask = ask;
    state.latencyUs = this.#arrival.latencyUs();
    return 1;
  }

  #grow(): void {
    const old = this.#ring;
    const { head } = this.#state;
    const ring = new Float64Array(old.length * 2);
    ring.set(old.subarray(head * SLOT));
    ring.set(old.subarray(0, head * SLOT), old.length - head * SLOT);
    this.#ring = ring;
    this.#state.head = 0;
    this.#state.tail = old.length / SLOT;
  }
}
