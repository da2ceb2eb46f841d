import {
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  LineSeries,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { BarRow } from '../../shared/contract/topics.ts';
import { decimalsOfTick, NANO } from '../../shared/units.ts';
import type { PriceStyle } from '../format/price-text.ts';
import { clockText } from '../format/time-text.ts';
import type { BarsChange, BarsReplica } from '../replica/bars-replica.ts';
import type { Palette } from '../theme/palette.ts';

/** Width of a bar with its gap in CSS pixels; few bars are drawn wider, so that they fill half of the pane where they can. */
const BAR_SPACING = 7;
const WIDEST_SPACING = 18;

/** One-minute candles with session VWAP, and below them volume with the delta in it. */
export class CandleChart {
  readonly #host: HTMLElement;
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<'Candlestick'>;
  readonly #vwap: ISeriesApi<'Line'>;
  readonly #volume: ISeriesApi<'Histogram'>;
  readonly #delta: ISeriesApi<'Histogram'>;
  readonly #palette: Palette;
  readonly #bars: BarsReplica;
  readonly #topic: string;
  readonly #stop: () => void;
  readonly #told: (bar: BarRow | undefined) => void;
  /** What one lot is of a whole unit. */
  readonly #lot: number;
  #lastUs = 0;
  #last: BarRow | undefined;
  #hovered = false;

  /** @param told called with the bar under the cursor, else with the newest one */
  constructor(
    host: HTMLElement,
    palette: Palette,
    bars: BarsReplica,
    topic: string,
    style: PriceStyle & { readonly lotDecimals: number },
    told: (bar: BarRow | undefined) => void,
  ) {
    const { colour } = palette;
    this.#host = host;
    this.#palette = palette;
    this.#bars = bars;
    this.#topic = topic;
    this.#told = told;
    this.#lot = 10 ** -style.lotDecimals;
    this.#chart = createChart(host, chartOptions(palette));
    const priceFormat = {
      type: 'price',
      precision: decimalsOfTick(style.tickNano),
      minMove: style.tickNano / NANO,
    } as const;
    this.#candles = this.#chart.addSeries(CandlestickSeries, {
      upColor: colour['bid-fill'],
      borderUpColor: colour.bid,
      wickUpColor: colour.bid,
      downColor: colour.ask,
      borderDownColor: colour.ask,
      wickDownColor: colour.ask,
      priceLineColor: colour.mark,
      priceFormat,
    });
    this.#vwap = this.#chart.addSeries(LineSeries, {
      color: colour.text,
      lineWidth: 1,
      priceLineVisible: false,
      crosshairMarkerVisible: false,
      lastValueVisible: true,
      priceFormat,
    });
    const histogram = { priceFormat: { type: 'volume' }, priceLineVisible: false, lastValueVisible: false } as const;
    this.#volume = this.#chart.addSeries(HistogramSeries, histogram, 1);
    this.#delta = this.#chart.addSeries(HistogramSeries, histogram, 1);
    const [above, below] = this.#chart.panes();
    above?.setStretchFactor(4);
    below?.setStretchFactor(1);
    this.#replace();
    this.#stop = bars.listen(topic, (change) => this.#take(change));
    this.#chart.subscribeCrosshairMove(({ time }) => {
      this.#hovered = time !== undefined;
      told(this.#hovered ? this.#barAt(Number(time)) : this.#last);
    });
  }

  dispose(): void {
    this.#stop();
    this.#chart.remove();
  }

  #barAt(seconds: number): BarRow | undefined {
    return this.#bars.bars(this.#topic).find((bar) => bar.startUs === seconds * 1e6);
  }

  #take(change: BarsChange): void {
    if (change.kind === 'replaced' || change.rows.some((bar) => bar.startUs < this.#lastUs)) {
      this.#replace();
      return;
    }
    for (const bar of [...change.rows].sort((a, b) => a.startUs - b.startUs)) {
      this.#put(bar);
    }
    if (!this.#hovered) this.#told(this.#last);
  }

  #put(bar: BarRow): void {
    const time = timeOf(bar);
    this.#candles.update({ time, open: bar.open, high: bar.high, low: bar.low, close: bar.close });
    if (bar.vwap !== null) this.#vwap.update({ time, value: bar.vwap });
    this.#volume.update({ time, value: bar.volume * this.#lot, color: this.#palette.colour.rule });
    this.#delta.update({ time, value: Math.abs(bar.delta) * this.#lot, color: this.#deltaColour(bar) });
    this.#lastUs = bar.startUs;
    this.#last = bar;
  }

  #replace(): void {
    const bars = this.#bars.bars(this.#topic);
    const at = <V extends object>(values: (bar: BarRow) => V) =>
      bars.map((bar) => ({ time: timeOf(bar), ...values(bar) }));
    this.#candles.setData(at(({ open, high, low, close }) => ({ open, high, low, close })));
    this.#vwap.setData(at((bar) => (bar.vwap === null ? {} : { value: bar.vwap })));
    this.#volume.setData(at((bar) => ({ value: bar.volume * this.#lot, color: this.#palette.colour.rule })));
    this.#delta.setData(at((bar) => ({ value: Math.abs(bar.delta) * this.#lot, color: this.#deltaColour(bar) })));
    this.#last = bars.at(-1);
    this.#lastUs = this.#last?.startUs ?? 0;
    const fitting = this.#host.clientWidth / 2 / Math.max(1, bars.length);
    this.#chart.timeScale().applyOptions({ barSpacing: Math.max(BAR_SPACING, Math.min(WIDEST_SPACING, fitting)) });
    this.#chart.timeScale().scrollToRealTime();
    this.#told(this.#last);
  }

  #deltaColour(bar: BarRow): string {
    return bar.delta >= 0 ? this.#palette.colour.bid : this.#palette.colour.ask;
  }
}

function timeOf(bar: BarRow): UTCTimestamp {
  return (bar.startUs / 1e6) as UTCTimestamp;
}

function chartOptions({ colour, face }: Palette) {
  const line = { color: colour.hairline };
  const cross = { color: colour.mark, labelBackgroundColor: colour.rule };
  return {
    autoSize: true,
    // The library would inject a style element for its logo, which the page's policy forbids; the pane credits it in words.
    layout: {
      attributionLogo: false,
      background: { color: colour.pane },
      textColor: colour['text-quiet'],
      fontFamily: face,
      fontSize: 11,
      panes: { separatorColor: colour.hairline, separatorHoverColor: colour.rule, enableResize: true },
    },
    grid: { vertLines: line, horzLines: line },
    crosshair: { mode: 0, vertLine: cross, horzLine: cross },
    rightPriceScale: { borderColor: colour.rule, minimumWidth: 60, scaleMargins: { top: 0.1, bottom: 0.08 } },
    timeScale: {
      borderColor: colour.rule,
      timeVisible: true,
      secondsVisible: false,
      rightOffset: 4,
      barSpacing: BAR_SPACING,
      tickMarkFormatter: (time: unknown) => clockText(Number(time) * 1e6).slice(0, 5),
    },
    localization: { timeFormatter: (time: unknown) => clockText(Number(time) * 1e6).slice(0, 5) },
  } as const;
}
