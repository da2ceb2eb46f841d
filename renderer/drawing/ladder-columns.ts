/** Where the ladder's columns lie: right edges for right-aligned numbers, boxes for bars. All in CSS pixels. */
export interface LadderColumns {
  readonly width: number;
  readonly ownRight: number;
  readonly soldRight: number;
  readonly bidFlowRight: number;
  readonly bidLeft: number;
  readonly bidRight: number;
  readonly priceRight: number;
  readonly askLeft: number;
  readonly askRight: number;
  readonly askFlowRight: number;
  readonly boughtRight: number;
  /** Whether there is room for the pulled/added columns. */
  readonly flow: boolean;
}

/** Width of the column of prices where they have no more digits than usual. */
export const PRICE_WIDTH = 64;

/**
 * Lays the columns over a width; narrow ladders give up the flow columns and room for own prices first, and those with
 * figures of many digits room for own prices.
 * @param longFigures whether sizes or prices have more digits than usual
 * @param price width of the column of prices
 */
export function ladderColumns(width: number, longFigures = false, price = PRICE_WIDTH): LadderColumns {
  const flow = width >= 336;
  const own = flow && !longFigures ? 50 : 30;
  const traded = 40;
  const flowWidth = flow ? 40 : 0;
  const bar = Math.max(22, (width - own - 2 * traded - 2 * flowWidth - price) / 2);
  const soldRight = own + traded;
  const bidFlowRight = soldRight + flowWidth;
  const bidRight = bidFlowRight + bar;
  const askLeft = bidRight + price;
  const askRight = askLeft + bar;
  return {
    width,
    ownRight: own,
    soldRight,
    bidFlowRight,
    bidLeft: bidFlowRight,
    bidRight,
    priceRight: askLeft - 6,
    askLeft,
    askRight,
    askFlowRight: askRight + flowWidth,
    boughtRight: askRight + flowWidth + traded,
    flow,
  };
}
