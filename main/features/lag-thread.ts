import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LagEstimate } from '../core/lag-port.ts';
import type { MidSeries } from './hayashi-yoshida.ts';
import type { LagCalculator } from './lag-stage.ts';
import { estimateLag } from './lead-lag.ts';

export interface LagRequest {
  readonly id: number;
  readonly signal: MidSeries;
  readonly execution: MidSeries;
}

export interface LagAnswer {
  readonly id: number;
  readonly estimate: LagEstimate;
}

/** Measures a lag when the answer is asked for: where engine time is not the clock's, nothing else keeps up with it. */
export const LAG_AT_ONCE: LagCalculator = {
  ask: (signal, execution) => () => estimateLag(signal, execution),
};

export interface LagThreadOptions {
  /** Whether engine time runs by itself just now (a replay, a warm-up): lags are then measured on the engine's own thread. */
  readonly atOnce: () => boolean;
  /** The thread failed; from then on every answer is missing. */
  readonly onFault: (words: string) => void;
}

/** Measures lags in a worker thread, so that the engine never waits for them. */
export class LagThread implements LagCalculator {
  readonly #options: LagThreadOptions;
  readonly #answers = new Map<number, (estimate: LagEstimate) => void>();
  #worker: Worker | undefined;
  #next = 1;
  #gone = false;

  constructor(options: LagThreadOptions) {
    this.#options = options;
  }

  ask(signal: MidSeries, execution: MidSeries): () => LagEstimate | undefined {
    if (this.#options.atOnce()) return LAG_AT_ONCE.ask(signal, execution);
    if (this.#gone) return () => undefined;
    // Begun by the first question: a start after a crash has no processor to spare for it.
    this.#worker ??= this.#begin();
    let answer: LagEstimate | undefined;
    const id = this.#next++;
    this.#answers.set(id, (estimate) => {
      answer = estimate;
    });
    this.#worker.postMessage({ id, signal, execution } satisfies LagRequest);
    return () => answer;
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    this.#gone = true;
    await this.#worker?.terminate();
  }

  #begin(): Worker {
    const url = new URL(`../features/lag-worker${extname(import.meta.filename)}`, import.meta.url);
    const worker = new Worker(url, { name: 'fathom-lags' });
    worker.on('message', ({ id, estimate }: LagAnswer) => {
      this.#answers.get(id)?.(estimate);
      this.#answers.delete(id);
    });
    worker.on('error', (error: Error) => {
      this.#gone = true;
      this.#answers.clear();
      this.#options.onFault(
        `Lags are no longer measured, their thread failed (${error.message}); first guesses are used.`,
      );
    });
    return worker;
  }
}
