/** How a vertical price axis lies over a box: which row of prices is at its middle and how high one row is. */
export interface PriceAxis {
  /** Row that is centred at `middle`. */
  readonly centreRow: number;
  readonly middle: number;
  readonly rowHeight: number;
}

/** Vertical centre of a row, downwards as prices fall. */
export function yOfRow(axis: PriceAxis, row: number): number {
  return axis.middle - (row - axis.centreRow) * axis.rowHeight;
}

/** Row that holds a vertical position. */
export function rowOfY(axis: PriceAxis, y: number): number {
  return axis.centreRow + Math.round((axis.middle - y) / axis.rowHeight);
}

/** The highest and lowest row that is at least partly within `height`. */
export function visibleRows(axis: PriceAxis, height: number): { readonly top: number; readonly bottom: number } {
  return { top: rowOfY(axis, 0), bottom: rowOfY(axis, height) };
}

/**
 * Where a view that follows the inside should be centred: unchanged while the inside keeps away from the edges, else on
 * the inside. `reach` is the share of the half height within which the inside may wander.
 */
export function followedCentre(centre: number, insideRow: number, rowsVisible: number, reach: number): number {
  if (!Number.isFinite(insideRow)) return centre;
  if (!Number.isFinite(centre)) return Math.round(insideRow);
  const limit = Math.max(2, (rowsVisible / 2) * reach);
  return Math.abs(insideRow - centre) > limit ? Math.round(insideRow) : centre;
}

const STEPS = [1, 2, 4, 5, 10, 20, 25, 40, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000];

/** Least distance of the labels of a price axis, CSS pixels. */
export const LABEL_SPACING = 34;

/**
 * Rows between axis labels, so that labels are at least `spacing` apart and stand on round prices.
 * @param rowTicks ticks in a row: 1, 2 or 5 times a power of ten
 */
export function labelStep(rowHeight: number, rowTicks: number, spacing: number): number {
  const digit = rowTicks / 10 ** Math.floor(Math.log10(rowTicks) + 1e-9);
  const steps = STEPS.filter((step) => step % digit === 0).map((step) => step / digit);
  return steps.find((step) => step * rowHeight >= spacing) ?? steps.at(-1)!;
}

/** Seconds between time labels, so that labels are at least `spacing` apart. */
export function timeLabelStepS(pixelsPerSecond: number, spacing: number): number {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
  return steps.find((step) => step * pixelsPerSecond >= spacing) ?? 3600;
}
