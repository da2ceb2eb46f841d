import { describe, expect, test } from 'vitest';
import type { OrderIntent } from '../../main/core/trading-ports.ts';
import { BIDS, SETTINGS, TradeRig } from './trade-rig.ts';

const BID = BIDS.EURUSD;
const ASK = BID + 6;

function entry(changes: Partial<OrderIntent> = {}): OrderIntent {
  return {
    orderId: 'O1',
    market: 0,
    side: 'buy',
    type: 'market',
    lots: 2,
    limitTicks: null,
    stopTicks: BID - 30,
    targetTicks: ASK + 60,
    dealId: null,
    riskMinor: 7_200,
    ...changes,
  };
}

/** Hands an intent to the broker as the order desk does, without a ticket. */
function submit(rig: TradeRig, intent: OrderIntent): void {
  rig.book.intend(intent, rig.engine.nowUs);
  rig.broker.submit(intent);
}

function last(rig: TradeRig) {
  return rig.reports.at(-1);
}

describe('after a restart', () => {
  test('market time that an earlier run has traded on triggers nothing again; the time after it does', () => {
    const rig = new TradeRig();
    submit(rig, entry());
    rig.wait(100);
    rig.broker.passOver(rig.engine.nowUs + 1_000_000);
    rig.quote('EURUSD', BID - 500);
    rig.wait(900);
    rig.quote('EURUSD', BID + 500);
    rig.quote('EURUSD', BID);
    rig.wait(200);
    expect(last(rig)).toMatchObject({ type: 'deal-opened' });
    rig.quote('EURUSD', BID - 500);
    expect(last(rig)).toMatchObject({ type: 'deal-closed', reason: 'stop', fill: { ticks: BID - 500 } });
  });
});

describe('entries', () => {
  test('act after the latency, at the quote of that moment', () => {
    const rig = new TradeRig();
    submit(rig, entry());
    const sentUs = rig.engine.nowUs;
    rig.engine.advanceTo(sentUs + 20_000);
    rig.quote('EURUSD', BID + 4);
    rig.engine.advanceTo(sentUs + 39_999);
    expect(rig.reports).toEqual([]);
    rig.engine.advanceTo(sentUs + 40_000);
    expect(last(rig)).toMatchObject({ type: 'deal-opened', atUs: sentUs + 40_000 });
    expect(last(rig)).toMatchObject({ fill: { ticks: ASK + 4, lots: 2, side: 'buy', liquidity: 'taker' } });
  });

  test("a dealer's quote fills any size whole; slippage is against the order", () => {
    const rig = new TradeRig({ ...SETTINGS, paper: { latencyMs: 0, slippageTicks: 3 } });
    submit(rig, entry({ side: 'sell', lots: 5_000, stopTicks: null, targetTicks: null }));
    rig.wait(1);
    expect(last(rig)).toMatchObject({ fill: { ticks: BID - 3, lots: 5_000 } });
  });

  test('a book is walked level by level, the average rounded against the order', () => {
    const rig = new TradeRig();
    const market = rig.market();
    market.depthSchema = 'l2';
    market.depth.setAsk(0, ASK, 1, 1);
    market.depth.setAsk(1, ASK + 1, 1, 1);
    market.depth.setAsk(2, ASK + 5, 10, 1);
    submit(rig, entry({ lots: 4 }));
    rig.engine.advanceTo(rig.engine.nowUs + 40_000);
    expect(last(rig)).toMatchObject({ fill: { ticks: Math.ceil((ASK + ASK + 1 + 2 * (ASK + 5)) / 4), lots: 4 } });
  });

  test('a limit that a book shows only in part rests until it can be had whole', () => {
    const rig = new TradeRig();
    const market = rig.market();
    market.depthSchema = 'l2';
    market.depth.setAsk(0, ASK, 1, 1);
    market.depth.setAsk(1, ASK + 1, 10, 1);
    submit(rig, entry({ type: 'limit', limitTicks: ASK, lots: 4 }));
    rig.engine.advanceTo(rig.engine.nowUs + 40_000);
    expect(last(rig)).toMatchObject({ type: 'accepted' });
    market.depth.setAsk(0, ASK, 4, 1);
    rig.wait(1);
    expect(last(rig)).toMatchObject({ type: 'deal-opened', fill: { ticks: ASK } });
  });

  test('a limit rests, and fills at its price when the quote comes to it', () => {
    const rig = new TradeRig();
    submit(rig, entry({ type: 'limit', limitTicks: BID }));
    rig.wait(100);
    expect(last(rig)).toEqual({ type: 'accepted', orderId: 'O1', atUs: expect.any(Number) });
    rig.quote('EURUSD', BID - 5);
    expect(rig.reports).toHaveLength(1);
    rig.quote('EURUSD', BID - 10);
    expect(last(rig)).toMatchObject({ type: 'deal-opened', fill: { ticks: BID, liquidity: 'maker' } });
  });

  test('a marketable limit takes the better quote', () => {
    const rig = new TradeRig();
    submit(rig, entry({ type: 'limit', limitTicks: ASK + 10 }));
    rig.wait(100);
    expect(last(rig)).toMatchObject({ fill: { ticks: ASK, liquidity: 'taker' } });
  });

  test('an entry whose stop or target the price has passed is refused, not opened and closed at once', () => {
    const rig = new TradeRig();
    submit(rig, entry());
    rig.quote('EURUSD', BID - 30);
    rig.engine.advanceTo(rig.engine.nowUs + 40_000);
    expect(last(rig)).toMatchObject({ type: 'rejected', reason: 'the price is past the stop already' });
    submit(rig, entry({ orderId: 'O2' }));
    rig.quote('EURUSD', ASK + 60);
    rig.engine.advanceTo(rig.engine.nowUs + 40_000);
    expect(last(rig)).toMatchObject({ type: 'rejected', reason: 'the price is past the target already' });
  });

  test.each([
    ['a gap', (rig: TradeRig) => rig.engine.gap(rig.market(), 'feed-gap'), /no tradable quote/],
    ['a crossed quote', (rig: TradeRig) => rig.quote('EURUSD', BID, BID - 1), /no tradable quote/],
    ['an empty side', (rig: TradeRig) => rig.market().depth.clearAsk(0), /no tradable quote/],
    ['an old quote', (rig: TradeRig) => rig.engine.advanceTo(rig.engine.nowUs + 2_000_001), /ms old/],
  ])('%s fills nothing', (_name, spoil, reason) => {
    const rig = new TradeRig();
    spoil(rig);
    submit(rig, entry());
    rig.engine.advanceTo(rig.engine.nowUs + 40_000);
    expect(last(rig)).toMatchObject({ type: 'rejected', reason: expect.stringMatching(reason) });
    expect(rig.broker.snapshot().deals).toEqual([]);
  });

  test('a rate that is not to be had refuses the order', () => {
    const rig = new TradeRig();
    rig.engine.gap(rig.market('USDJPY'), 'feed-gap');
    submit(rig, entry({ market: 2 }));
    rig.engine.advanceTo(rig.engine.nowUs + 40_000);
    expect(last(rig)).toMatchObject({ type: 'rejected' });
  });
});

describe('deals', () => {
  function opened(changes: Partial<OrderIntent> = {}): TradeRig {
    const rig = new TradeRig();
    submit(rig, entry(changes));
    rig.wait(100);
    return rig;
  }

  test('a stop fills at the quote that triggers it: a gap costs what it costs', () => {
    const rig = opened();
    rig.quote('EURUSD', BID - 29);
    expect(rig.reports).toHaveLength(1);
    rig.quote('EURUSD', BID - 80);
    expect(last(rig)).toMatchObject({ type: 'deal-closed', reason: 'stop', orderId: null, fill: { ticks: BID - 80 } });
    expect(last(rig)).toMatchObject({ realisedMinor: -(80 + 6) * 2 * 100 });
  });

  test('a stop in a book takes what the book shows, level by level', () => {
    const rig = opened();
    const { depth } = rig.market();
    rig.market().depthSchema = 'l2';
    depth.setBid(0, BID - 30, 1, 1);
    depth.setBid(1, BID - 40, 1, 1);
    rig.wait(1);
    expect(last(rig)).toMatchObject({ reason: 'stop', fill: { ticks: BID - 35, lots: 2 } });
  });

  test('a target fills at its price, however far the quote has run', () => {
    const rig = opened();
    rig.quote('EURUSD', ASK + 90);
    expect(last(rig)).toMatchObject({ reason: 'target', fill: { ticks: ASK + 60 }, realisedMinor: 60 * 2 * 100 });
  });

  test('a short is judged by the ask', () => {
    const rig = opened({ side: 'sell', stopTicks: ASK + 30, targetTicks: BID - 60 });
    rig.quote('EURUSD', BID + 29);
    expect(rig.reports).toHaveLength(1);
    rig.quote('EURUSD', BID + 30);
    expect(last(rig)).toMatchObject({ reason: 'stop', fill: { ticks: ASK + 30, side: 'buy' } });
  });

  test('when one event crosses stop and target, the stop wins', () => {
    const rig = opened();
    rig.broker.amend('D1', BID + 20, BID + 10);
    rig.engine.advanceTo(rig.engine.nowUs + 40_000);
    rig.quote('EURUSD', BID + 15);
    expect(last(rig)).toMatchObject({ reason: 'stop', fill: { ticks: BID + 15 } });
  });

  test('yen results come home through the rate that was used', () => {
    const rig = opened({ market: 2, stopTicks: BIDS.USDJPY - 100, targetTicks: null });
    rig.quote('USDJPY', BIDS.USDJPY - 106);
    const report = last(rig);
    const mid = (BIDS.USDJPY - 106 + 3) / 1_000;
    expect(report).toMatchObject({ type: 'deal-closed', rate: 1 / mid });
    const yen = -(106 + 6) * 0.001 * 100_000 * 2;
    expect(report).toMatchObject({ realisedMinor: -Math.round((-yen / mid) * 100) });
  });

  test('nothing triggers on a gap or a crossed quote; the first sound one does', () => {
    const rig = opened();
    rig.engine.gap(rig.market(), 'feed-gap');
    rig.market().depth.setBid(0, BID - 80, 1, 1);
    rig.engine.endEvent(rig.market(), rig.engine.nowUs, rig.engine.nowUs, false);
    rig.quote('EURUSD', BID - 40, BID - 60);
    expect(rig.reports).toHaveLength(1);
    rig.quote('EURUSD', BID - 80);
    expect(last(rig)).toMatchObject({ reason: 'stop' });
  });

  test('a close names its deal: of two closes on the way one is filled, the other rejected, nothing reverses', () => {
    const rig = opened();
    const close = { dealId: 'D1', side: 'sell', stopTicks: null, targetTicks: null } as const;
    submit(rig, entry({ ...close, orderId: 'O2' }));
    submit(rig, entry({ ...close, orderId: 'O3' }));
    rig.wait(100);
    expect(rig.reports.slice(1)).toMatchObject([
      { type: 'deal-closed', orderId: 'O2', reason: 'trader' },
      { type: 'rejected', orderId: 'O3', reason: 'deal D1 is not open' },
    ]);
    expect(rig.book.netLots(0)).toBe(0);
  });

  test('a close that a stop overtook is rejected, and the money is booked once', () => {
    const rig = opened();
    submit(rig, entry({ orderId: 'O2', dealId: 'D1', side: 'sell', stopTicks: null, targetTicks: null }));
    rig.quote('EURUSD', BID - 30);
    const balance = rig.book.balanceMinor;
    rig.wait(100);
    expect(last(rig)).toMatchObject({ type: 'rejected', orderId: 'O2' });
    expect(rig.book.balanceMinor).toBe(balance);
    expect(rig.book.deal('D1')?.state).toBe('closed');
  });

  test('a change of protection for a deal that is gone, and a cancel of a filled order, change nothing', () => {
    const rig = opened();
    rig.broker.cancel('O1');
    rig.quote('EURUSD', BID - 30);
    rig.broker.amend('D1', BID - 10, null);
    const told = rig.reports.length;
    rig.wait(200);
    expect(rig.reports).toHaveLength(told);
    expect(rig.book.order('O1')?.state).toBe('filled');
  });

  test('a working entry is cancelled once, and cannot fill afterwards', () => {
    const rig = new TradeRig();
    submit(rig, entry({ type: 'limit', limitTicks: BID }));
    rig.wait(100);
    rig.broker.cancel('O1');
    rig.broker.cancel('O1');
    rig.wait(100);
    rig.quote('EURUSD', BID - 20);
    expect(rig.reports.map(({ type }) => type)).toEqual(['accepted', 'cancelled']);
  });
});

test('restored with requests on their way = never interrupted', () => {
  const run = (interrupt: boolean): TradeRig => {
    const rig = new TradeRig();
    submit(rig, entry());
    rig.wait(100);
    submit(rig, entry({ orderId: 'O2', type: 'limit', limitTicks: BID - 2 }));
    submit(rig, entry({ orderId: 'O3', side: 'sell', stopTicks: ASK + 40, targetTicks: null }));
    rig.broker.amend('D1', BID - 10, null);
    rig.engine.advanceTo(rig.engine.nowUs + 20_000);
    if (interrupt) {
      const saved = structuredClone({ engine: rig.engine.snapshot(), book: rig.book.snapshot() });
      rig.wait(500);
      rig.quote('EURUSD', BID - 300);
      rig.reports.length = 1;
      rig.engine.restore(saved.engine);
      rig.book.restore(saved.book);
    }
    rig.wait(300);
    rig.quote('EURUSD', BID - 15);
    rig.wait(300);
    return rig;
  };
  const straight = run(false);
  const resumed = run(true);
  expect(straight.reports.length).toBeGreaterThan(5);
  expect(resumed.reports).toEqual(straight.reports);
  expect(resumed.broker.snapshot()).toEqual(straight.broker.snapshot());
  expect(resumed.book.snapshot()).toEqual(straight.book.snapshot());
});
