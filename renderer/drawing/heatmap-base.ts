import {
  BOOK_STATE,
  COLUMN_HEAD,
  COLUMN_INTERVAL_US,
  COLUMNS_KEPT,
  DEPTH_LEVELS,
} from '../../shared/contract/frames.ts';
import { type PriceStyle, priceParts } from '../format/price-text.ts';
import { clockText } from '../format/time-text.ts';
import type { RowRing } from '../replica/row-ring.ts';
import type { Palette } from '../theme/palette.ts';
import { drawPrice, type Fonts } from './canvas-text.ts';
import { type ColumnImage, IMAGE_ROWS } from './column-image.ts';
import { fillHatch } from './hatch.ts';
import { firstVisibleColumn, type HeatmapView, xOfColumn } from './heatmap-view.ts';
import { LABEL_SPACING, labelStep, type PriceAxis, timeLabelStepS, visibleRows, yOfRow } from './price-axis.ts';
import { askRow, bidRow } from './price-rows.ts';
import { BUBBLE_WIDTH, bubbleRadius, isMurmur } from './trade-bubbles.ts';

type Context = CanvasRenderingContext2D;

/** Draws the visible part of the column image, stretched to the view's columns and rows. */
export function drawColumns(context: Context, view: HeatmapView, image: ColumnImage, columns: RowRing): void {
  const { axis, columnWidth } = view;
  const first = firstVisibleColumn(view, columns);
  const top = axis.middle - (image.topRow - axis.centreRow) * axis.rowHeight - axis.rowHeight / 2;
  context.save();
  context.beginPath();
  context.rect(0, 0, view.plotRight, view.plotBottom);
  context.clip();
  context.imageSmoothingEnabled = false;
  for (let row = first; row < columns.next; ) {
    const from = row % COLUMNS_KEPT;
    const count = Math.min(columns.next - row, COLUMNS_KEPT - from);
    const x = xOfColumn(view, columns, row);
    context.drawImage(
      image.canvas,
      from,
      0,
      count,
      IMAGE_ROWS,
      x,
      top,
      count * columnWidth,
      IMAGE_ROWS * axis.rowHeight,
    );
    row += count;
  }
  context.restore();
}

/** Bands over columns that carry no book, hatched and named; nothing else is drawn across them. */
export function drawGaps(context: Context, view: HeatmapView, columns: RowRing, palette: Palette, fonts: Fonts): void {
  const first = firstVisibleColumn(view, columns);
  let start = -1;
  let word = '';
  for (let row = first; row <= columns.next; row++) {
    const state = row < columns.next ? columns.values[columns.at(row) + 1]! : BOOK_STATE.live;
    const now = gapWord(state);
    if (now === word) continue;
    if (word !== '') {
      const x = Math.max(0, xOfColumn(view, columns, start));
      const width = xOfColumn(view, columns, row) - x;
      const colour = word === 'GAP' ? palette.colour.fault : palette.colour['text-quiet'];
      fillHatch(context, x, 0, width, view.plotBottom, palette.colour.pane, palette.colour.rule);
      if (width > 12) drawBandWord(context, word, x + width / 2, view.plotBottom / 2, width, colour, palette, fonts);
    }
    word = now;
    start = row;
  }
}

/** The word of a band, upright in narrow ones. */
function drawBandWord(
  context: Context,
  word: string,
  x: number,
  y: number,
  width: number,
  colour: string,
  palette: Palette,
  fonts: Fonts,
): void {
  context.save();
  context.font = fonts.strong;
  context.textAlign = 'center';
  const half = context.measureText(word).width / 2 + 6;
  context.translate(x, y);
  if (width < 2 * half) context.rotate(-Math.PI / 2);
  context.fillStyle = palette.colour.pane;
  context.fillRect(-half, -8, 2 * half, 16);
  context.fillStyle = colour;
  context.fillText(word, 0, 4);
  context.restore();
}

function gapWord(state: number): string {
  switch (state) {
    case BOOK_STATE.gap:
      return 'GAP';
    case BOOK_STATE.stale:
      return 'STALE';
    case BOOK_STATE.closed:
      return 'CLOSED';
    case BOOK_STATE.waiting:
      return 'NO DATA';
    default:
      return '';
  }
}

/** Pixels between a line of the inside and the edge of its tick, so that both lines show while the spread is one tick. */
const INSIDE_INSET = 1.5;

/** Best bid and best ask through time as two stepped lines with a dark edge, broken where there is no book. */
export function drawInside(context: Context, view: HeatmapView, columns: RowRing, palette: Palette): void {
  const { colour } = palette;
  context.lineJoin = 'bevel';
  for (const pass of ['edge', 'line'] as const) {
    for (const side of [0, 1] as const) {
      traceInside(context, view, columns, side);
      context.strokeStyle = pass === 'edge' ? colour.ground : side === 0 ? colour['bid-strong'] : colour['ask-strong'];
      context.lineWidth = pass === 'edge' ? 3.5 : 1.5;
      context.stroke();
    }
  }
}

/**
 * Path of one side of the inside, just within the edge of its tick that faces the spread: a row of several ticks is filled
 * from its far edge to there.
 */
function traceInside(context: Context, view: HeatmapView, columns: RowRing, side: 0 | 1): void {
  const offset = COLUMN_HEAD + (side === 0 ? 0 : DEPTH_LEVELS * 2);
  const { rowTicks, axis } = view;
  context.beginPath();
  let drawing = false;
  for (let row = firstVisibleColumn(view, columns); row < columns.next; row++) {
    const ticks = columns.values[columns.at(row) + offset]!;
    if (Number.isNaN(ticks)) {
      drawing = false;
      continue;
    }
    const x = xOfColumn(view, columns, row);
    const y =
      side === 0 ? topOfBid(ticks, rowTicks, axis) + INSIDE_INSET : bottomOfAsk(ticks, rowTicks, axis) - INSIDE_INSET;
    if (drawing) context.lineTo(x, y);
    else context.moveTo(x, y);
    context.lineTo(x + view.columnWidth, y);
    drawing = true;
  }
}

/** Upper edge of a bid's tick in its row. */
function topOfBid(ticks: number, rowTicks: number, axis: PriceAxis): number {
  const row = bidRow(ticks, rowTicks);
  return yOfRow(axis, row - 0.5 + (ticks + 1 - row * rowTicks) / rowTicks);
}

/** Lower edge of an ask's tick in its row. */
function bottomOfAsk(ticks: number, rowTicks: number, axis: PriceAxis): number {
  const row = askRow(ticks, rowTicks);
  return yOfRow(axis, row + 0.5 - (row * rowTicks - ticks + 1) / rowTicks);
}

/**
 * Trades as bubbles in the colour of their aggressor; the area follows the lots. The murmur is dots without an edge that
 * let the book through, the loud prints are opaque with an edge: they are drawn in two calls, the inside between them.
 */
export function drawBubbles(
  context: Context,
  view: HeatmapView,
  columns: RowRing,
  bubbles: Float64Array,
  count: number,
  loud: number,
  murmur: boolean,
  palette: Palette,
): void {
  context.save();
  context.beginPath();
  context.rect(0, 0, view.plotRight, view.plotBottom);
  context.clip();
  context.strokeStyle = palette.colour.ground;
  context.lineWidth = 1;
  context.globalAlpha = murmur ? 0.55 : 0.95;
  for (const side of [1, -1, 0]) {
    context.fillStyle = side > 0 ? palette.colour.bid : side < 0 ? palette.colour.ask : palette.colour.mark;
    context.beginPath();
    for (let i = count - 1; i >= 0; i--) {
      const at = i * BUBBLE_WIDTH;
      const lots = bubbles[at + 2]!;
      if (bubbles[at + 3] !== side || isMurmur(lots, loud) !== murmur) continue;
      const x = xOfColumn(view, columns, bubbles[at]!) + view.columnWidth / 2;
      const y = yOfRow(view.axis, bubbles[at + 1]!);
      const radius = murmur ? 1 : bubbleRadius(lots, loud);
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.fill();
    if (!murmur) context.stroke();
  }
  context.restore();
}

/** Price labels on round rows at the right, time labels on round seconds below. */
export function drawAxes(
  context: Context,
  view: HeatmapView,
  columns: RowRing,
  style: PriceStyle,
  palette: Palette,
  fonts: Fonts,
): void {
  const { colour } = palette;
  context.fillStyle = colour.pane;
  context.fillRect(view.axisLeft, 0, view.width - view.axisLeft, view.height);
  context.fillRect(0, view.plotBottom, view.width, view.height - view.plotBottom);
  context.fillStyle = colour.rule;
  context.fillRect(view.axisLeft, 0, 1, view.plotBottom);
  context.fillRect(0, view.plotBottom, view.width, 1);
  const step = labelStep(view.axis.rowHeight, view.rowTicks, LABEL_SPACING);
  const { top, bottom } = visibleRows(view.axis, view.plotBottom);
  for (let row = Math.floor(top / step) * step; row >= bottom; row -= step) {
    const y = yOfRow(view.axis, row);
    if (y < 8 || y > view.plotBottom - 8) continue;
    const parts = priceParts(row * view.rowTicks, style);
    drawPrice(context, parts, view.width - 6, y + 4, fonts, colour['text-quiet'], colour.text);
    context.fillStyle = colour.rule;
    context.fillRect(view.axisLeft, y, 3, 1);
  }
  drawTimes(context, view, columns, palette, fonts);
}

function drawTimes(context: Context, view: HeatmapView, columns: RowRing, palette: Palette, fonts: Fonts): void {
  if (columns.size === 0) return;
  const perSecond = (view.columnWidth * 1e6) / COLUMN_INTERVAL_US;
  const stepUs = timeLabelStepS(perSecond, 76) * 1e6;
  context.font = fonts.small;
  context.textAlign = 'center';
  context.fillStyle = palette.colour['text-quiet'];
  let previous = Number.NaN;
  for (let row = firstVisibleColumn(view, columns); row < columns.next; row++) {
    const slot = Math.floor(columns.values[columns.at(row)]! / stepUs);
    if (slot !== previous && !Number.isNaN(previous)) {
      const x = xOfColumn(view, columns, row);
      if (x > 30 && x < view.plotRight - 30) {
        context.fillText(clockText(slot * stepUs), x, view.height - 5);
        context.fillRect(x, view.plotBottom, 1, 3);
      }
    }
    previous = slot;
  }
}
