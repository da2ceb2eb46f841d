import { expect, test } from 'vitest';
import { CommandRefusal } from '../../../main/core/publisher/command-refusal.ts';
import { TopicBoard } from '../../../main/core/publisher/topic-board.ts';
import { BackfillRequests } from '../../../main/entry/venues/backfill-requests.ts';

test('a request is shown until it is confirmed, and confirmed once', () => {
  const board = new TopicBoard();
  const requests = new BackfillRequests(board);
  let confirmed = 0;
  const words = '14:00 to 15:20 UTC: 120 MB for USD 2.50';
  requests.ask({ id: 'H1', atUs: 7, words, confirm: () => confirmed++ });
  expect(board.rows('backfills')).toEqual([{ id: 'H1', atUs: 7, words }]);
  expect(() => requests.confirm('H2')).toThrow(CommandRefusal);
  expect(requests.confirm('H1').words).toContain('120 MB');
  expect(board.rows('backfills')).toEqual([]);
  expect(() => requests.confirm('H1')).toThrow(CommandRefusal);
  expect(confirmed).toBe(1);
});
