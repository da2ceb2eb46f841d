import { DbnRecordWriter } from '../../codec/dbn/write-record.ts';
import type { Clock } from '../../core/clock/clock.ts';
import { type Cancel, everyMs } from '../../core/clock/wall-timer.ts';
import { SimulatedMarket, type SimulatedMarketOptions, type SimulatedMarketSnapshot } from './simulated-market.ts';

/** Wall time between two looks at the market. */
const TICK_MS = 5;
/** Market time that is caught up in one step, after a stall or a sleep of the machine. */
const MOST_CATCH_UP_US = 2_000_000;
/** Wall time that catching up may take of one tick: timers and clients get their turn in between. */
const CATCH_UP_TURN_US = 8_000;

export interface SimulatedFeedOptions extends Omit<SimulatedMarketOptions, 'startUs'> {
  readonly clock: Clock;
  /**
   * Takes a chunk of the DBN stream and the market time that it reaches; records carry their own receive times up to it.
   * The chunk is the callback's to keep.
   */
  readonly push: (chunk: Uint8Array, reachedUs: number) => void;
  /** Market time before now at which a new market begins, played first as fast as it goes: charts are not empty then. */
  readonly warmUpUs: number;
  /** Goes on with an earlier market instead of beginning a new one. */
  readonly resume?: SimulatedFeedSnapshot | undefined;
}

/** A market to go on with after the program was stopped. */
export interface SimulatedFeedSnapshot {
  readonly startUs: number;
  readonly reachedUs: number;
  readonly market: SimulatedMarketSnapshot;
}

/** The simulated market as a live source: whatever has happened by each wall tick is pushed on. */
export class SimulatedFeed {
  readonly market: SimulatedMarket;
  readonly #clock: Clock;
  readonly #push: SimulatedFeedOptions['push'];
  readonly #out = new DbnRecordWriter(1 << 20);
  readonly #startUs: number;
  #reachedUs: number;
  #cancel: Cancel | undefined;

  constructor(options: SimulatedFeedOptions) {
    this.#clock = options.clock;
    this.#push = options.push;
    this.#startUs = options.resume?.startUs ?? options.clock.nowUs() - options.warmUpUs;
    this.#reachedUs = options.resume?.reachedUs ?? this.#startUs;
    this.market = new SimulatedMarket({ ...options, startUs: this.#startUs });
    if (options.resume !== undefined) this.market.restore(options.resume.market);
  }

  /** The market has not caught up with the clock yet: a warm-up, or after a stall. */
  get catchingUp(): boolean {
    return this.#clock.nowUs() - this.#reachedUs > MOST_CATCH_UP_US;
  }

  /** Market time up to which every record has been pushed. */
  get reachedUs(): number {
    return this.#reachedUs;
  }

  /** Pushes the prologue at once and records from then on until `stop`. */
  start(): void {
    if (this.#cancel !== undefined)
      throw new Error('The simulated feed runs already; stop it before starting it again.');
    this.market.prologue(this.#out);
    this.#flush();
    this.#cancel = everyMs(TICK_MS, () => this.#advance(), { unref: true });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** What `resume` takes. */
  snapshot(): SimulatedFeedSnapshot {
    return { startUs: this.#startUs, reachedUs: this.#reachedUs, market: this.market.snapshot() };
  }

  #advance(): void {
    const turnEndsUs = this.#clock.nowUs() + CATCH_UP_TURN_US;
    do {
      this.#reachedUs = Math.min(this.#clock.nowUs(), this.#reachedUs + MOST_CATCH_UP_US);
      if (this.market.advanceTo(this.#reachedUs, this.#out) > 0) this.#flush();
    } while (this.catchingUp && this.#clock.nowUs() < turnEndsUs);
  }

  #flush(): void {
    const chunk = this.#out.written().slice();
    this.#out.clear();
    this.#push(chunk, this.#reachedUs);
  }
}
