import { useEffect, useRef, useState } from 'react';
import type { BarRow, MarketRow } from '../../shared/contract/topics.ts';
import { decimalsOfTick } from '../../shared/units.ts';
import { CandleChart } from '../drawing/candle-chart.ts';
import { terminal } from '../engine/page-terminal.ts';
import { lotText, signedLotText } from '../format/lot-text.ts';
import { signedText } from '../format/price-text.ts';
import { compact } from '../format/quantity-text.ts';
import { currentSelection, drawingKey, useSelection } from '../stores/selection.ts';
import { palette } from '../theme/palette.ts';
import { PaneFrame } from './pane-frame.tsx';

/** One-minute candles of the signal market with VWAP and volume. */
export function ChartPane() {
  const { signal } = useSelection();
  const host = useRef<HTMLDivElement>(null);
  const [bar, setBar] = useState<BarRow>();
  const drawn = signal && drawingKey(signal);
  useEffect(() => {
    const market = currentSelection().signal;
    if (drawn === undefined || !market || !host.current) return;
    const chart = new CandleChart(host.current, palette(), terminal.bars, `bars:${market.index}`, market, setBar);
    return () => chart.dispose();
  }, [drawn]);
  return (
    <PaneFrame name="Chart" market={signal} waitsFor="bars of the signal market">
      <div className="stack">
        <div className="chart-head">
          <span className="strong">{signal?.label} 1 min</span>
          {signal && bar && <BarFigures bar={bar} market={signal} />}
          <a className="credit" href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
            Charts by TradingView
          </a>
        </div>
        <div className="fill" ref={host} />
      </div>
    </PaneFrame>
  );
}

/** The numbers of one bar. The VWAP says whether real traded volume or only tick counts weigh it. */
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
        bar.volumeType === 'real' ? 'VWAP true' : 'VWAP tick',
        bar.vwap === null ? '—' : bar.vwap.toFixed(decimals),
        'strong',
      )}
      {figure('O', bar.open.toFixed(decimals))}
      {figure('H', bar.high.toFixed(decimals))}
      {figure('L', bar.low.toFixed(decimals))}
      {figure('C', bar.close.toFixed(decimals))}
      {figure('Vol', market.lotDecimals === 0 ? compact(volume) : coins(volume))}
      {figure(
        'Delta',
        market.lotDecimals === 0 ? signedText(delta, 0) : signedLotText(coins)(delta),
        delta > 0 ? 'bid' : delta < 0 ? 'ask' : '',
      )}
    </span>
  );
}
