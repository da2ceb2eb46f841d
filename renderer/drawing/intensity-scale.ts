/** Shades of one side, quiet to loud, as 32-bit pixels (ABGR in memory order of ImageData). */
import type { Rgb } from '../theme/palette.ts';

export const SHADES = 64;

/** Interpolates colour stops into a look-up table of opaque pixels. */
export function shadesOf(stops: readonly Rgb[]): Uint32Array {
  const table = new Uint32Array(SHADES);
  for (let i = 0; i < SHADES; i++) {
    const at = (i / (SHADES - 1)) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(at));
    const part = at - low;
    const from = stops[low]!;
    const to = stops[low + 1]!;
    const channel = (k: 0 | 1 | 2): number => Math.round(from[k] + (to[k] - from[k]) * part);
    table[i] = ((255 << 24) | (channel(2) << 16) | (channel(1) << 8) | channel(0)) >>> 0;
  }
  return table;
}

/** Steps that the scale tells apart below its loudest size: sizes of coins are millions of lots, and as few steps. */
const STEPS = 512;

/**
 * Shade of a size on a logarithmic scale whose loudest shade is `loud` lots. Size 0 is shade 0, one lot already differs
 * from nothing.
 */
export function shadeOf(lots: number, loud: number): number {
  if (!(lots > 0)) return 0;
  const step = Math.max(1, loud / STEPS);
  const shade = Math.round((Math.log1p(lots / step) / Math.log1p(loud / step)) ** 3 * (SHADES - 1));
  return Math.min(SHADES - 1, Math.max(1, shade));
}

/**
 * The loudest size of the scale: the next rung of a ladder of round sizes above the 98th percentile of the sizes seen.
 * It stays where it is until the percentile has left its rung by a margin, so that the picture doesn't flicker.
 */
export function steadyLoud(current: number, percentile98: number): number {
  if (!(percentile98 > 0)) return current;
  const rung = 2 ** Math.ceil(Math.log2(percentile98 * 1.25));
  if (current === 0) return rung;
  if (percentile98 > current * 1.1 || percentile98 < current * 0.4) return rung;
  return current;
}

/** Percentile of the first `count` values of `sizes`, which is sorted in place. */
export function percentileOf(sizes: Float64Array, count: number, share: number): number {
  if (count === 0) return 0;
  const part = sizes.subarray(0, count).sort();
  return part[Math.min(count - 1, Math.floor(share * count))]!;
}
