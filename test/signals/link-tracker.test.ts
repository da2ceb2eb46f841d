import { describe, expect, test } from 'vitest';
import { Engine } from '../../main/core/engine.ts';
import type { Market } from '../../main/core/market.ts';
import type { Signal } from '../../main/core/trading-ports.ts';
import { LeadSignal } from '../../main/signals/lead-signal.ts';
import { FEATURE } from '../../shared/features.ts';
import { instrumentOf } from '../../shared/instruments.ts';
import { DEFAULT_LINKS, type Link } from '../../shared/links.ts';
import { DEFAULT_SETTINGS } from '../../shared/settings.ts';

const START_US = Date.UTC(2026, 10, 18, 14) * 1000;
const DIRECT = DEFAULT_LINKS.find((link) => link.id === '6E-EURUSD')!;
const INVERTED = DEFAULT_LINKS.find((link) => link.id === '6J-USDJPY')!;

/** A future and its spot pair side by side; quotes in decimal prices. */
class Pair {
  readonly engine = new Engine({ continuity: 'live' });
  readonly signals: Signal[] = [];
  readonly stage: LeadSignal;
  readonly future: Market;
  readonly spot: Market;
  /** Flow over best size, queue imbalance and microprice lean that the next book of the future shows. */
  shown = { flow: 0, queue: 0, lean: 0 };

  constructor(link: Link) {
    this.stage = new LeadSignal([link], DEFAULT_SETTINGS, (signal) => this.signals.push(signal));
    this.engine.addStage({
      name: 'shown',
      onBook: (market) => this.#show(market),
      snapshot: () => undefined,
      restore: () => undefined,
    });
    this.engine.addStage(this.stage);
    this.engine.arrive(START_US);
    this.future = this.engine.addMarket(instrumentOf(`${link.signalRoot}Z6`, 1, 1, undefined));
    this.spot = this.engine.addMarket(instrumentOf(link.executionRoot, 2, 2, undefined));
  }

  get tracker() {
    return this.stage.trackers()[0]!;
  }

  quote(market: Market, bid: number, ask: number): void {
    const unit = market.instrument.tickNano / 1e9;
    market.depth.setBid(0, Math.round(bid / unit), 10, 1);
    market.depth.setAsk(0, Math.round(ask / unit), 10, 1);
    this.engine.endEvent(market, this.engine.nowUs, this.engine.nowUs, true);
  }

  /** Both quoted once a second for half a minute: long enough for a basis. */
  settle(future: readonly [number, number], spot: readonly [number, number]): void {
    for (let second = 0; second < 30; second++) {
      this.engine.arrive(this.engine.nowUs + 1_000_000);
      this.quote(this.future, ...future);
      this.engine.arrive(this.engine.nowUs + 200_000);
      this.quote(this.spot, ...spot);
    }
  }

  #show(market: Market): void {
    const { depth, features } = market;
    if (market !== this.future) return;
    const [bid, ask] = [market.price(depth.bidPrice[0]!), market.price(depth.askPrice[0]!)];
    features[FEATURE.mid] = (bid + ask) / 2;
    features[FEATURE.spread] = ask - bid;
    features[FEATURE.microprice] = (bid + ask) / 2 + (this.shown.lean * (ask - bid)) / 2;
    features[FEATURE.qi5] = this.shown.queue;
    features[FEATURE.ofi5s] = this.shown.flow * 10;
  }
}

function direct(): Pair {
  const pair = new Pair(DIRECT);
  pair.settle([1.0854, 1.08545], [1.0842, 1.08426]);
  return pair;
}

function inverted(): Pair {
  const pair = new Pair(INVERTED);
  pair.settle([0.00651, 0.0065105], [154.1, 154.106]);
  return pair;
}

describe('basis and remaining move', () => {
  test('direct: spot mid minus implied mid, in pips of the spot', () => {
    const { tracker } = direct();
    expect(tracker.basis).toBeCloseTo((1.08423 - 1.085425) * 1e4, 6);
    expect(tracker.remainingPips()).toBeCloseTo(0, 6);
  });

  test('direct: a future that rose leaves the spot to rise by as much', () => {
    const pair = direct();
    pair.engine.arrive(pair.engine.nowUs + 50_000);
    pair.quote(pair.future, 1.08555, 1.0856);
    expect(pair.tracker.remainingPips()).toBeCloseTo(1.5, 6);
    pair.quote(pair.spot, 1.0842 + 0.0001, 1.08426 + 0.0001);
    expect(pair.tracker.remainingPips()).toBeCloseTo(0.5, 6);
  });

  test('inverted: implied mid is one over the future, and a bid in 6J leaves USD/JPY to fall', () => {
    const pair = inverted();
    const implied = (1 / 0.00651 + 1 / 0.0065105) / 2;
    expect(pair.tracker.basis).toBeCloseTo((154.103 - implied) * 100, 6);
    pair.engine.arrive(pair.engine.nowUs + 50_000);
    pair.quote(pair.future, 0.0065105, 0.006511);
    const moved = (1 / 0.0065105 + 1 / 0.006511) / 2 - implied;
    expect(pair.tracker.remainingPips()).toBeCloseTo(moved * 100, 6);
    expect(pair.tracker.remainingPips()).toBeLessThan(-1);
  });

  test('the spot is compared with the future of one lag ago, not of now', () => {
    const pair = direct();
    const before = pair.tracker.basis;
    for (let second = 0; second < 120; second++) {
      pair.engine.arrive(pair.engine.nowUs + 900_000);
      pair.quote(pair.future, 1.0854, 1.08545);
      pair.engine.arrive(pair.engine.nowUs + 250_000);
      pair.quote(pair.future, 1.0864, 1.08645);
      pair.engine.arrive(pair.engine.nowUs + 100_000);
      pair.quote(pair.spot, 1.0842, 1.08426);
    }
    expect(pair.tracker.basis).toBeCloseTo(before, 6);
  });

  test('is absent without a basis, and after a gap until the future was quoted again', () => {
    const young = new Pair(DIRECT);
    young.quote(young.future, 1.0854, 1.08545);
    young.quote(young.spot, 1.0842, 1.08426);
    expect(young.tracker.remainingPips()).toBeNaN();
    const pair = direct();
    pair.engine.gap(pair.future, 'feed-gap');
    expect(pair.tracker.remainingPips()).toBeNaN();
    pair.quote(pair.future, 1.0855, 1.08555);
    expect(pair.tracker.remainingPips()).toBeCloseTo(1, 6);
  });
});

describe('the lead signal', () => {
  function pushed(pair: Pair, up: boolean, quote: readonly [number, number]): Signal[] {
    const way = up ? 1 : -1;
    pair.shown = { flow: way, queue: 0.5 * way, lean: 0.4 * way };
    pair.engine.arrive(pair.engine.nowUs + 10_000);
    pair.quote(pair.future, ...quote);
    return pair.signals;
  }

  test('a bid future says buy the direct pair, and sell the inverted one', () => {
    expect(pushed(direct(), true, [1.08555, 1.0856])).toMatchObject([{ side: 'buy', linkId: '6E-EURUSD' }]);
    expect(pushed(direct(), false, [1.08525, 1.0853])).toMatchObject([{ side: 'sell' }]);
    expect(pushed(inverted(), true, [0.0065105, 0.006511])).toMatchObject([{ side: 'sell', linkId: '6J-USDJPY' }]);
  });

  test('its remaining move is positive in its own direction and outlasts the spread', () => {
    for (const signal of [
      ...pushed(direct(), true, [1.08555, 1.0856]),
      ...pushed(inverted(), true, [0.0065105, 0.006511]),
    ]) {
      expect(signal.remainingPips).toBeGreaterThan(0.6);
      expect(signal.strength).toBeGreaterThan(0);
      expect(signal.strength).toBeLessThanOrEqual(1);
    }
    expect(pushed(direct(), true, [1.08545, 1.0855])).toEqual([]);
  });

  test.each<[string, Partial<Pair['shown']>]>([
    ['the queue leans the other way', { queue: -0.5 }],
    ['the microprice leans the other way', { lean: -0.1 }],
    ['flow is thin', { flow: 0.1 }],
    ['flow is absent', { flow: Number.NaN, queue: -0.5, lean: -0.4 }],
    ['the queue is absent', { queue: Number.NaN }],
    ['the microprice is absent', { lean: Number.NaN }],
  ])('is silent when %s', (_name, changes) => {
    const pair = direct();
    pair.shown = { flow: 1, queue: 0.5, lean: 0.4, ...changes };
    pair.quote(pair.future, 1.08555, 1.0856);
    pair.quote(pair.future, 1.08525, 1.0853);
    expect(pair.signals).toEqual([]);
  });

  test('is silent on a stale or gapped spot, and within its pause', () => {
    const stale = direct();
    stale.engine.advanceTo(stale.engine.nowUs + DEFAULT_SETTINGS.risk.staleAfterMs * 1000 + 1);
    expect(pushed(stale, true, [1.08555, 1.0856])).toEqual([]);
    const gapped = direct();
    gapped.engine.gap(gapped.spot, 'feed-gap');
    expect(pushed(gapped, true, [1.08555, 1.0856])).toEqual([]);
    const twice = direct();
    pushed(twice, true, [1.08555, 1.0856]);
    expect(pushed(twice, true, [1.0856, 1.08565])).toHaveLength(1);
    twice.engine.arrive(twice.engine.nowUs + DEFAULT_SETTINGS.signal.cooldownMs * 1000);
    twice.quote(twice.spot, 1.0842, 1.08426);
    expect(pushed(twice, true, [1.08565, 1.0857])).toHaveLength(2);
    expect(new Set(twice.signals.map(({ id }) => id)).size).toBe(2);
  });
});
