import { dataSourceOf, quotesOnly } from '../../shared/instruments.ts';
import type { Market } from '../core/market.ts';
import type { TopicBoard } from '../core/publisher/topic-board.ts';
import { type BarCandidate, chooseBarSource } from '../features/bar-source.ts';

interface MarketBars extends BarCandidate {
  readonly market: Market;
}

/**
 * The market of a link whose bars are worth a chart: the future's with their real volume, or the spot's own while the future
 * has less than half as many. A chart asks for as many bars as there are of either, those of earlier runs included.
 */
export function chartedMarket(board: TopicBoard, signal: Market, execution: Market): Market {
  const candidates = [signal, execution].map((market) => barsOf(board, market));
  const asked = Math.max(...candidates.map(({ bars }) => bars));
  return chooseBarSource(candidates, asked)?.candidate.market ?? signal;
}

function barsOf(board: TopicBoard, market: Market): MarketBars {
  return {
    market,
    source: dataSourceOf(market.instrument),
    volumeType: quotesOnly(market.instrument) ? 'tick' : 'real',
    bars: board.count(`bars:${market.index}`),
  };
}
