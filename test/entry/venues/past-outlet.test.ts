import { expect, test } from 'vitest';
import { Engine } from '../../../main/core/engine.ts';
import { TopicBoard } from '../../../main/core/publisher/topic-board.ts';
import { BackfillRequests } from '../../../main/entry/venues/backfill-requests.ts';
import { pastOutlet } from '../../../main/entry/venues/past-outlet.ts';
import { instrumentOf } from '../../../shared/instruments.ts';

test('a hole is one mark, at the price of its market, whose words change once it is filled', () => {
  const engine = new Engine({ continuity: 'live' });
  const market = engine.addMarket(instrumentOf('6EZ6', 1, 42, undefined));
  const board = new TopicBoard();
  board.defineTable('markers', 10);
  const past = pastOutlet({
    engine,
    board,
    backfills: new BackfillRequests(board),
    folder: 'data',
    record: false,
    bars: () => undefined,
  });
  expect(past.captures).toBeUndefined();
  past.mark(market, 5, 'is missing');
  expect(board.rows('markers')).toEqual([]);
  market.lastTradeTicks = 23_000;
  past.mark(market, 5, 'is missing');
  past.mark(market, 5, 'filled from history');
  expect(board.rows('markers')).toEqual([
    { id: 'G5-0', market: 0, kind: 'gap', side: 'none', ticks: 23_000, atUs: 5, words: 'filled from history' },
  ]);
  past.announce('info', 'filled');
  expect(board.rows('announcements')).toMatchObject([{ kind: 'info', words: 'filled' }]);
});
