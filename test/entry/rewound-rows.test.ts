import { expect, test } from 'vitest';
import { TopicBoard } from '../../main/core/publisher/topic-board.ts';
import { rewindRows } from '../../main/entry/rewound-rows.ts';
import type { TableTopics } from '../../shared/contract/topics.ts';

const TABLES = ['signals', 'markers', 'fills', 'orders', 'deals'] as const;

test('after a step back the rows are those of that time, with orders and deals as the account has them', () => {
  const board = new TopicBoard();
  for (const table of TABLES) board.defineTable(table, 10);
  const put = <T extends (typeof TABLES)[number]>(table: T, row: object): void =>
    board.upsert(table, row as TableTopics[T]);
  for (const table of ['signals', 'markers', 'fills'] as const) {
    put(table, { id: 'known', atUs: 100 });
    put(table, { id: 'later', atUs: 101 });
  }
  put('orders', { id: 'O1', state: 'filled' });
  put('orders', { id: 'O2', state: 'working' });
  put('deals', { id: 'D1', state: 'closed' });
  put('deals', { id: 'D2', state: 'open' });

  const then = { O1: { id: 'O1', state: 'working' }, D1: { id: 'D1', state: 'open' } } as Record<string, object>;
  rewindRows(board, { order: (id) => then[id] as never, deal: (id) => then[id] as never }, 100);

  for (const table of ['signals', 'markers', 'fills'] as const) {
    expect(board.rows(table).map(({ id }) => id)).toEqual(['known']);
  }
  expect(board.rows('orders')).toEqual([{ id: 'O1', state: 'working' }]);
  expect(board.rows('deals')).toEqual([{ id: 'D1', state: 'open' }]);
});
