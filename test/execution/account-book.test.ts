import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeEntry, type JournalEntry } from '../../main/core/journal/journal-entry.ts';
import type { BrokerReport, OrderIntent } from '../../main/core/trading-ports.ts';
import { AccountBook } from '../../main/execution/account-book.ts';
import { recoverAccount } from '../../main/execution/account-recovery.ts';
import { TradeRig } from './trade-rig.ts';

function newBook(): AccountBook {
  return new AccountBook({ name: 'Paper', currency: 'USD', startingBalanceMinor: 5_000_000 });
}

/** A life of the account as the journal has it: intents before their reports, deals before their closes, and doubles. */
const journals: fc.Arbitrary<JournalEntry[]> = fc
  .array(fc.tuple(fc.nat(7), fc.nat(30), fc.integer({ min: -90_000, max: 90_000 }), fc.nat(3)), { maxLength: 60 })
  .map((draws) => {
    const entries: JournalEntry[] = [];
    const orders: string[] = [];
    const deals: string[] = [];
    const add = (type: string, data: object) =>
      entries.push({ v: 1, n: entries.length + 1, input: 0, atUs: entries.length, type, data });
    const report = (data: BrokerReport) => add('broker-report', data);
    let id = 0;
    for (const [kind, pick, money, day] of draws) {
      const orderId = orders[pick % Math.max(1, orders.length)];
      const dealId = deals[pick % Math.max(1, deals.length)];
      const atUs = entries.length;
      const fill = (of: string, deal: string) => ({
        id: `F${++id}`,
        orderId: of,
        dealId: deal,
        market: pick % 3,
        side: 'buy' as const,
        lots: 1 + (pick % 4),
        ticks: 100_000 + money,
        atUs,
        liquidity: 'taker' as const,
      });
      const protection = { stopTicks: 99_000, targetTicks: pick % 2 === 0 ? null : 101_000 };
      if (kind <= 1 || orderId === undefined) {
        const closing = kind === 1 && dealId !== undefined ? dealId : null;
        const intent: OrderIntent = {
          orderId: `O${++id}`,
          market: pick % 3,
          side: pick % 2 === 0 ? 'buy' : 'sell',
          type: 'market',
          lots: 1 + (pick % 4),
          limitTicks: null,
          ...protection,
          dealId: closing,
          riskMinor: 1_000 * day,
        };
        orders.push(intent.orderId);
        add('order-intent', intent);
      } else if (kind === 2) report({ type: 'accepted', orderId, atUs });
      else if (kind === 3) report({ type: pick % 2 === 0 ? 'rejected' : 'cancelled', orderId, reason: 'no', atUs });
      else if (kind === 4) {
        const opened = `D${++id}`;
        deals.push(opened);
        report({
          type: 'deal-opened',
          orderId,
          dealId: opened,
          fill: fill(orderId, opened),
          ...protection,
          riskMinor: 1_000 * day,
          atUs,
        });
      } else if (kind === 5 && dealId !== undefined) {
        const by = pick % 3 === 0 ? null : orderId;
        report({
          type: 'deal-closed',
          orderId: by,
          dealId,
          fill: fill(by ?? dealId, dealId),
          reason: 'trader',
          realisedMinor: money,
          rate: 1,
          atUs,
        });
      } else if (kind === 6 && dealId !== undefined) report({ type: 'deal-amended', dealId, ...protection, atUs });
      else if (day === 0) add('trade-date', { tradeDate: `2026-11-${10 + (pick % 20)}` });
      else if (day === 1) add('day-lock', { reason: 'x' });
      else add('command', { name: 'arm' });
    }
    return entries;
  });

function folded(entries: readonly JournalEntry[]): AccountBook {
  const book = newBook();
  recoverAccount(entries, book);
  return book;
}

describe('folding', () => {
  test('the journal again gives the identical book, and a checkpoint anywhere in it changes nothing', () => {
    fc.assert(
      fc.property(journals, fc.nat(), (entries, at) => {
        const whole = folded(entries).snapshot();
        expect(folded(entries).snapshot()).toEqual(whole);
        const cut = at % (entries.length + 1);
        const head = folded(entries.slice(0, cut));
        const checkpoint = {
          v: 1,
          n: 0,
          input: 0,
          atUs: 0,
          type: 'checkpoint',
          data: { account: head.snapshot(), intents: [] },
        };
        const rest = withoutEnded(entries.slice(cut), head);
        expect(folded([...entries.slice(0, cut), checkpoint, ...rest]).snapshot()).toEqual(
          folded([...entries.slice(0, cut), ...rest]).snapshot(),
        );
      }),
    );
  });

  test('money stays whole minor units: the start, plus each deal once', () => {
    fc.assert(
      fc.property(journals, (entries) => {
        const book = folded(entries);
        const closed = new Map<string, number>();
        for (const { data, type } of entries) {
          const report = data as BrokerReport;
          if (type === 'broker-report' && report.type === 'deal-closed' && !closed.has(report.dealId))
            closed.set(report.dealId, report.realisedMinor);
        }
        const sum = [...closed.values()].reduce((total, minor) => total + minor, 0);
        expect(book.balanceMinor).toBe(5_000_000 + sum);
        for (const { realisedMinor } of book.openDeals()) expect(realisedMinor).toBeNull();
      }),
    );
  });

  test('ids go on after the highest that was ever used', () => {
    fc.assert(
      fc.property(journals, (entries) => {
        const used = JSON.stringify(entries).match(/"[ODF]\d+"/g) ?? [];
        const highest = folded(entries).highestId;
        const opens = entries.filter(({ type }) => type === 'order-intent').length;
        if (opens > 0) expect(highest).toBeGreaterThan(0);
        expect(Math.max(0, ...used.map((id) => Number(id.slice(2, -1))))).toBeGreaterThanOrEqual(highest);
      }),
    );
  });
});

/** The entries that a checkpoint is followed by: brokers say nothing more of orders and deals that ended before it. */
function withoutEnded(entries: readonly JournalEntry[], head: AccountBook): JournalEntry[] {
  const gone = new Set<string>();
  const hasEnded = (id: string | null | undefined): boolean => {
    if (id === null || id === undefined) return false;
    const state = head.order(id)?.state ?? head.deal(id)?.state ?? '';
    return gone.has(id) || ['filled', 'cancelled', 'rejected', 'closed'].includes(state);
  };
  return entries.filter(({ type, data }) => {
    const named = data as { orderId?: string | null; dealId?: string | null; type?: string };
    if (type !== 'order-intent' && type !== 'broker-report') return true;
    if (!hasEnded(named.orderId) && !hasEnded(named.dealId)) return true;
    if (type === 'order-intent') gone.add(named.orderId!);
    if (named.type === 'deal-opened') gone.add(named.dealId!);
    return false;
  });
}

describe('facts', () => {
  function filled(): AccountBook {
    const book = newBook();
    const intent = {
      market: 0,
      side: 'buy',
      type: 'market',
      lots: 2,
      limitTicks: null,
      dealId: null,
      riskMinor: 500,
    } as const;
    book.intend({ ...intent, orderId: 'O1', stopTicks: 90, targetTicks: null }, 1);
    const fill = {
      id: 'F2',
      orderId: 'O1',
      dealId: 'D1',
      market: 0,
      side: 'buy',
      lots: 2,
      ticks: 100,
      atUs: 2,
      liquidity: 'taker',
    } as const;
    book.apply({
      type: 'deal-opened',
      orderId: 'O1',
      dealId: 'D1',
      fill,
      stopTicks: 90,
      targetTicks: null,
      riskMinor: 500,
      atUs: 2,
    });
    return book;
  }

  test('no later word takes a fill back', () => {
    const book = filled();
    const before = book.snapshot();
    expect(book.apply({ type: 'rejected', orderId: 'O1', reason: 'late', atUs: 3 })).toEqual({ words: '' });
    expect(book.apply({ type: 'accepted', orderId: 'O1', atUs: 3 })).toEqual({ words: '' });
    expect(book.order('O1')?.state).toBe('filled');
    expect(book.snapshot()).toEqual(before);
  });

  test('an order whose cancellation was asked for stays so when the broker takes it', () => {
    const book = newBook();
    const intent = {
      market: 0,
      side: 'buy',
      type: 'limit',
      lots: 2,
      limitTicks: 99,
      dealId: null,
      riskMinor: 500,
    } as const;
    book.intend({ ...intent, orderId: 'O1', stopTicks: 90, targetTicks: null }, 1);
    book.mark('O1', 'sent', 2);
    book.mark('O1', 'cancel-sent', 3);
    book.apply({ type: 'accepted', orderId: 'O1', atUs: 4 });
    expect(book.order('O1')?.state).toBe('cancel-sent');
    expect(book.mark('O1', 'sent', 5)).toBeUndefined();
  });

  test('a report on what the book does not know is an invariant that broke', () => {
    expect(() => newBook().apply({ type: 'accepted', orderId: 'O9', atUs: 1 })).toThrow(/O9, which is not in the book/);
  });
});

test('a journal cut at any byte folds to the book that its whole entries had', () => {
  const rig = new TradeRig();
  rig.arm();
  rig.trade('buy');
  rig.trade('buy', { type: 'limit' });
  rig.stage('buy');
  rig.wait(400);
  rig.confirm();
  rig.command('lockDay', { reason: 'enough' });
  rig.wait(100);
  const lines = rig.journal.entries.map(encodeEntry);
  const text = lines.join('');
  let last = '';
  for (let cut = 0; cut <= text.length; cut += 3) {
    const whole = text.slice(0, cut).split('\n').length - 1;
    const book = newBook();
    const { working, inFlight } = recoverAccount(rig.journal.entries.slice(0, whole), book);
    const live = book.snapshot().orders;
    expect([...working.map((intent) => intent.orderId), ...inFlight.map((order) => order.id)].toSorted()).toEqual(
      live.map((order) => order.id).toSorted(),
    );
    last = JSON.stringify(book.snapshot());
  }
  const { orders, ...account } = rig.book.snapshot();
  expect(JSON.parse(last)).toMatchObject(JSON.parse(JSON.stringify(account)));
  expect(orders).toEqual([]);
});

test('after a crash the orders that were on their way are the ones in question, and working ones are still at the broker', () => {
  const rig = new TradeRig();
  rig.arm();
  rig.trade('buy');
  rig.trade('buy', { type: 'limit' });
  rig.stage('buy');
  rig.wait(400);
  rig.confirm();
  rig.command('closeDeal', { dealId: 'D1' });
  const next = new TradeRig();
  const { working, inFlight } = recoverAccount(rig.journal.entries, next.book);
  expect(working).toMatchObject([{ type: 'limit' }]);
  expect(inFlight).toMatchObject([
    { purpose: 'open', state: 'intended' },
    { purpose: 'close', dealId: 'D1', state: 'intended' },
  ]);
  next.orders.connect(next.broker);
  for (const { id } of inFlight) next.desk.onReport({ type: 'rejected', orderId: id, reason: 'stopped', atUs: 1 });
  expect(next.book.openDeals()).toMatchObject([{ id: 'D1', state: 'open', stopTicks: rig.book.deal('D1')!.stopTicks }]);
  expect(next.ticket.armed).toBe(false);
  const used = new Set(rig.submitted.map((intent) => intent.orderId));
  expect(used).not.toContain(next.orders.close(next.book.deal('D1')!));
});
