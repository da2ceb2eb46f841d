import { MS_US, SECOND_US } from '../../shared/units.ts';
import { Random } from '../core/clock/random.ts';
import type { LagEstimate } from '../core/lag-port.ts';
import { laggedCovariance, type MidSeries, realisedVariance } from './hayashi-yoshida.ts';

/**
 * Lags that are looked at: a second ahead to two seconds behind, then finely around the best of them. The coarse steps are
 * as wide as the peak of two markets whose quotes flicker: with 50 ms a lag between two steps is missed now and then.
 */
const FROM_US = -SECOND_US;
const TO_US = 2 * SECOND_US;
const COARSE_US = 20 * MS_US;
const FINE_US = 5 * MS_US;
/** Below these nothing is measured. */
const LEAST_CHANGES = 200;
const LEAST_CORRELATION = 0.1;

const BLOCKS = 16;
const RESAMPLES = 200;
/** A resample agrees with the estimate when its own is no farther away. */
const AGREES_US = 2 * FINE_US;
/** The bootstrap's draws are the same in every run: the estimate is a function of its input. */
const SEED = 1;

/**
 * How long `execution` follows `signal`: the lag θ at which the absolute Hayashi-Yoshida contrast |U(θ)| is greatest, first in
 * steps of 20 ms, then of 5 ms around the best (Hoffmann, Rosenbaum, Yoshida 2013, Bernoulli 19(2)). For an inverted link the
 * signal is given as the price that it implies, so that both move the same way.
 *
 * Confidence is the stability of the estimate under a block bootstrap (Carlstein 1986, Annals of Statistics 14(3)): the
 * changes of the signal are cut into 16 blocks in time order, 200 times 16 of them are drawn with replacement, and the
 * confidence is the share of draws whose own greatest contrast, over all lags looked at, lies within 10 ms of the
 * estimate. It is no probability that the lag is true: a feed that is late by itself is found as a lag just as surely.
 *
 * With fewer than 200 changes on a side, or a correlation below 0.1, nothing is measured.
 */
export function estimateLag(signal: MidSeries, execution: MidSeries): LagEstimate {
  const samples = Math.min(signal.timesUs.length, execution.timesUs.length) - 1;
  const none: LagEstimate = { lagUs: null, correlation: null, confidence: 0, samples };
  const scale = Math.sqrt(realisedVariance(signal) * realisedVariance(execution));
  if (samples < LEAST_CHANGES || scale === 0) return none;
  const coarse = contrasts(signal, execution, FROM_US, TO_US, COARSE_US);
  const near = coarse[strongest(coarse)]!.lagUs;
  const fine = contrasts(signal, execution, near - COARSE_US, near + COARSE_US, FINE_US);
  const best = fine[strongest(fine)]!;
  const correlation = Math.max(-1, Math.min(1, best.total / scale));
  if (Math.abs(correlation) < LEAST_CORRELATION) return none;
  const confidence = stability([...coarse, ...fine], best.lagUs);
  return { lagUs: best.lagUs, correlation, confidence, samples };
}

/** The contrast at one lag, as a whole and by the blocks of the signal's changes. */
interface Contrast {
  readonly lagUs: number;
  readonly total: number;
  readonly blocks: Float64Array;
}

function contrasts(x: MidSeries, y: MidSeries, fromUs: number, toUs: number, stepUs: number): Contrast[] {
  const all: Contrast[] = [];
  const changes = x.timesUs.length - 1;
  for (let lagUs = fromUs; lagUs <= toUs; lagUs += stepUs) {
    const blocks = new Float64Array(BLOCKS);
    let total = 0;
    for (let block = 0; block < BLOCKS; block++) {
      const from = 1 + Math.floor((block * changes) / BLOCKS);
      const to = 1 + Math.floor(((block + 1) * changes) / BLOCKS);
      const part = laggedCovariance(x, y, lagUs, from, to);
      blocks[block] = part;
      total += part;
    }
    all.push({ lagUs, total, blocks });
  }
  return all;
}

function strongest(all: readonly Contrast[]): number {
  let best = 0;
  for (let i = 1; i < all.length; i++) if (Math.abs(all[i]!.total) > Math.abs(all[best]!.total)) best = i;
  return best;
}

function stability(all: readonly Contrast[], lagUs: number): number {
  const random = new Random(SEED);
  const drawn = new Float64Array(BLOCKS);
  let agreeing = 0;
  for (let round = 0; round < RESAMPLES; round++) {
    drawn.fill(0);
    for (let draw = 0; draw < BLOCKS; draw++) drawn[random.nextInt(BLOCKS)]!++;
    let most = 0;
    let mostUs = Number.NaN;
    for (const contrast of all) {
      let sum = 0;
      for (let block = 0; block < BLOCKS; block++) sum += drawn[block]! * contrast.blocks[block]!;
      if (Math.abs(sum) <= most) continue;
      most = Math.abs(sum);
      mostUs = contrast.lagUs;
    }
    if (Math.abs(mostUs - lagUs) <= AGREES_US) agreeing++;
  }
  return agreeing / RESAMPLES;
}
