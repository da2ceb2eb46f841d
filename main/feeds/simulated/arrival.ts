import type { DbnRecordWriter } from '../../codec/dbn/write-record.ts';
import { Random, type RandomSnapshot } from '../../core/clock/random.ts';

export interface ArrivalSnapshot {
  readonly lastUs: number;
  readonly sequence: number;
  readonly random: RandomSnapshot;
}

/** Least latency from the matching engine to the receiver and the span of the jitter above it, in microseconds. */
const LEAST_LATENCY_US = 45;
const JITTER_US = 60;
/** Part of the latency that lies between the venue's sending and the receipt, in nanoseconds. */
const WIRE_NS = 16_000;

/**
 * When records arrive: event time plus a small latency, never before what arrived earlier. Times here are microseconds
 * since the run's start with a fraction, so that nanoseconds survive in a double.
 */
export class Arrival {
  /** ts_in_delta of every record. */
  readonly tsInDeltaNs = WIRE_NS;
  readonly #startUs: number;
  readonly #random: Random;
  #lastUs = 0;
  #sequence = 0;

  constructor(startUs: number, seed: number) {
    this.#startUs = startUs;
    this.#random = new Random(seed, 2);
  }

  /** Latency of the next event of a source, drawn when the event is scheduled. */
  latencyUs(): number {
    return LEAST_LATENCY_US + this.#random.nextFraction() * JITTER_US;
  }

  /** When an event would arrive if it were the next one. */
  arrivalUs(eventUs: number, latencyUs: number): number {
    return Math.max(this.#lastUs, eventUs + latencyUs);
  }

  /** Stamps the records that follow and numbers their event. Returns the sequence number. */
  stamp(out: DbnRecordWriter, eventUs: number, latencyUs: number): number {
    const arrivalUs = this.arrivalUs(eventUs, latencyUs);
    this.#lastUs = arrivalUs;
    const event = Math.floor(eventUs);
    const arrival = Math.floor(arrivalUs);
    out.time(
      this.#startUs + event,
      Math.floor((eventUs - event) * 1000),
      this.#startUs + arrival,
      Math.floor((arrivalUs - arrival) * 1000),
    );
    this.#sequence = (this.#sequence + 1) >>> 0;
    return this.#sequence;
  }

  snapshot(): ArrivalSnapshot {
    return { lastUs: this.#lastUs, sequence: this.#sequence, random: this.#random.snapshot() };
  }

  restore(snapshot: ArrivalSnapshot): void {
    this.#lastUs = snapshot.lastUs;
    this.#sequence = snapshot.sequence;
    this.#random.restore(snapshot.random);
  }
}
