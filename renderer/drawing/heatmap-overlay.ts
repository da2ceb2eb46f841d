import { DEEP_LEVELS } from '../../shared/contract/frames.ts';
import type { MarkerRow } from '../../shared/contract/topics.ts';
import type { LotText } from '../format/lot-text.ts';
import { type PriceStyle, priceParts } from '../format/price-text.ts';
import type { MarketReplica } from '../replica/market-replica.ts';
import type { Palette } from '../theme/palette.ts';
import { drawPrice, type Fonts } from './canvas-text.ts';
import { fillHatch } from './hatch.ts';
import { columnOfTime, type HeatmapView, xOfColumn } from './heatmap-view.ts';
import { drawMarkBox } from './mark-box.ts';
import { markText, type OwnMark } from './own-marks.ts';
import { LABEL_SPACING, labelStep, rowOfY, yOfRow } from './price-axis.ts';
import { askRow, bidRow, GATHERED, gatherBook, priceRow, tradeRow } from './price-rows.ts';

type Context = CanvasRenderingContext2D;

const GATHERED_ROWS = new Float64Array(DEEP_LEVELS * GATHERED);

/** The book as it stands now: a bar per row between history and axis, with its lots where the rows are high enough. */
export function drawBookNow(
  context: Context,
  view: HeatmapView,
  market: MarketReplica,
  loud: number,
  lotText: LotText,
  palette: Palette,
  fonts: Fonts,
): void {
  const { colour } = palette;
  const left = view.plotRight;
  const room = view.axisLeft - left - 2;
  const { rowHeight } = view.axis;
  context.fillStyle = colour.pane;
  context.fillRect(left, 0, room + 2, view.plotBottom);
  context.fillStyle = colour.hairline;
  context.fillRect(left, 0, 1, view.plotBottom);
  if (!market.hasBook) {
    fillHatch(context, left + 1, 0, room, view.plotBottom, colour.pane, colour.rule);
    return;
  }
  context.textAlign = 'right';
  context.font = fonts.small;
  for (const side of [1, -1] as const) {
    const bid = side > 0;
    const gathered = gatherBook(market, side, view.rowTicks, GATHERED_ROWS);
    for (let at = 0; at < gathered * GATHERED; at += GATHERED) {
      const lots = GATHERED_ROWS[at + 1]!;
      const y = yOfRow(view.axis, GATHERED_ROWS[at]!);
      if (!(lots > 0) || y < 0 || y + rowHeight / 2 > view.plotBottom) continue;
      const width = Math.max(1, Math.min(1, lots / loud) * room);
      context.fillStyle = bid ? colour['bid-fill'] : colour['ask-fill'];
      context.fillRect(left + 1, y - rowHeight / 2 + 0.5, width, rowHeight - 1);
      if (rowHeight >= 10 && y >= 6) {
        context.fillStyle = bid ? colour['bid-strong'] : colour['ask-strong'];
        context.fillText(lotText(lots), view.axisLeft - 6, y + 4);
      }
    }
  }
}

/** Best bid and ask on the price axis, as tags in their side's colour. */
export function drawInsideTags(
  context: Context,
  view: HeatmapView,
  market: MarketReplica,
  style: PriceStyle,
  palette: Palette,
  fonts: Fonts,
): void {
  const { colour } = palette;
  const bidY = yOfRow(view.axis, bidRow(market.bid, view.rowTicks));
  const askY = Math.min(yOfRow(view.axis, askRow(market.ask, view.rowTicks)), bidY - 16);
  if (!Number.isFinite(askY) || !market.hasBook) return;
  // Labels of the axis that the tags would cut in half give way.
  const step = labelStep(view.axis.rowHeight, view.rowTicks, LABEL_SPACING);
  context.fillStyle = colour.pane;
  for (let row = Math.ceil(rowOfY(view.axis, bidY + 16) / step) * step; ; row += step) {
    const y = yOfRow(view.axis, row);
    if (y < askY - 16) break;
    if (y < view.plotBottom - 8) context.fillRect(view.axisLeft + 1, y - 8, view.width - view.axisLeft - 1, 16);
  }
  for (const [ticks, y, fill] of [
    [market.ask, askY, colour['ask-fill']],
    [market.bid, bidY, colour['bid-fill']],
  ] as const) {
    if (!(y > 8 && y < view.plotBottom - 8)) continue;
    context.fillStyle = fill;
    context.fillRect(view.axisLeft + 1, y - 8, view.width - view.axisLeft - 1, 16);
    drawPrice(context, priceParts(ticks, style), view.width - 6, y + 4, fonts, colour.text, colour['text-strong']);
  }
}

/** Dashes of the trader's own lines: a deal's opening price runs almost through, what waits is broken. */
const OPEN_DASH = [12, 4];
const WAITING_DASH = [4, 4];
/** The legend lies over the upper edge of the plot; a flag that would be under it stays just below. */
const LEGEND_HEIGHT = 18;

/** The trader's own prices as lines with a named flag at the left, whose outline is dashed where the price is an estimate. */
export function drawOwn(
  context: Context,
  view: HeatmapView,
  { bid, ask }: MarketReplica,
  marks: readonly OwnMark[],
  palette: Palette,
  fonts: Fonts,
): void {
  for (const mark of marks) {
    const y = Math.round(yOfRow(view.axis, priceRow(mark.ticks, view.rowTicks, bid, ask))) + 0.5;
    if (y < 8 || y > view.plotBottom - 8) continue;
    const colour = mark.side === 'buy' ? palette.colour.bid : palette.colour.ask;
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.setLineDash(mark.kind !== 'open' ? WAITING_DASH : mark.estimated ? OPEN_DASH : []);
    context.beginPath();
    context.moveTo(34, y);
    context.lineTo(view.axisLeft, y);
    context.stroke();
    const flagY = Math.max(LEGEND_HEIGHT + 8, y);
    drawMarkBox(context, mark, 2.5, flagY - 8, 31, 16, palette);
    context.font = fonts.strong;
    context.textAlign = 'center';
    context.fillText(markText(mark), 18, flagY + 4);
  }
}

/** Signals as triangles on their side of the price, gates as bars, own fills as diamonds. */
export function drawMarkers(
  context: Context,
  view: HeatmapView,
  market: MarketReplica,
  markers: readonly { readonly marker: MarkerRow; readonly ticks: number }[],
  palette: Palette,
): void {
  const { columns } = market;
  for (const { marker, ticks } of markers) {
    const column = columnOfTime(columns, marker.atUs);
    if (column <= columns.first || column > columns.next) continue;
    const x = xOfColumn(view, columns, Math.min(column, columns.next - 1)) + view.columnWidth / 2;
    const side = marker.side === 'buy' ? 1 : marker.side === 'sell' ? -1 : 0;
    // A price that was carried over from another market lies between ticks.
    const tick = Math.round(ticks);
    const y = yOfRow(view.axis, tradeRow(tick, side, view.rowTicks) + (ticks - tick) / view.rowTicks);
    if (x < 0 || y < 0 || y > view.plotBottom) continue;
    const up = marker.side === 'buy';
    context.lineWidth = 1.5;
    context.strokeStyle = palette.colour.focus;
    context.fillStyle = up ? palette.colour.bid : marker.side === 'sell' ? palette.colour.ask : palette.colour.mark;
    context.beginPath();
    if (marker.kind === 'fill') {
      context.moveTo(x, y - 6);
      context.lineTo(x + 6, y);
      context.lineTo(x, y + 6);
      context.lineTo(x - 6, y);
    } else if (marker.kind === 'signal') {
      const tip = up ? y + 8 : y - 8;
      const base = up ? y + 17 : y - 17;
      context.moveTo(x, tip);
      context.lineTo(x - 5, base);
      context.lineTo(x + 5, base);
    } else {
      context.rect(x - 1, y - 9, 2, 18);
    }
    context.closePath();
    context.fill();
    if (marker.kind === 'fill') context.stroke();
  }
}
