import { LiveClock } from '../../core/clock/live-clock.ts';

const WIDTH = 30;
const REDRAW_US = 100_000;
/** Work that is done sooner shows no bar. */
const PATIENCE_US = 500_000;

/** A progress bar on a terminal's stderr; where stderr is no terminal it does nothing. */
export class ProgressBar {
  readonly #stream: NodeJS.WriteStream;
  readonly #label: string;
  readonly #clock = new LiveClock();
  #dueUs: number;
  #drawn = false;

  constructor(stream: NodeJS.WriteStream, label: string) {
    this.#stream = stream;
    this.#label = label;
    this.#dueUs = this.#clock.monotonicUs() + PATIENCE_US;
  }

  /** Bound, so that it can be handed on as a callback. */
  readonly update = (done: number, total: number): void => {
    if (!this.#stream.isTTY || total <= 0) return;
    const nowUs = this.#clock.monotonicUs();
    if (nowUs < this.#dueUs) return;
    this.#dueUs = nowUs + REDRAW_US;
    const share = Math.min(1, done / total);
    const filled = Math.round(share * WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    this.#stream.write(`\r${this.#label} ${bar} ${String(Math.floor(share * 100)).padStart(3)} %`);
    this.#drawn = true;
  };

  /** Takes the bar off the screen. */
  end(): void {
    if (this.#drawn) this.#stream.write('\r\x1b[K');
    this.#drawn = false;
  }
}
