import type { Palette } from '../theme/palette.ts';
import { ESTIMATE_DASH, type OwnMark } from './own-marks.ts';

/**
 * The box of one of the trader's own prices, dashed where the price is an estimate. What is open is filled, what only waits
 * is an outline: a short of two and an entry to sell two are never taken for each other. Leaves the colour of its text set.
 */
export function drawMarkBox(
  context: CanvasRenderingContext2D,
  mark: OwnMark,
  x: number,
  y: number,
  width: number,
  height: number,
  { colour }: Palette,
): void {
  const buy = mark.side === 'buy';
  const open = mark.kind === 'open';
  context.fillStyle = !open ? colour.pane : buy ? colour['bid-fill'] : colour['ask-fill'];
  context.fillRect(x, y, width, height);
  context.strokeStyle = buy ? colour.bid : colour.ask;
  context.lineWidth = 1;
  context.setLineDash(mark.estimated ? ESTIMATE_DASH : []);
  context.strokeRect(x, y, width, height);
  context.setLineDash([]);
  context.fillStyle = open ? colour['text-strong'] : context.strokeStyle;
}
