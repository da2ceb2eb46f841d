/**
 * A price as it changed: times in µs, strictly ascending, and the natural logarithm of the mid from that time on. The first
 * entry is where the price stood at the start; each later one is a change. At least one entry.
 */
export interface MidSeries {
  readonly timesUs: Float64Array;
  readonly logMids: Float64Array;
}

/**
 * Hayashi-Yoshida covariance of two series that change at different times, the second one moved back by a lag: the sum of
 * dX·dY over all pairs of changes whose intervals (last change, this change] intersect, without interpolation. With a
 * positive lag at its maximum, `y` repeats `x` that much later. O(n + m): the changes of `y` that one interval of `x` meets
 * are neighbours, so their sum is a difference of two mids.
 *
 * Source: Hayashi, Yoshida (2005), On covariance estimation of non-synchronously observed diffusion processes, Bernoulli
 * 11(2); with a lag the contrast of Hoffmann, Rosenbaum, Yoshida (2013), Bernoulli 19(2).
 * @param from first change of `x` that counts, ≥ 1; @param to change of `x` before which it ends. Sums over parts add up to the whole
 */
export function laggedCovariance(
  x: MidSeries,
  y: MidSeries,
  lagUs: number,
  from = 1,
  to: number = x.timesUs.length,
): number {
  const { timesUs: xTimes, logMids: xMids } = x;
  const { timesUs: yTimes, logMids: yMids } = y;
  const last = yTimes.length - 1;
  let known = from < to ? lastAtOrBefore(yTimes, xTimes[from - 1]! + lagUs) : 0;
  let next = known;
  let leftUs = xTimes[from - 1]! + lagUs;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const rightUs = xTimes[i]! + lagUs;
    while (known < last && yTimes[known + 1]! <= leftUs) known++;
    while (next < last && yTimes[next]! < rightUs) next++;
    sum += (xMids[i]! - xMids[i - 1]!) * (yMids[next]! - yMids[known]!);
    leftUs = rightUs;
  }
  return sum;
}

/** Sum of the squared changes: the variance that turns a covariance into a correlation. */
export function realisedVariance({ logMids }: MidSeries): number {
  let sum = 0;
  for (let i = 1; i < logMids.length; i++) sum += (logMids[i]! - logMids[i - 1]!) ** 2;
  return sum;
}

/** Hayashi-Yoshida correlation at a lag; absent (NaN) where one of the two never moved. */
export function laggedCorrelation(x: MidSeries, y: MidSeries, lagUs: number): number {
  return laggedCovariance(x, y, lagUs) / Math.sqrt(realisedVariance(x) * realisedVariance(y));
}

/** Index of the last time that is not after `us`; 0 where there is none. */
function lastAtOrBefore(timesUs: Float64Array, us: number): number {
  let low = 0;
  let high = timesUs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (timesUs[middle]! <= us) low = middle;
    else high = middle - 1;
  }
  return low;
}
