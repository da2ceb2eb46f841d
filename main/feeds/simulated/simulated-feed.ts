import { DbnRecordWriter } from '../../codec/dbn/write-record.ts';
import type { Clock } from '../../core/clock/clock.ts';
import { type Cancel, everyMs } from '../../core/clock/wall-timer.ts';
import { SimulatedMarket, type SimulatedMarketOptions } from './simulated-market.ts';

/** Wall time between two looks at the market. */
const TICK_MS = 5;
/** Market time that one tick may catch up: after a stall or a sleep of the machine the rest follows tick by tick. */
const MOST_CATCH_UP_US = 1_000_000;

export interface SimulatedFeedOptions extends Omit<SimulatedMarketOptions, 'startUs'> {
  readonly clock: Clock;
  /** Takes a chunk of the DBN stream and when it was received; the chunk is the callback's to keep. */
  readonly push: (chunk: Uint8Array, localUs: number) => void;
}

/** The simulated market as a live source: it starts now, and whatever has happened by each wall tick is pushed on. */
export class SimulatedFeed {
  readonly market: SimulatedMarket;
  readonly #clock: Clock;
  readonly #push: SimulatedFeedOptions['push'];
  readonly #out = new DbnRecordWriter(1 << 20);
  #reachedUs: number;
  #cancel: Cancel | undefined;

  constructor(options: SimulatedFeedOptions) {
    this.#clock = options.clock;
    this.#push = options.push;
    this.#reachedUs = options.clock.nowUs();
    this.market = new SimulatedMarket({ ...options, startUs: this.#reachedUs });
  }

  /** Pushes the prologue at once and records from then on until `stop`. */
  start(): void {
    if (this.#cancel !== undefined)
      throw new Error('The simulated feed runs already; stop it before starting it again.');
    this.market.prologue(this.#out);
    this.#flush(this.#clock.nowUs());
    this.#cancel = everyMs(TICK_MS, () => this.#advance(), { unref: true });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #advance(): void {
    const nowUs = this.#clock.nowUs();
    this.#reachedUs = Math.min(nowUs, this.#reachedUs + MOST_CATCH_UP_US);
    if (this.market.advanceTo(this.#reachedUs, this.#out) > 0) this.#flush(nowUs);
  }

  #flush(nowUs: number): void {
    const chunk = this.#out.written().slice();
    this.#out.clear();
    this.#push(chunk, nowUs);
  }
}
