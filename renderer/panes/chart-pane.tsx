import { useEffect, useRef, useState } from 'react';
import type { BarRow, MarketRow } from '../../shared/contract/topics.ts';
import { decimalsOfTick } from '../../shared/units.ts';
import { CandleChart } from '../drawing/candle-chart.ts';
import { terminal } from '../engine/page-terminal.ts';
import { lotText, signedLotText } from '../format/lot-text.ts';
import { signedText } from '../format/price-text.ts';
import { compact } from '../format/quantity-text.ts';
import { currentSelection, drawingKey, type Selection, useSelection } from '../stores/selection.ts';
import { palette } from '../theme/palette.ts';
import { PaneFrame } from './pane-frame.tsx';

/** One-minute candles with their average price and volume: of the watched market, or of its spot where that has more to show. */
export function ChartPane() {
  const charted = chartedMarket(useSelection());
  const host = useRef<HTMLDivElement>(null);
  const [bar, setBar] = useState<BarRow>();
  const drawn = charted && drawingKey(charted);
  useEffect(() => {
    const market = chartedMarket(currentSelection());
    if (drawn === undefined || !market || !host.current) return;
    const chart = new CandleChart(host.current, palette(), terminal.bars, `bars:${market.index}`, market, setBar);
    return () => chart.dispose();
  }, [drawn]);
  return (
    <PaneFrame name="Chart" market={charted} waitsFor="bars of the signal market">
      <div className="stack">
        <div className="chart-head">
          <span className="strong">{charted?.label} 1 min</span>
          {charted && bar && <BarFigures bar={bar} market={charted} />}
          <a className="credit" href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
            Charts by TradingView
          </a>
        </div>
        <div className="fill">
          <div className="fill-canvas" ref={host} />
          {charted && !bar && <p className="empty chart-empty">No bar of {charted.label} yet.</p>}
        </div>
      </div>
    </PaneFrame>
  );
}

/** The market of a selection whose bars the engine would have charted. */
function chartedMarket({ link, signal, execution }: Selection): MarketRow | undefined {
  return link !== undefined && execution?.index === link.barsMarket ? execution : signal;
}

/** The numbers of one bar: its average says whether traded volume or time weighs it, its volume whether it counts trades or quotes. */
function BarFigures({ bar, market }: { readonly bar: BarRow; readonly market: MarketRow }) {
  const decimals = decimalsOfTick(market.tickNano);
  const { volume, delta } = bar;
  const coins = lotText(market.lotDecimals, 4);
  const figure = (name: string, value: string, tone = '') => (
    <span className="figure-pair">
      <i>{name}</i> <span className={tone}>{value}</span>
    </span>
  );
  return (
    <span className="bar-figures">
      {figure(
        bar.vwapKind === 'true_vwap' ? 'VWAP true' : 'TWAP',
        bar.vwap === null ? '—' : bar.vwap.toFixed(decimals),
        'strong',
      )}
      {figure('O', bar.open.toFixed(decimals))}
      {figure('H', bar.high.toFixed(decimals))}
      {figure('L', bar.low.toFixed(decimals))}
      {figure('C', bar.close.toFixed(decimals))}
      {figure(bar.volumeType === 'real' ? 'Vol' : 'Quotes', market.lotDecimals === 0 ? compact(volume) : coins(volume))}
      {figure(
        'Delta',
        market.lotDecimals === 0 ? signedText(delta, 0) : signedLotText(coins)(delta),
        delta > 0 ? 'bid' : delta < 0 ? 'ask' : '',
      )}
    </span>
  );
}
