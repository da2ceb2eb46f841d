import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** One figure of a bench run. */
export interface Figure {
  readonly value: number;
  readonly unit: string;
}

export type Figures = Record<string, Figure>;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of live heap after two full collections. */
export function liveHeapBytes(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** Bytes of heap in use now, garbage included. */
export function usedHeapBytes(): number {
  return getHeapStatistics().used_heap_size;
}

/**
 * Rate of work in items per second: the best of several rounds after a warm-up, since the machine's other work only ever
 * slows a round down.
 */
export function rate(items: number, rounds: number, work: () => void): number {
  work();
  let best = 0;
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now();
    work();
    best = Math.max(best, items / ((performance.now() - startedMs) / 1000));
  }
  return best;
}

/** The same for work that waits, or that tells itself how many milliseconds of it count. */
export async function rateOf(items: number, rounds: number, work: () => Promise<number> | number): Promise<number> {
  await work();
  let best = 0;
  for (let round = 0; round < rounds; round++) best = Math.max(best, items / ((await work()) / 1000));
  return best;
}

/** Value at a share 0…1 of the sorted samples. */
export function quantile(samples: Float64Array, share: number): number {
  const sorted = samples.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
