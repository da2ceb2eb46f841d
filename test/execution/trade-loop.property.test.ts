import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BIDS, SETTINGS, TradeRig } from './trade-rig.ts';

/** What must hold whatever the trader, the market and the broker do. */
interface Watch {
  readonly rig: TradeRig;
  /** Proposals that a confirmation was answered with "sent", in order. */
  readonly confirmed: string[];
  /** Entries handed to the broker while the desk was disarmed or locked. */
  readonly forbidden: string[];
}

type Step = fc.Command<object, Watch>;

/** A step of the model; after each one the rules are looked at. */
function step(name: string, act: (watch: Watch) => void): Step {
  return {
    check: () => true,
    run: (_model, watch) => {
      const before = watch.rig.ticket.active;
      act(watch);
      const after = watch.rig.ticket.active;
      const gone = watch.rig.proposalEvents.some(
        ({ id, event }) => id === before?.id && ['confirmed', 'dismissed', 'expired'].includes(event),
      );
      if (before !== null && after?.id !== before.id) expect(gone, `${name} replaced an active ticket`).toBe(true);
      const { rig } = watch;
      expect(watch.forbidden).toEqual([]);
      expect(new Set(watch.confirmed).size).toBe(watch.confirmed.length);
      const limit = rig.settings.risk.maxPositionLots;
      for (const market of rig.engine.markets) {
        const pending = rig.book.workingEntries(market.index).reduce((lots, order) => lots + order.lots, 0);
        expect(Math.abs(rig.book.netLots(market.index)) + pending).toBeLessThanOrEqual(limit);
      }
    },
    toString: () => name,
  };
}

function confirmStep(offset: number, heldKey: boolean): Step {
  return step(`confirm(${offset}, ${heldKey})`, (watch) => {
    const { rig } = watch;
    const active = rig.ticket.active;
    const revision = (active?.revision ?? 1) + offset;
    const answer = rig.command('confirm', { ticketId: active?.id ?? 'P0', revision, heldKey });
    if ('refused' in answer) return;
    expect(heldKey || offset !== 0).toBe(false);
    watch.confirmed.push(active!.id);
    const again = rig.command('confirm', { ticketId: active!.id, revision, heldKey: false });
    expect(again).toHaveProperty('refused');
  });
}

const side = fc.constantFrom('buy' as const, 'sell' as const);
/** What a trader does on purpose; the single steps around it get in its way. */
const trade = fc.tuple(side, fc.boolean(), fc.boolean()).map(([way, limit, reverse]) =>
  step(`trade(${way}, ${limit}, ${reverse})`, (watch) => {
    const { rig } = watch;
    rig.arm();
    const ticket = rig.ticket.active;
    if (ticket !== null) rig.command('dismiss', { ticketId: ticket.id });
    rig.stage(way, { type: limit ? 'limit' : 'market', reverse });
    rig.wait(300);
    const id = rig.ticket.active?.id;
    if (/: sent\.$/.test(rig.confirm())) watch.confirmed.push(id!);
  }),
);
const steps = [
  fc.constant(step('disarm', ({ rig }) => rig.command('arm', { armed: false }))),
  fc.constant(step('arm', ({ rig }) => rig.arm())),
  fc
    .tuple(side, fc.boolean(), fc.boolean())
    .map(([way, limit, reverse]) =>
      step(`stage(${way}, ${limit}, ${reverse})`, ({ rig }) =>
        rig.stage(way, { type: limit ? 'limit' : 'market', reverse }),
      ),
    ),
  side.map((way) => step(`signal(${way})`, ({ rig }) => rig.signalled(way))),
  trade,
  trade,
  trade,
  fc
    .tuple(fc.constantFrom(0, 0, 0, -1, 1), fc.constantFrom(false, false, true))
    .map(([at, held]) => confirmStep(at, held)),
  fc.integer({ min: 1, max: 3 }).map((preset) => step(`preset(${preset})`, ({ rig }) => rig.lots(preset as 1 | 2 | 3))),
  fc.constantFrom(10, 50, 350, 350, 900).map((ms) => step(`wait(${ms})`, ({ rig }) => rig.wait(ms))),
  fc
    .integer({ min: -40, max: 40 })
    .map((ticks) => step(`quote(${ticks})`, ({ rig }) => rig.quote('EURUSD', BIDS.EURUSD + ticks))),
  fc.constant(step('gap', ({ rig }) => rig.engine.gap(rig.market(), 'feed-gap'))),
  fc.boolean().map((held) =>
    step(held ? 'journal stalls' : 'journal goes on', ({ rig }) => {
      if (held) rig.journal.held = true;
      else rig.journal.release();
    }),
  ),
  fc.constant(step('cancel', ({ rig }) => rig.command('cancelEntries', {}))),
  fc.constant(step('flatten', ({ rig }) => rig.command('flatten', { market: 0 }))),
  fc.constant(
    step('close', ({ rig }) => {
      const deal = rig.book.openDeals()[0];
      if (deal !== undefined) rig.command('closeDeal', { dealId: deal.id });
    }),
  ),
];
/** Mostly nothing: a lock ends the day. */
const lock = fc.integer({ min: 0, max: 4 }).map((die) =>
  step(die === 0 ? 'lock' : 'look', ({ rig }) => {
    if (die === 0) rig.command('lockDay', { reason: '' });
  }),
);

function watched(): Watch {
  const rig = new TradeRig({
    ...SETTINGS,
    risk: { ...SETTINGS.risk, maxPositionLots: 4, riskPerTradePercent: 5 },
  });
  const watch: Watch = { rig, confirmed: [], forbidden: [] };
  rig.intercept = (intent) => {
    if (intent.dealId === null && (!rig.ticket.armed || rig.book.locked)) watch.forbidden.push(intent.orderId);
    return false;
  };
  return watch;
}

test('never two orders from one proposal, nothing that adds risk while disarmed or locked, never beyond the limit', () => {
  let sent = 0;
  fc.assert(
    fc.property(fc.commands([...steps, lock], { maxCommands: 60, size: 'max' }), (commands) => {
      const watch = watched();
      fc.modelRun(() => ({ model: {}, real: watch }), commands);
      watch.rig.journal.release();
      watch.rig.wait(1_000);
      const entries = watch.rig.submitted.filter((intent) => intent.dealId === null);
      expect(entries.length).toBeLessThanOrEqual(watch.confirmed.length);
      expect(new Set(watch.rig.submitted.map((intent) => intent.orderId)).size).toBe(watch.rig.submitted.length);
      sent += entries.length;
    }),
    { numRuns: 120 },
  );
  expect(sent).toBeGreaterThan(50);
});

test('flatten ends in verified flat, whatever is rejected, filled or moved meanwhile', () => {
  let rejections = 0;
  fc.assert(
    fc.property(
      fc.commands(steps, { maxCommands: 40, size: 'max' }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      (commands, refusals, all) => {
        const watch = watched();
        fc.modelRun(() => ({ model: {}, real: watch }), commands);
        const { rig } = watch;
        rig.quote('EURUSD', BIDS.EURUSD);
        rig.journal.release();
        const answers = [...refusals];
        rig.intercept = (intent) => {
          if (answers.shift() !== true) return false;
          rejections++;
          rig.desk.onReport({ type: 'rejected', orderId: intent.orderId, reason: 'no', atUs: rig.engine.nowUs });
          return true;
        };
        const flatBefore = rig.book.openDeals().length + rig.book.workingEntries().length === 0;
        const told = rig.told.length;
        const words = rig.command('flatten', all ? {} : { market: 0 });
        expect(words).toEqual({ words: expect.stringMatching(/^(Already flat|Flatten is under way)/) });
        rig.command('flatten', all ? {} : { market: 0 });
        rig.wait(10_000);
        expect(rig.book.openDeals()).toEqual([]);
        expect(rig.book.workingEntries()).toEqual([]);
        expect(rig.broker.snapshot()).toMatchObject({ deals: [], working: [], inFlight: [] });
        const flats = rig.told.slice(told).filter(({ words: line }) => /^Flat: /.test(line));
        if (!flatBefore) expect(flats.length).toBeGreaterThanOrEqual(1);
      },
    ),
    { numRuns: 120 },
  );
  expect(rejections).toBeGreaterThan(10);
});

test('F on a flat book says so, and a second F starts nothing more', () => {
  const rig = new TradeRig();
  expect(rig.command('flatten', { market: 0 })).toEqual({ words: 'Already flat.' });
  rig.arm();
  rig.trade('buy');
  rig.command('flatten', { market: 0 });
  rig.command('flatten', { market: 0 });
  rig.wait(1_000);
  expect(rig.submitted).toHaveLength(2);
  expect(rig.told.filter(({ words }) => words.startsWith('Flat:'))).toEqual([
    { kind: 'order', words: 'Flat: EUR/USD, verified.' },
  ]);
});

test('the account is in order after any sequence: money is whole cents and equals the sum of the results', () => {
  fc.assert(
    fc.property(fc.commands(steps, { maxCommands: 50, size: 'max' }), (commands) => {
      const watch = watched();
      fc.modelRun(() => ({ model: {}, real: watch }), commands);
      const { rig } = watch;
      let sum = rig.settings.account.startingBalanceMinor;
      for (const report of rig.reports) if (report.type === 'deal-closed') sum += report.realisedMinor;
      expect(rig.book.balanceMinor).toBe(sum);
      expect(Number.isSafeInteger(rig.book.balanceMinor)).toBe(true);
      const held = rig.broker.snapshot().deals.map((deal) => deal.id);
      expect(rig.book.openDeals().map((deal) => deal.id)).toEqual(held);
    }),
    { numRuns: 120 },
  );
});
