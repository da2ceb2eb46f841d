import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lotsForRisk, moneyOfTicks, stopDistanceTicks } from '../../main/risk/position-sizing.ts';
import { instrumentOf } from '../../shared/instruments.ts';
import { BIDS, SETTINGS, TradeRig } from '../execution/trade-rig.ts';

const EURUSD = instrumentOf('EURUSD', 65_002, 1, undefined);
const USDJPY = instrumentOf('USDJPY', 65_002, 3, undefined);

function failed(rig: TradeRig): string[] {
  return rig.active.gates.filter((gate) => !gate.passed).map((gate) => gate.name);
}

describe('stop distance', () => {
  test.each([
    ['volatility × 1.5', 20, 6, 30],
    ['spread × 3', 5, 15, 45],
    ["the broker's minimum of 2 pips", 5, 3, 20],
    ['rounded up to a tick', 20.1, 1, 31],
  ])('is %s when that is the greatest', (_name, volatilityTicks, spreadTicks, ticks) => {
    const inputs = { volatilityTicks, spreadTicks, brokerMinimumTicks: 20, volatilityFactor: 1.5, spreadFactor: 3 };
    expect(stopDistanceTicks(inputs)).toBe(ticks);
  });

  test('needs a minute of quotes and two sides, and says which is missing', () => {
    const rig = new TradeRig();
    rig.features.volatilityTicks = Number.NaN;
    rig.quote('EURUSD', BIDS.EURUSD);
    expect(rig.risk.stopDistance(rig.market())).toEqual({ missing: expect.stringContaining('one minute') });
    rig.market().depth.clearBid(0);
    rig.wait(1);
    expect(rig.risk.stopDistance(rig.market())).toEqual({ missing: expect.stringContaining('two-sided') });
  });
});

describe('size', () => {
  test('0.5 % of 50,000 at a stop of 3 pips is 8 lots of EUR/USD: 240 of 250 dollars', () => {
    expect(lotsForRisk(EURUSD, 30, 25_000, 1, 'USD')).toBe(8);
    expect(moneyOfTicks(EURUSD, 30, 8, 1, 'USD')).toBe(24_000);
  });

  test('is the greatest whole number of lots that keeps the rounded money within the budget', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(EURUSD, USDJPY),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.double({ min: 0.005, max: 0.02, noNaN: true }),
        (instrument, stop, budget, yenRate) => {
          const rate = instrument === USDJPY ? yenRate : 1;
          const lots = lotsForRisk(instrument, stop, budget, rate, 'USD');
          expect(Number.isInteger(lots)).toBe(true);
          expect(moneyOfTicks(instrument, stop, lots, rate, 'USD')).toBeLessThanOrEqual(budget);
          expect(moneyOfTicks(instrument, stop, lots + 1, rate, 'USD')).toBeGreaterThan(budget);
        },
      ),
    );
  });

  test('a budget of exactly the money at risk carries those lots, rounding included', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0.005, max: 0.02, noNaN: true }),
        (stop, lots, rate) => {
          const budget = moneyOfTicks(USDJPY, stop, lots, rate, 'USD');
          expect(lotsForRisk(USDJPY, stop, budget, rate, 'USD')).toBe(lots);
        },
      ),
    );
  });

  test('yen risk converts through the current quote; with that stale there is no size and the gate says so', () => {
    const rig = new TradeRig();
    const mid = (BIDS.USDJPY + 3) / 1_000;
    expect(rig.risk.money(rig.market('USDJPY'), 50, 1)).toBe(Math.round(((50 * 0.001 * 100_000) / mid) * 100));
    rig.engine.advanceTo(rig.engine.nowUs + 2_000_001);
    expect(rig.risk.money(rig.market('USDJPY'), 50, 1)).toBeNull();
    expect(rig.risk.size(rig.market('USDJPY'), 50, 5_000_000)).toBe(0);
    rig.arm();
    rig.stage('buy', { root: 'USDJPY' });
    expect(failed(rig)).toEqual(expect.arrayContaining(['data', 'rate']));
  });

  test('a budget that carries no lot proposes nothing rather than a confirmable nothing', () => {
    const rig = new TradeRig({ ...SETTINGS, account: { ...SETTINGS.account, startingBalanceMinor: 100_000 } });
    rig.arm();
    rig.signalled('buy');
    expect(rig.ticket.active).toBeNull();
  });

  test('a ticket whose risk outgrows the budget cannot be confirmed', () => {
    const rig = new TradeRig();
    rig.arm();
    rig.lots(5);
    rig.stage('buy');
    expect(failed(rig)).toEqual(['size']);
    rig.wait(400);
    expect(rig.confirm()).toBe('Not sent: risk 300.00 of at most 250.00 USD.');
    rig.command('setLots', { ticketId: rig.active.id, revision: rig.active.revision, lots: 8 });
    expect(rig.confirm()).toMatch(/Buy 8 EUR\/USD: sent/);
  });

  test('the target lies at twice the stop', () => {
    const rig = new TradeRig();
    rig.arm();
    rig.stage('sell');
    const { entryTicks, stopTicks, targetTicks, rewardToRisk, riskMinor, rewardMinor } = rig.active;
    expect([entryTicks, stopTicks, targetTicks]).toEqual([BIDS.EURUSD, BIDS.EURUSD + 30, BIDS.EURUSD - 60]);
    expect(rewardToRisk).toBe(2);
    expect(rewardMinor).toBe(2 * riskMinor);
  });
});

describe('gates at confirmation', () => {
  function staged(): TradeRig {
    const rig = new TradeRig();
    rig.arm();
    rig.stage('buy');
    rig.wait(400);
    return rig;
  }

  test.each<[string, (rig: TradeRig) => void, RegExp]>([
    ['stale data', (rig) => rig.engine.advanceTo(rig.engine.nowUs + 2_001_000), /quote is 2001 ms old/],
    ['a gap', (rig) => rig.engine.gap(rig.market(), 'feed-gap'), /has a gap/],
    ['a crossed quote', (rig) => rig.quote('EURUSD', BIDS.EURUSD, BIDS.EURUSD - 1), /crossed/],
    ['a wide spread', (rig) => rig.quote('EURUSD', BIDS.EURUSD, BIDS.EURUSD + 21), /spread 2\.1 of at most 2\.0/],
    ['a price past the stop', (rig) => rig.quote('EURUSD', BIDS.EURUSD - 24), /moved past the stop/],
    ['a price past the target', (rig) => rig.quote('EURUSD', BIDS.EURUSD + 66), /moved past the target/],
    [
      'a price run away',
      (rig) => rig.quote('EURUSD', BIDS.EURUSD + 16),
      /1\.6 pips worse than on the ticket, of at most 1\.5/,
    ],
  ])('%s holds an entry back', (_name, spoil, words) => {
    const rig = staged();
    spoil(rig);
    expect(rig.confirm()).toMatch(words);
    rig.wait(100);
    expect(rig.submitted).toEqual([]);
  });

  test('at the limits themselves it passes: spread 2.0 pips, entry 1.5 pips away, quote 2,000 ms old', () => {
    const wide = staged();
    wide.quote('EURUSD', BIDS.EURUSD, BIDS.EURUSD + 20);
    expect(wide.confirm()).toMatch(/sent/);
    const away = staged();
    away.quote('EURUSD', BIDS.EURUSD + 15);
    expect(away.confirm()).toMatch(/sent/);
    const old = staged();
    old.engine.advanceTo(old.engine.nowUs + 2_000_000);
    expect(old.confirm()).toMatch(/sent/);
  });

  test('orders on their way count towards the position limit: quick confirms cannot exceed it', () => {
    const rig = new TradeRig({ ...SETTINGS, risk: { ...SETTINGS.risk, maxPositionLots: 10 } });
    rig.intercept = () => true;
    rig.arm();
    rig.lots(4);
    const answers = [1, 2, 3].map(() => {
      rig.stage('buy');
      rig.wait(300);
      return rig.confirm();
    });
    expect(answers[1]).toMatch(/sent/);
    expect(answers[2]).toBe('Not sent: position 15 of at most 10.');
    expect(rig.submitted).toHaveLength(2);
  });

  test('an entry against one that still works is refused: filled later, that would reverse by accident', () => {
    const rig = new TradeRig();
    rig.arm();
    rig.trade('buy', { type: 'limit' });
    expect(rig.trade('sell')).toMatch(/entry on the other side is working/);
    rig.command('cancelEntries', {});
    rig.wait(100);
    rig.command('dismiss', { ticketId: rig.active.id });
    expect(rig.trade('sell')).toMatch(/sent/);
  });
});
