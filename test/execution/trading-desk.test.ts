import { describe, expect, test } from 'vitest';
import { BIDS, SETTINGS, TradeRig } from './trade-rig.ts';

const BID = BIDS.EURUSD;

function armed(settings = SETTINGS): TradeRig {
  const rig = new TradeRig(settings);
  rig.arm();
  return rig;
}

function openLots(rig: TradeRig): number[] {
  return rig.book.openDeals().map((deal) => (deal.side === 'buy' ? deal.lots : -deal.lots));
}

test('intent is in the journal, and durable, before the broker hears of it', () => {
  const rig = armed();
  rig.stage('buy');
  rig.wait(400);
  rig.journal.held = true;
  rig.confirm();
  expect(rig.journal.entries.at(-1)?.type).toBe('order-intent');
  expect(rig.submitted).toEqual([]);
  expect(rig.book.workingEntries()).toMatchObject([{ state: 'intended' }]);
  rig.journal.release();
  expect(rig.submitted).toHaveLength(1);
  rig.wait(100);
  expect(openLots(rig)).toEqual([1]);
});

describe('an entry that the journal holds up', () => {
  function heldUp(): TradeRig {
    const rig = armed();
    rig.stage('buy');
    rig.wait(400);
    rig.journal.held = true;
    rig.confirm();
    return rig;
  }

  test.each<[string, (rig: TradeRig) => void]>([
    ['a cancel', (rig) => rig.command('cancelEntries', {})],
    ['a flatten', (rig) => rig.command('flatten', {})],
    ['disarming', (rig) => rig.command('arm', { armed: false })],
    ['the lock', (rig) => rig.command('lockDay', { reason: '' })],
    ['two seconds of waiting', (rig) => rig.wait(2_100)],
  ])('is never sent after %s', (_name, act) => {
    const rig = heldUp();
    act(rig);
    rig.journal.release();
    rig.wait(1_000);
    expect(rig.submitted).toEqual([]);
    expect(rig.book.workingEntries()).toEqual([]);
    expect(rig.book.openDeals()).toEqual([]);
  });
});

test('put back to an earlier time, the loop sends nothing of the time that is gone', () => {
  const rig = armed();
  rig.trade('buy');
  rig.stage('buy');
  rig.wait(400);
  const saved = structuredClone({ engine: rig.engine.snapshot(), book: rig.book.snapshot() });
  rig.journal.held = true;
  rig.confirm();
  rig.command('flatten', {});
  rig.wait(600);
  rig.engine.restore(saved.engine);
  rig.book.restore(saved.book);
  rig.command('arm', { armed: false });
  rig.desk.open();
  rig.arm();
  rig.lots(2);
  rig.stage('buy');
  rig.wait(400);
  rig.confirm();
  const [first, ...more] = rig.submitted;
  expect([first?.lots, more]).toEqual([1, []]);
  rig.journal.release();
  rig.wait(200);
  expect(rig.submitted.map(({ lots }) => lots)).toEqual([1, 2]);
  expect(openLots(rig)).toEqual([1, 2]);
  expect(rig.command('flatten', {})).toEqual({ words: 'Flatten is under way.' });
  rig.wait(1_000);
  expect(openLots(rig)).toEqual([]);
});

test('put back to a moment when an entry waited for the disk and a reversal for its close, neither goes on', () => {
  const rig = armed();
  rig.trade('buy');
  rig.stage('sell', { reverse: true });
  rig.wait(400);
  rig.confirm();
  rig.journal.held = true;
  rig.stage('buy', { root: 'GBPUSD' });
  rig.wait(30);
  const saved = structuredClone({ engine: rig.engine.snapshot(), book: rig.book.snapshot() });
  rig.wait(400);
  rig.confirm();
  const unsent = structuredClone(rig.book.snapshot());
  rig.engine.restore(saved.engine);
  rig.book.restore({ ...saved.book, orders: unsent.orders.filter((order) => order.state === 'intended') });
  rig.desk.open();
  expect(rig.book.workingEntries()).toEqual([]);
  rig.journal.release();
  rig.wait(1_000);
  expect(rig.submitted.filter((intent) => intent.dealId === null)).toHaveLength(1);
});

test('the ticket shows its gates as they stand, without a new revision, and is left alone while none turns', () => {
  const rig = armed();
  rig.stage('buy');
  const failing = () => rig.ticketState?.active?.gates.filter((gate) => !gate.passed).map((gate) => gate.words);
  const first = rig.ticketState;
  rig.quote('EURUSD', BID + 1);
  rig.desk.showGates();
  expect(rig.ticketState).toBe(first);
  rig.quote('EURUSD', BID, BID + 21);
  rig.desk.showGates();
  expect(failing()).toEqual(['spread 2.1 of at most 2.0 pips']);
  expect(rig.ticketState?.active?.revision).toBe(1);
  rig.quote('EURUSD', BID);
  rig.desk.showGates();
  expect(failing()).toEqual([]);
  rig.wait(400);
  expect(rig.confirm()).toMatch(/sent/);
});

test('what was staged by key lives from its last change on, and then expires', () => {
  const rig = armed();
  rig.stage('buy');
  for (let i = 0; i < 3; i++) {
    rig.wait(4_000);
    const { id, revision } = rig.active;
    rig.command('nudge', { ticketId: id, revision, field: 'stop', ticks: -1 });
  }
  rig.wait(4_900);
  expect(rig.ticketState?.active?.revision).toBe(4);
  rig.wait(200);
  expect(rig.ticketState?.active).toBeNull();
  expect(rig.proposalEvents.at(-1)?.event).toBe('expired');
});

describe('closing and reversing', () => {
  test('against an open position a wish closes and opens nothing', () => {
    const rig = armed();
    rig.lots(3);
    rig.trade('buy');
    rig.stage('sell');
    expect(rig.active).toMatchObject({ closesLots: 3, opensLots: 0, words: 'Sell 3 EUR/USD · closes 3' });
    rig.wait(400);
    rig.confirm();
    rig.wait(100);
    expect(openLots(rig)).toEqual([]);
  });

  test('a reversal names both halves, and the opening goes out only after the close was filled', () => {
    const rig = armed();
    rig.trade('buy');
    rig.lots(2);
    rig.stage('sell', { reverse: true });
    expect(rig.active.words).toBe('Sell 3 · closes 1, opens 2 short');
    rig.wait(400);
    rig.confirm();
    expect(rig.submitted.slice(1)).toMatchObject([{ dealId: 'D1', lots: 1, side: 'sell' }]);
    rig.wait(200);
    expect(rig.submitted[2]).toMatchObject({ dealId: null, lots: 2, side: 'sell' });
    expect(openLots(rig)).toEqual([-2]);
  });

  test('a rejected close stops the reversal', () => {
    const rig = armed();
    rig.trade('buy');
    rig.stage('sell', { reverse: true });
    rig.wait(400);
    rig.confirm();
    rig.engine.gap(rig.market(), 'feed-gap');
    rig.engine.advanceTo(rig.engine.nowUs + 50_000);
    rig.wait(500);
    expect(rig.told.map(({ words }) => words)).toContainEqual(expect.stringContaining('The reversal stopped'));
    expect(rig.submitted).toHaveLength(2);
    expect(openLots(rig)).toEqual([1]);
    expect(rig.book.openDeals()[0]?.state).toBe('open');
  });

  test.each<[string, (rig: TradeRig) => void]>([
    ['disarming', (rig) => rig.command('arm', { armed: false })],
    ['cancelling entries', (rig) => rig.command('cancelEntries', {})],
    ['flatten', (rig) => rig.command('flatten', { market: 0 })],
    ['the lock', (rig) => rig.command('lockDay', { reason: '' })],
  ])('%s while the close is on its way leaves the reversal flat', (_name, act) => {
    const rig = armed();
    rig.trade('buy');
    rig.stage('sell', { reverse: true });
    rig.wait(400);
    rig.confirm();
    act(rig);
    rig.wait(2_000);
    expect(openLots(rig)).toEqual([]);
    expect(rig.submitted).toHaveLength(2);
  });

  test('a reversal whose close reaches the day loss opens nothing more', () => {
    const rig = armed({ ...SETTINGS, risk: { ...SETTINGS.risk, dayLossPercent: 0.01 } });
    rig.trade('buy');
    rig.stage('sell', { reverse: true });
    rig.wait(400);
    rig.confirm();
    rig.wait(1_000);
    expect(rig.book.locked).toBe(true);
    expect(openLots(rig)).toEqual([]);
    expect(rig.submitted).toHaveLength(2);
  });

  test('deals are closed whole, and the words say how much that is', () => {
    const rig = armed();
    rig.lots(4);
    rig.trade('buy');
    rig.lots(2);
    rig.stage('sell');
    expect(rig.active).toMatchObject({ words: 'Sell 5 EUR/USD · closes 5', lots: 5 });
    expect(rig.active.reasons).toContain('deals are closed whole');
  });

  test('of several deals the oldest are closed', () => {
    const rig = armed();
    for (const preset of [1, 2, 3] as const) {
      rig.lots(preset);
      rig.trade('buy');
    }
    rig.lots(2);
    rig.trade('sell');
    expect(openLots(rig)).toEqual([3]);
  });

  test('a position that changed under the ticket is not traded on', () => {
    const rig = armed();
    rig.trade('buy');
    rig.lots(2);
    rig.trade('buy');
    rig.lots(1);
    rig.stage('sell');
    rig.wait(400);
    rig.command('closeDeal', { dealId: rig.book.openDeals()[0]!.id });
    expect(rig.confirm()).toMatch(/position changed/);
    rig.wait(200);
    expect(openLots(rig)).toEqual([2]);
  });

  test('two quick confirms of a close close once', () => {
    const rig = armed();
    rig.trade('buy');
    rig.stage('sell');
    rig.wait(400);
    expect(rig.confirm()).toMatch(/sent/);
    expect(rig.stage('sell')).toMatch(/being closed already/);
    rig.wait(200);
    expect(openLots(rig)).toEqual([]);
  });

  test('closing is not offered as a limit, which it would not be', () => {
    const rig = armed();
    rig.trade('buy');
    expect(rig.stage('sell', { type: 'limit' })).toMatch(/closing goes at market/);
  });

  test('closing by ticket is held back by no limit on new risk', () => {
    const rig = armed();
    rig.trade('buy');
    rig.quote('EURUSD', BID - 15, BID + 15);
    rig.command('closeDeal', { dealId: 'D1' });
    rig.wait(100);
    expect(openLots(rig)).toEqual([]);
  });
});

test('flattening in a market that tells nothing tries every few seconds, and at once when it quotes again', () => {
  const rig = armed();
  rig.trade('buy');
  const closes = () => rig.submitted.filter((intent) => intent.dealId !== null).length;
  rig.engine.advanceTo(rig.engine.nowUs + 10_000_000);
  rig.command('flatten', {});
  rig.engine.advanceTo(rig.engine.nowUs + 60_000_000);
  expect(closes()).toBeGreaterThanOrEqual(10);
  expect(closes()).toBeLessThanOrEqual(14);
  expect(openLots(rig)).toEqual([1]);
  expect(rig.told.some(({ words }) => /Flatten has not finished/.test(words))).toBe(true);
  rig.quote('EURUSD', BID);
  rig.wait(600);
  expect(openLots(rig)).toEqual([]);
});

describe('the day', () => {
  test('locks at exactly the loss limit, not a cent before', () => {
    for (const [lossTicks, locked] of [
      [30, true],
      [29, false],
    ] as const) {
      const percent = (30 * 100 * 100) / SETTINGS.account.startingBalanceMinor;
      const rig = armed({ ...SETTINGS, risk: { ...SETTINGS.risk, dayLossPercent: percent } });
      rig.trade('buy');
      rig.quote('EURUSD', BID + 6 - lossTicks);
      rig.command('closeDeal', { dealId: 'D1' });
      rig.wait(100);
      expect(rig.book.realisedTodayMinor).toBe(-lossTicks * 100);
      expect(rig.book.locked).toBe(locked);
      expect(rig.ticket.armed).toBe(!locked);
    }
  });

  test('locked: cannot be armed, entries go, positions keep their stops and can be closed', () => {
    const rig = armed();
    rig.trade('buy');
    rig.trade('buy', { type: 'limit' });
    expect(rig.book.workingEntries()).toHaveLength(1);
    rig.command('lockDay', { reason: 'enough' });
    rig.wait(100);
    expect(rig.book.workingEntries()).toEqual([]);
    expect(rig.book.openDeals()[0]?.stopTicks).toBe(BID + 6 - 30);
    expect(rig.command('arm', { armed: true })).toEqual({ refused: expect.stringContaining('enough') });
    expect(rig.stage('buy')).toMatch(/Disarmed/);
    rig.command('flatten', {});
    rig.wait(1_000);
    expect(openLots(rig)).toEqual([]);
  });

  test('a new trade date unlocks; the same or an earlier one does not', () => {
    const rig = armed();
    rig.desk.onTradeDate('2026-11-18');
    rig.command('lockDay', { reason: '' });
    rig.desk.onTradeDate('2026-11-18');
    rig.desk.onTradeDate('2026-11-17');
    expect(rig.book.locked).toBe(true);
    rig.desk.onTradeDate('2026-11-19');
    expect(rig.book.locked).toBe(false);
    expect(rig.ticket.armed).toBe(false);
  });

  test('R of the day is the sum of results over initial risks', () => {
    const rig = armed();
    rig.trade('buy');
    rig.quote('EURUSD', BID + 66);
    rig.trade('buy');
    rig.quote('EURUSD', BID + 66 + 6 - 30);
    expect(rig.reports.filter(({ type }) => type === 'deal-closed')).toHaveLength(2);
    expect(rig.book.state(0).rToday).toBeCloseTo(2 - 1, 12);
    expect(rig.book.state(0).dealsToday).toBe(2);
  });
});

describe('protection', () => {
  test('break-even moves stops of deals in profit only', () => {
    const rig = armed();
    rig.trade('buy');
    rig.quote('EURUSD', BID + 4);
    rig.trade('buy');
    rig.quote('EURUSD', BID + 8);
    rig.command('breakEven', { market: 0 });
    rig.wait(100);
    expect(rig.book.openDeals().map((deal) => deal.stopTicks)).toEqual([BID + 6, BID + 10 - 30]);
  });

  test('cancelling entries spares stops and targets; removing one is its own command', () => {
    const rig = armed();
    rig.trade('buy');
    rig.command('cancelEntries', {});
    rig.wait(100);
    expect(rig.broker.snapshot().deals).toMatchObject([{ stopTicks: BID - 24, targetTicks: BID + 66 }]);
    rig.command('removeProtection', { dealId: 'D1', which: 'target' });
    rig.wait(100);
    expect(rig.broker.snapshot().deals).toMatchObject([{ stopTicks: BID - 24, targetTicks: null }]);
    expect(rig.book.deal('D1')).toMatchObject({ stopTicks: BID - 24, targetTicks: null });
  });
});
