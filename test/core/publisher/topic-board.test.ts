import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SlowCursor } from '../../../main/core/publisher/slow-cursor.ts';
import { TopicBoard } from '../../../main/core/publisher/topic-board.ts';
import type { AccountState, FillRow } from '../../../shared/trading.ts';
import { ClientReplica } from './client-replica.ts';

const account: AccountState = {
  id: 'account',
  name: 'Paper',
  currency: 'USD',
  balanceMinor: 5_000_000,
  realisedTodayMinor: 0,
  openMinor: 0,
  rToday: 0,
  dealsToday: 0,
  locked: false,
  lockReason: '',
};

function fill(id: number, lots: number): FillRow {
  return {
    id: `F${id}`,
    orderId: 'O1',
    dealId: 'D1',
    market: 0,
    side: 'buy',
    lots,
    ticks: 1,
    atUs: 1,
    liquidity: 'taker',
  };
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('upsert' as const), id: fc.nat(12), lots: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), id: fc.nat(12) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('patch' as const), open: fc.nat(2), locked: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('set' as const), balance: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('subscribe' as const) }) },
);

describe('topic board', () => {
  test('after any changes, reads and new subscriptions the replica equals the board, in order too', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const board = new TopicBoard();
        board.defineTable('fills', 6);
        board.setRecord('account', account);
        let cursors = [new SlowCursor('fills'), new SlowCursor('account')];
        const replica = new ClientReplica();
        const read = () => {
          for (const cursor of cursors) {
            const message = cursor.read(board);
            if (message !== undefined) replica.take(message);
          }
        };
        for (const at of steps) {
          if (at.do === 'upsert') board.upsert('fills', fill(at.id, at.lots));
          else if (at.do === 'remove') board.remove('fills', `F${at.id}`);
          else if (at.do === 'patch') board.patchRecord('account', { openMinor: at.open, locked: at.locked });
          else if (at.do === 'set') board.setRecord('account', { ...account, balanceMinor: at.balance });
          else if (at.do === 'read') read();
          else cursors = [new SlowCursor('fills'), new SlowCursor('account')];
        }
        read();
        expect(replica.rows('fills')).toEqual(board.rows('fills'));
        expect(replica.record('account')).toEqual(board.record('account'));
      }),
      { numRuns: 300 },
    );
  });

  test('only changed fields travel', () => {
    const board = new TopicBoard();
    board.setRecord('account', account);
    const cursor = new SlowCursor('account');
    expect(cursor.read(board)).toMatchObject({ seq: 1, snapshot: true, value: account });
    board.setRecord('account', { ...account, openMinor: 7 });
    expect(cursor.read(board)).toEqual({
      kind: 'record',
      topic: 'account',
      seq: 2,
      snapshot: false,
      value: { openMinor: 7 },
    });
    board.setRecord('account', { ...account, openMinor: 7 });
    expect(cursor.read(board)).toBeUndefined();
  });

  test('a table keeps its newest rows and says which left', () => {
    const board = new TopicBoard();
    board.defineTable('fills', 2);
    const cursor = new SlowCursor('fills');
    board.upsert('fills', fill(1, 1));
    board.upsert('fills', fill(2, 1));
    cursor.read(board);
    board.upsert('fills', fill(3, 1));
    board.upsert('fills', fill(2, 5));
    expect(cursor.read(board)).toMatchObject({ upsert: [fill(2, 5), fill(3, 1)], remove: ['F1'] });
    expect(board.rows('fills').map((row) => row.id)).toEqual(['F2', 'F3']);
  });

  test('rows that came and went between two reads are never mentioned', () => {
    const board = new TopicBoard();
    board.defineTable('fills', 3);
    const cursor = new SlowCursor('fills');
    cursor.read(board);
    for (let id = 0; id < 1_000; id++) board.upsert('fills', fill(id, 1));
    const message = cursor.read(board);
    expect(message).toMatchObject({ remove: [] });
    expect(message?.kind === 'table' && message.upsert.map((row) => row.id)).toEqual(['F997', 'F998', 'F999']);
  });

  test('a topic that is defined later starts with its snapshot', () => {
    const board = new TopicBoard();
    const cursor = new SlowCursor('bars:3');
    expect(cursor.read(board)).toBeUndefined();
    board.defineTable('bars:3', 10);
    expect(cursor.read(board)).toMatchObject({ kind: 'table', seq: 1, snapshot: true, upsert: [] });
  });

  test('announcements are counted', () => {
    const board = new TopicBoard();
    board.announce('info', 'Paper account opened.', 5);
    board.announce('fault', 'Feed lost.', 6);
    expect(board.rows('announcements')).toEqual([
      { id: 'A1', atUs: 5, kind: 'info', words: 'Paper account opened.' },
      { id: 'A2', atUs: 6, kind: 'fault', words: 'Feed lost.' },
    ]);
  });

  test('use before definition, double definition and a patch of nothing are refused with the name', () => {
    const board = new TopicBoard();
    expect(() => board.upsert('fills', fill(1, 1))).toThrow('"fills"');
    expect(() => board.patchRecord('account', { openMinor: 1 })).toThrow('"account"');
    board.defineTable('fills', 1);
    expect(() => board.defineTable('fills', 1)).toThrow('twice');
  });
});
