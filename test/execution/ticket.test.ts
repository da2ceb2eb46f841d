import { describe, expect, test } from 'vitest';
import { TradeRig } from './trade-rig.ts';

describe('the ticket under the finger', () => {
  test('starts disarmed, and disarmed nothing can be staged or confirmed', () => {
    const rig = new TradeRig();
    expect(rig.ticket.armed).toBe(false);
    expect(rig.stage('buy')).toMatch(/Disarmed/);
    rig.signalled('buy');
    expect(rig.ticket.active).toBeNull();
    expect(rig.confirm()).toMatch(/Disarmed/);
    rig.wait(500);
    expect(rig.submitted).toEqual([]);
  });

  test('a newer proposal waits beside the active one and takes its place only when that is gone', () => {
    const rig = new TradeRig();
    rig.arm();
    rig.signalled('buy');
    const first = rig.active;
    rig.wait(1_000);
    rig.signalled('sell');
    expect(rig.active).toEqual(first);
    const waiting = rig.ticket.waiting;
    expect(waiting?.side).toBe('sell');
    rig.command('dismiss', { ticketId: first.id });
    expect(rig.active.id).toBe(waiting?.id);
  });

  test('a waiting proposal that a newer one pushes out is told to be gone', () => {
    const rig = new TradeRig();
    rig.arm();
    for (const side of ['buy', 'sell', 'buy'] as const) {
      rig.signalled(side);
      rig.wait(100);
    }
    const [, second] = rig.proposalEvents;
    expect(rig.proposalEvents.filter(({ id }) => id === second!.id).map(({ event }) => event)).toEqual([
      'waiting',
      'dismissed',
    ]);
  });

  test('Enter is deaf for 300 ms after a proposal appears, and not a microsecond longer', () => {
    const rig = new TradeRig();
    rig.arm();
    rig.stage('buy');
    const appearedUs = rig.engine.nowUs;
    rig.engine.advanceTo(appearedUs + 299_999);
    expect(rig.confirm()).toMatch(/only just appeared/);
    rig.engine.advanceTo(appearedUs + 300_000);
    expect(rig.confirm()).toMatch(/sent/);
  });

  test('Enter is deaf again for one that moved up from waiting', () => {
    const rig = new TradeRig();
    rig.arm();
    rig.signalled('buy');
    rig.wait(400);
    rig.signalled('buy');
    rig.wait(400);
    expect(rig.confirm()).toMatch(/sent/);
    expect(rig.ticket.active).not.toBeNull();
    expect(rig.confirm()).toMatch(/only just appeared/);
    rig.wait(300);
    expect(rig.confirm()).toMatch(/sent/);
    rig.wait(100);
    expect(rig.submitted).toHaveLength(2);
  });

  test('a held key, an older revision, another id and an expired ticket send nothing', () => {
    const rig = new TradeRig();
    rig.arm();
    rig.stage('buy');
    rig.wait(400);
    const { id, revision } = rig.active;
    const attempt = (params: { ticketId: string; revision: number; heldKey: boolean }) =>
      rig.command('confirm', params);
    expect(attempt({ ticketId: id, revision, heldKey: true })).toHaveProperty('refused');
    expect(attempt({ ticketId: `${id}x`, revision, heldKey: false })).toHaveProperty('refused');
    rig.command('nudge', { ticketId: id, revision, field: 'stop', ticks: -2 });
    expect(attempt({ ticketId: id, revision, heldKey: false })).toHaveProperty('refused');
    rig.wait(5_100);
    expect(rig.ticket.active).toBeNull();
    expect(attempt({ ticketId: id, revision: revision + 1, heldKey: false })).toHaveProperty('refused');
    expect(rig.submitted).toEqual([]);
    expect(rig.proposalEvents.at(-1)).toEqual({ id, event: 'expired' });
  });

  test('at the very microsecond of its expiry a ticket is gone, on a quiet market too', () => {
    const rig = new TradeRig();
    rig.arm();
    rig.stage('buy');
    const { expiresUs } = rig.active;
    rig.engine.advanceTo(expiresUs - 1);
    expect(rig.ticketState?.active).not.toBeNull();
    rig.engine.advanceTo(expiresUs);
    expect(rig.ticketState?.active).toBeNull();
  });

  test('a ticket that nobody has taken off yet cannot be confirmed at its expiry', () => {
    const rig = new TradeRig();
    rig.arm();
    rig.stage('buy');
    const { id, revision, expiresUs } = rig.active;
    expect(rig.ticket.refusal(id, revision, false, expiresUs - 1)).toBeUndefined();
    expect(rig.ticket.refusal(id, revision, false, expiresUs)?.refused).toMatch(/expired/);
  });

  test('disarming takes both proposals off', () => {
    const rig = new TradeRig();
    rig.arm();
    rig.signalled('buy');
    rig.signalled('sell');
    rig.command('arm', { armed: false });
    expect(rig.ticketState).toMatchObject({ armed: false, active: null, waiting: null });
    expect(rig.proposalEvents.slice(-2).map(({ event }) => event)).toEqual(['dismissed', 'dismissed']);
  });

  test("the trader's own next wish replaces his last one, and no signal slips under his finger", () => {
    const rig = new TradeRig();
    rig.arm();
    rig.stage('buy');
    rig.signalled('sell');
    const signal = rig.ticket.waiting;
    rig.stage('buy', { type: 'limit' });
    expect(rig.active).toMatchObject({ origin: 'manual', type: 'limit' });
    expect(rig.ticket.waiting).toEqual(signal);
  });

  test('a wish beside a signal waits and says so', () => {
    const rig = new TradeRig();
    rig.arm();
    rig.signalled('sell');
    expect(rig.stage('buy')).toMatch(/waits beside/);
    expect(rig.active.origin).toBe('signal');
  });

  test('a revision shows its new risk, and a stop beyond the entry or inside the minimum of the broker is refused', () => {
    const rig = new TradeRig();
    rig.arm();
    rig.stage('buy');
    const before = rig.active;
    const nudge = (field: 'stop' | 'target' | 'entry', ticks: number) =>
      rig.command('nudge', { ticketId: rig.active.id, revision: rig.active.revision, field, ticks });
    expect(nudge('stop', -10)).not.toHaveProperty('refused');
    expect(rig.active.revision).toBe(before.revision + 1);
    expect(rig.active.riskMinor).toBe(before.riskMinor + 1_000);
    expect(nudge('stop', 200)).toHaveProperty('refused');
    expect(nudge('stop', 25)).toEqual({ refused: 'The broker takes no stop closer than 2 pips.' });
    expect(nudge('target', -500)).toHaveProperty('refused');
    expect(nudge('entry', 1)).toHaveProperty('refused');
  });
});
