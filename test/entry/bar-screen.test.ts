import { expect, test } from 'vitest';
import type { Market } from '../../main/core/market.ts';
import type { Bar } from '../../main/core/ports.ts';
import { TopicBoard } from '../../main/core/publisher/topic-board.ts';
import { BarScreen } from '../../main/entry/bar-screen.ts';

const MINUTE_US = 60_000_000;
const market = { index: 0, instrument: { publisherId: 1, venue: 'GLBX' } } as Market;

function bar(minute: number, close = minute): Bar {
  const startUs = minute * MINUTE_US;
  return {
    startUs,
    open: minute,
    high: minute,
    low: minute,
    close,
    priceSource: 'mid',
    volume: 1,
    volumeType: 'real',
    delta: 0,
    vwap: Number.NaN,
    sessionVwap: Number.NaN,
  };
}

/** Starts of the bars on the board, in minutes; the open one in brackets. */
function shown(board: TopicBoard): string {
  const rows = [...board.rows('bars:0')].sort((a, b) => a.startUs - b.startUs);
  return rows.map((row) => (row.closed ? `${row.close}` : `(${row.close})`)).join(' ');
}

test('a step back in time takes away what was not known then, and going on brings it back', () => {
  const board = new TopicBoard();
  const screen = new BarScreen(board, 10);
  let open: Bar | undefined;
  const publish = (nowMinutes: number): void =>
    screen.publishOpen([market], { openBar: () => open }, nowMinutes * MINUTE_US);
  for (let minute = 0; minute < 5; minute++) screen.onBar(market, bar(minute), true);
  open = bar(5);
  publish(5.5);
  expect(shown(board)).toBe('0 1 2 3 4 (5)');

  open = bar(2, 2.2);
  publish(2.2);
  expect(shown(board)).toBe('0 1 (2.2)');

  open = bar(4, 4.1);
  publish(4.1);
  expect(shown(board)).toBe('0 1 2 3 (4.1)');
});

test('bars of an earlier run come before those of this one and replace none', () => {
  const board = new TopicBoard();
  const screen = new BarScreen(board, 3);
  screen.onBar(market, bar(3), false);
  screen.recall(market, [bar(0), bar(1), bar(2), bar(3, 99)]);
  expect(shown(board)).toBe('1 2 (3)');
});

test('bars that are filled in replace what is known of their minutes and keep its session average', () => {
  const board = new TopicBoard();
  const screen = new BarScreen(board, 10);
  screen.onBar(market, { ...bar(1), sessionVwap: 7 }, true);
  screen.onBar(market, bar(4), false);
  screen.fill(market, [bar(1, 1.5), bar(2), bar(3)]);
  expect(shown(board)).toBe('1.5 2 3 (4)');
  expect(new Map(board.rows('bars:0').map((row) => [row.startUs / MINUTE_US, row.vwap]))).toEqual(
    new Map([
      [1, 7],
      [2, null],
      [3, null],
      [4, null],
    ]),
  );
});

test('a market without a bar has an empty table', () => {
  const board = new TopicBoard();
  new BarScreen(board, 10).publishOpen([market], { openBar: () => undefined }, 0);
  expect(board.rows('bars:0')).toEqual([]);
});
