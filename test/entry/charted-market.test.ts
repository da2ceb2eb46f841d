import { describe, expect, test } from 'vitest';
import { Market } from '../../main/core/market.ts';
import type { Bar } from '../../main/core/ports.ts';
import { TopicBoard } from '../../main/core/publisher/topic-board.ts';
import { BarScreen } from '../../main/entry/bar-screen.ts';
import { chartedMarket } from '../../main/entry/charted-market.ts';
import { instrumentOf, PUBLISHER } from '../../shared/instruments.ts';

const future = new Market(0, instrumentOf('6EZ6', 1, 7, undefined));
const spot = new Market(1, { ...instrumentOf('EURUSD', PUBLISHER.IG, 8, undefined), indicative: true });

function bar(minute: number, volumeType: Bar['volumeType']): Bar {
  const startUs = minute * 60_000_000;
  const price = { open: 1, high: 1, low: 1, close: 1, vwap: 1, sessionVwap: 1, priceSource: 'mid' as const };
  return { startUs, ...price, volume: 5, volumeType, delta: 0 };
}

/** A board with so many bars of the future and the spot, of an earlier run and of this one. */
function boardWith(counts: { future: [number, number]; spot: [number, number] }): TopicBoard {
  const board = new TopicBoard();
  const screen = new BarScreen(board, 1_000);
  for (const [market, volumeType, [recalled, live]] of [
    [future, 'real', counts.future],
    [spot, 'tick', counts.spot],
  ] as const) {
    for (let i = 0; i < live; i++) screen.onBar(market, bar(500 + i, volumeType), true);
    screen.recall(
      market,
      Array.from({ length: recalled }, (_, i) => bar(i, volumeType)),
    );
  }
  return board;
}

describe('the market that is charted for a link', () => {
  test.each([
    ['nothing has a bar', [0, 0], [0, 0], future],
    ['both have as many', [0, 60], [0, 60], future],
    ['the future has half as many as the spot', [0, 30], [40, 20], future],
    ['the future has less than half', [0, 29], [40, 20], spot],
    ['the future has them from an earlier run', [300, 2], [0, 200], future],
    ['the future has none', [0, 0], [0, 1], spot],
    ['the spot has none', [0, 1], [0, 0], future],
  ] as const)('when %s', (_name, ofFuture, ofSpot, expected) => {
    const board = boardWith({ future: [...ofFuture], spot: [...ofSpot] });
    expect(chartedMarket(board, future, spot)).toBe(expected);
  });

  test('its bars say what they are', () => {
    const board = boardWith({ future: [0, 1], spot: [1, 0] });
    expect(board.rows('bars:0')).toMatchObject([{ source: 'databento', volumeType: 'real', vwapKind: 'true_vwap' }]);
    expect(board.rows('bars:1')).toMatchObject([{ source: 'ig', volumeType: 'tick', vwapKind: 'twap' }]);
  });
});
