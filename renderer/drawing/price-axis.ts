/** How a vertical price axis lies over a box: which tick is at its middle and how high one tick is. */
export interface PriceAxis {
  /** Tick whose row is centred at `middle`. */
  readonly centreTicks: number;
  readonly middle: number;
  readonly rowHeight: number;
}

/** Vertical centre of a tick's row, downwards as prices fall. */
export function yOfTicks(axis: PriceAxis, ticks: number): number {
  return axis.middle - (ticks - axis.centreTicks) * axis.rowHeight;
}

/** Tick whose row holds a vertical position. */
export function ticksOfY(axis: PriceAxis, y: number): number {
  return axis.centreTicks + Math.round((axis.middle - y) / axis.rowHeight);
}

/** Ticks of the highest and lowest row that is at least partly within `height`. */
export function visibleTicks(axis: PriceAxis, height: number): { readonly top: number; readonly bottom: number } {
  return { top: ticksOfY(axis, 0), bottom: ticksOfY(axis, height) };
}

/**
 * Where a view that follows the inside should be centred: unchanged while the inside keeps away from the edges, else on
 * the inside. `reach` is the share of the half height within which the inside may wander.
 */
export function followedCentre(centre: number, insideTicks: number, rowsVisible: number, reach: number): number {
  if (!Number.isFinite(insideTicks)) return centre;
  if (!Number.isFinite(centre)) return Math.round(insideTicks);
  const limit = Math.max(2, (rowsVisible / 2) * reach);
  return Math.abs(insideTicks - centre) > limit ? Math.round(insideTicks) : centre;
}

const STEPS = [1, 2, 4, 5, 10, 20, 25, 40, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000];

/** Ticks between axis labels, so that labels are at least `spacing` apart and stand on round prices. */
export function labelStep(rowHeight: number, spacing: number): number {
  return STEPS.find((step) => step * rowHeight >= spacing) ?? STEPS.at(-1)!;
}

/** Seconds between time labels, so that labels are at least `spacing` apart. */
export function timeLabelStepS(pixelsPerSecond: number, spacing: number): number {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
  return steps.find((step) => step * pixelsPerSecond >= spacing) ?? 3600;
}
