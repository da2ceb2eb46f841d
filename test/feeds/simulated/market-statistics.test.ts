import { describe, expect, test } from 'vitest';
import { MARKET_SPECS } from '../../../main/feeds/simulated/market-spec.ts';
import { type PlainDepth, readDepth, readStream } from './plain-reader.ts';
import { simulate } from './simulate.ts';

const LAST = 0x80;

interface Quote {
  readonly us: number;
  readonly bid: number;
  readonly ask: number;
  readonly bidSize: number;
  readonly askSize: number;
}

function correlation(pairs: readonly (readonly [number, number])[]): number {
  const mean = (index: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[index], 0) / pairs.length;
  const [mx, my] = [mean(0), mean(1)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [x, y] of pairs) {
    xy += (x - mx) * (y - my);
    xx += (x - mx) ** 2;
    yy += (y - my) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}

const HOURS = 1.5;
const run = simulate(HOURS * 3600, { eventsPerSecond: 40, seed: 3 });
const stream = readStream(run.bytes);

/** Best quotes after each event of an instrument, in units of 1e-9. */
function quotesOf(instrumentId: number): Quote[] {
  const quotes: Quote[] = [];
  for (const record of stream.records) {
    if (record.instrumentId !== instrumentId || (record.rtype !== 0x0a && record.rtype !== 0x01)) continue;
    const depth: PlainDepth = readDepth(stream.view, record);
    if ((depth.flags & LAST) === 0) continue;
    const [bid, ask] = [depth.bids[0]!, depth.asks[0]!];
    quotes.push({
      us: Number(record.tsEventNs / 1000n),
      bid: Number(bid.price),
      ask: Number(ask.price),
      bidSize: bid.size,
      askSize: ask.size,
    });
  }
  return quotes;
}

const FUTURES = new Map(MARKET_SPECS.map((spec) => [spec.root, quotesOf(spec.instrumentId)]));
const SPOTS = new Map(MARKET_SPECS.map((spec) => [spec.root, quotesOf(spec.spot.instrumentId)]));

/** Order flow imbalance of Cont, Kukanov and Stoikov between two quotes. */
function imbalance(before: Quote, after: Quote): number {
  return (
    (after.bid >= before.bid ? after.bidSize : 0) -
    (after.bid <= before.bid ? before.bidSize : 0) -
    (after.ask <= before.ask ? after.askSize : 0) +
    (after.ask >= before.ask ? before.askSize : 0)
  );
}

/** Flow and mid change of every whole second. */
function seconds(quotes: readonly Quote[]): { ofi: number; move: number }[] {
  const bars: { ofi: number; move: number }[] = [];
  let second = Math.floor(quotes[0]!.us / 1e6);
  let [ofi, openMid] = [0, quotes[0]!.bid + quotes[0]!.ask];
  for (let index = 1; index < quotes.length; index++) {
    const [before, after] = [quotes[index - 1]!, quotes[index]!];
    while (after.us >= (second + 1) * 1e6) {
      const mid = before.bid + before.ask;
      bars.push({ ofi, move: mid - openMid });
      [ofi, openMid] = [0, mid];
      second++;
    }
    ofi += imbalance(before, after);
  }
  return bars;
}

describe.each(MARKET_SPECS.map((spec) => [spec.root, spec] as const))('%s', (root, spec) => {
  const quotes = FUTURES.get(root)!;

  test('flow explains the move it comes with and foretells some of the next one', () => {
    const bars = seconds(quotes);
    expect(correlation(bars.map((bar) => [bar.ofi, bar.move]))).toBeGreaterThan(0.4);
    const next = bars.slice(1).map((bar, index) => [bars[index]!.ofi, bar.move] as const);
    // Under independence the standard error is 1/√n ≈ 0.014: this is three of them.
    expect(correlation(next)).toBeGreaterThan(0.042);
  });

  test('a tilted best queue says which way the mid goes next', () => {
    let [right, wrong, waiting] = [0, 0, 0];
    for (let index = 1; index < quotes.length; index++) {
      const [before, after] = [quotes[index - 1]!, quotes[index]!];
      const move = after.bid + after.ask - before.bid - before.ask;
      if (move !== 0) {
        if (waiting !== 0) waiting === Math.sign(move) ? right++ : wrong++;
        const tilt = (after.bidSize - after.askSize) / (after.bidSize + after.askSize);
        waiting = Math.abs(tilt) > 0.3 && after.ask - after.bid === spec.tickNano ? Math.sign(tilt) : 0;
      }
    }
    expect(right + wrong).toBeGreaterThan(1_000);
    expect(right / (right + wrong)).toBeGreaterThan(0.65);
  });

  test('the spread is one tick nearly always, yet not always', () => {
    const tight = quotes.filter((quote) => quote.ask - quote.bid === spec.tickNano).length / quotes.length;
    expect(tight).toBeGreaterThan(0.9);
    expect(tight).toBeLessThan(0.999);
  });

  test('the spot follows by the lag, the other way round where inverted', () => {
    const lags = new Float64Array(80);
    const stepUs = 5_000;
    const futureMoves = moves(quotes);
    let from = 0;
    for (const spot of moves(SPOTS.get(root)!)) {
      while (from < futureMoves.length && futureMoves[from]!.us < spot.us - lags.length * stepUs) from++;
      for (let at = from; at < futureMoves.length && futureMoves[at]!.us < spot.us; at++) {
        lags[Math.floor((spot.us - futureMoves[at]!.us) / stepUs)]! += futureMoves[at]!.by * spot.by;
      }
    }
    const signed = spec.spot.inverted ? lags.map((value) => -value) : lags;
    const peak = signed.indexOf(Math.max(...signed));
    expect(Math.abs((peak + 0.5) * stepUs - 150_000)).toBeLessThanOrEqual(10_000);
    const total = signed.reduce((sum, value) => sum + Math.abs(value), 0);
    expect(signed[peak]! / total).toBeGreaterThan(0.05);
  });

  test('the spot stands at what the future implies, plus the basis', () => {
    const spots = SPOTS.get(root)!;
    const futures = quotes;
    let at = 0;
    const basis: number[] = [];
    for (const quote of spots) {
      while (at + 1 < futures.length && futures[at + 1]!.us <= quote.us - 160_000) at++;
      const mid = (futures[at]!.bid + futures[at]!.ask) / 2e9;
      const implied = spec.spot.inverted ? 1 / mid : mid;
      basis.push((((quote.bid + quote.ask) / 2e9 - implied) * 1e9) / spec.spot.pipNano);
      expect(quote.ask).toBeGreaterThan(quote.bid);
      expect(quote.bid % spec.spot.tickNano).toBe(0);
    }
    basis.sort((a, b) => a - b);
    expect(Math.abs(basis[Math.floor(basis.length / 2)]! - spec.spot.basisPips)).toBeLessThan(3);
  });
});

interface Move {
  readonly us: number;
  readonly by: number;
}

function moves(quotes: readonly Quote[]): Move[] {
  const found: Move[] = [];
  for (let index = 1; index < quotes.length; index++) {
    const [before, after] = [quotes[index - 1]!, quotes[index]!];
    const by = after.bid + after.ask - before.bid - before.ask;
    if (by !== 0) found.push({ us: after.us, by });
  }
  return found;
}

test('regimes differ in realised volatility in the order of their names', () => {
  const squares = { calm: 0, normal: 0, wild: 0 };
  const lengths = { calm: 0, normal: 0, wild: 0 };
  for (const seed of [21, 22, 23, 24]) {
    const { market, bytes } = simulate(5_400, { eventsPerSecond: 8, seed, products: ['6E'] });
    const { records, view } = readStream(bytes);
    const regimes = market.truth().filter((truth) => truth.kind === 'regime');
    let grid = 0;
    let last: number | undefined;
    for (const record of records) {
      if (record.rtype !== 0x0a) continue;
      const us = Number(record.tsEventNs / 1000n);
      if (us < grid) continue;
      grid = us + 10_000_000;
      const { bids, asks } = readDepth(view, record);
      const mid = Number(bids[0]!.price + asks[0]!.price) / 2 / 50_000;
      const regime = regimes.find((truth) => truth.startUs <= us && (truth.endUs === 0 || us < truth.endUs))!.regime;
      if (last !== undefined) {
        squares[regime] += (mid - last) ** 2;
        lengths[regime]++;
      }
      last = mid;
    }
  }
  const [calm, normal, wild] = (['calm', 'normal', 'wild'] as const).map((name) => {
    expect(lengths[name]).toBeGreaterThan(50);
    return Math.sqrt(squares[name] / lengths[name]);
  });
  expect(normal! / calm!).toBeGreaterThan(1.3);
  expect(wild! / normal!).toBeGreaterThan(1.3);
});

test('the day has its rhythm: London and New York are busier than the Asian night', () => {
  const at = (iso: string) => simulate(600, { startUs: Date.parse(iso) * 1000, eventsPerSecond: 20 }).records;
  expect(at('2026-11-18T14:00:00Z')).toBeGreaterThan(2.5 * at('2026-11-18T03:30:00Z'));
});
