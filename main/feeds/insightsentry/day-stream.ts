import { DAY_US } from '../../../shared/units.ts';
import { usedWords, VendorStream, type VendorStreamOptions } from './vendor-stream.ts';

/**
 * A stream of the vendor from day to day (UTC): begun while the day's connections allow it, given up for the day when they
 * are used or it is refused, and begun anew on the next. It has at most one connection at a time.
 */
export class DayStream {
  readonly #options: VendorStreamOptions;
  #stream: VendorStream | undefined;
  #words = '';
  /** From when on a stream may be begun, µs. */
  #fromUs: number;
  #stopped = false;

  /** @param fromUs not begun earlier, µs */
  constructor(options: VendorStreamOptions, fromUs: number) {
    this.#options = options;
    this.#fromUs = fromUs;
  }

  get live(): boolean {
    return this.#stream?.state.condition === 'live';
  }

  /** How it is, or why it is not. */
  get words(): string {
    return this.#words;
  }

  /** When it wants to be begun, µs; infinite while it is up or trying. */
  get dueUs(): number {
    return this.#fromUs;
  }

  async beginWhereDue(): Promise<void> {
    const { clock, cache, connectionsADay } = this.#options;
    const nowUs = clock.nowUs();
    if (nowUs < this.#fromUs) return;
    await this.#stream?.stop();
    if (this.#stopped) return;
    if (cache.connectionsOfDay(nowUs) >= connectionsADay) {
      this.#fromUs = nextDayUs(nowUs);
      this.#words = usedWords(connectionsADay);
      return;
    }
    const stream = new VendorStream({ ...this.#options, onChange: () => this.#changed(stream) });
    this.#stream = stream;
    this.#fromUs = Number.POSITIVE_INFINITY;
    stream.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#stream?.stop();
  }

  #changed({ state }: VendorStream): void {
    if (state.condition === 'off') this.#fromUs = nextDayUs(this.#options.clock.nowUs());
    this.#words = state.words;
    this.#options.onChange();
  }
}

function nextDayUs(us: number): number {
  return (Math.floor(us / DAY_US) + 1) * DAY_US;
}
