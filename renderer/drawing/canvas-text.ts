import { decimalsOfTick } from '../../shared/units.ts';
import type { PriceParts } from '../format/price-text.ts';
import type { Palette } from '../theme/palette.ts';

/** Fonts of the canvases; the face has tabular figures built in, so columns of digits align by themselves. */
export interface Fonts {
  readonly normal: string;
  readonly strong: string;
  readonly small: string;
}

export function fontsOf(palette: Palette): Fonts {
  return {
    normal: `400 12px ${palette.face}`,
    strong: `650 12px ${palette.face}`,
    small: `400 11px ${palette.face}`,
  };
}

/** Width of a digit of a price, and the digits after the point that columns of prices have room for as they are. */
const DIGIT_WIDTH = 8;
const USUAL_DECIMALS = 5;

/** What a column of prices needs beyond its usual width in CSS pixels: a future on the yen is told with seven decimals. */
export function extraPriceRoom(tickNano: number): number {
  return Math.max(0, decimalsOfTick(tickNano) - USUAL_DECIMALS) * DIGIT_WIDTH;
}

/**
 * Draws a price ending at `right` with its pips emphasised. Tabular figures make every price of a market equally wide,
 * so the decimal points align.
 */
export function drawPrice(
  context: CanvasRenderingContext2D,
  parts: PriceParts,
  right: number,
  y: number,
  fonts: Fonts,
  quiet: string,
  strong: string,
): void {
  context.textAlign = 'right';
  let x = right;
  context.fillStyle = quiet;
  if (parts.tail !== '') {
    context.font = fonts.normal;
    context.fillText(parts.tail, x, y);
    x -= widthOf(context, parts.tail, fonts.normal);
  }
  context.fillStyle = strong;
  if (parts.pips !== '') {
    context.font = fonts.strong;
    context.fillText(parts.pips, x, y);
    x -= widthOf(context, parts.pips, fonts.strong);
    context.fillStyle = quiet;
  }
  context.font = fonts.normal;
  context.fillText(parts.head, x, y);
}

const widths = new Map<string, number>();

/** Width of a text in the font that is set, remembered by its shape: digits are equally wide. */
function widthOf(context: CanvasRenderingContext2D, text: string, font: string): number {
  const key = `${font}|${text.replace(/\d/g, '0')}`;
  let width = widths.get(key);
  if (width === undefined) {
    width = context.measureText(text).width;
    widths.set(key, width);
  }
  return width;
}
