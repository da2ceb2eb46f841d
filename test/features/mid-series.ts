import type { MidSeries } from '../../main/features/hayashi-yoshida.ts';

/** A series of prices at times. */
export function series(points: readonly (readonly [us: number, price: number])[]): MidSeries {
  return {
    timesUs: Float64Array.from(points, ([us]) => us),
    logMids: Float64Array.from(points, ([, price]) => Math.log(price)),
  };
}

/** The definition, word for word: every pair of changes whose intervals intersect. */
export function plainCovariance(x: MidSeries, y: MidSeries, lagUs: number): number {
  let sum = 0;
  for (let i = 1; i < x.timesUs.length; i++) {
    for (let j = 1; j < y.timesUs.length; j++) {
      const left = Math.max(x.timesUs[i - 1]!, y.timesUs[j - 1]! - lagUs);
      const right = Math.min(x.timesUs[i]!, y.timesUs[j]! - lagUs);
      if (left < right) sum += (x.logMids[i]! - x.logMids[i - 1]!) * (y.logMids[j]! - y.logMids[j - 1]!);
    }
  }
  return sum;
}
