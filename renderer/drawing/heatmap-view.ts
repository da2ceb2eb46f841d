import type { RowRing } from '../replica/row-ring.ts';
import type { PriceAxis } from './price-axis.ts';

const AXIS_WIDTH = 60;
const TIME_HEIGHT = 18;
export const TIME_ZOOMS = [1, 2, 3, 4, 6, 8];
export const PRICE_ZOOMS = [4, 6, 8, 10, 12, 14, 18];

/** Everything that says where a column, a time or a price lies in the heatmap. CSS pixels. */
export interface HeatmapView {
  readonly width: number;
  readonly height: number;
  /** Right edge of history; the book as it stands now is drawn between it and the axis. */
  readonly plotRight: number;
  readonly axisLeft: number;
  readonly plotBottom: number;
  readonly columnWidth: number;
  /** Ticks in a row; the axis counts rows. */
  readonly rowTicks: number;
  readonly axis: PriceAxis;
}

/** Lays the heatmap out over a box. @param extraAxis width that the prices at the axis need beyond the usual */
export function heatmapView(
  width: number,
  height: number,
  columnWidth: number,
  rowHeight: number,
  rowTicks: number,
  centreRow: number,
  extraAxis: number,
): HeatmapView {
  const axisLeft = width - AXIS_WIDTH - extraAxis;
  const plotBottom = height - TIME_HEIGHT;
  const book = width > 420 ? 72 : 40;
  return {
    width,
    height,
    plotRight: axisLeft - book,
    axisLeft,
    plotBottom,
    columnWidth,
    rowTicks,
    axis: { centreRow, middle: Math.round(plotBottom / 2), rowHeight },
  };
}

/** Oldest column of which at least a part is visible. */
export function firstVisibleColumn(view: HeatmapView, columns: RowRing): number {
  return Math.max(columns.first, columns.next - Math.ceil(view.plotRight / view.columnWidth));
}

/** Left edge of a column; the newest ends at the right edge of the plot. */
export function xOfColumn(view: HeatmapView, columns: RowRing, row: number): number {
  return view.plotRight - (columns.next - row) * view.columnWidth;
}

/** First column that ends at or after a time, so the one in which the time lies; `next` when it is newer than all. */
export function columnOfTime(columns: RowRing, us: number): number {
  let low = columns.first;
  let high = columns.next;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (columns.values[columns.at(middle)]! < us) low = middle + 1;
    else high = middle;
  }
  return low;
}
