import type { MarkerRow } from '../../shared/contract/topics.ts';
import type { LotText } from '../format/lot-text.ts';
import type { PriceStyle } from '../format/price-text.ts';
import type { MarketReplica } from '../replica/market-replica.ts';
import type { Palette } from '../theme/palette.ts';
import { extraPriceRoom, type Fonts, fontsOf } from './canvas-text.ts';
import { ColumnImage } from './column-image.ts';
import type { Drawable } from './frame-loop.ts';
import { drawAxes, drawBubbles, drawColumns, drawGaps, drawInside } from './heatmap-base.ts';
import { drawBookNow, drawInsideTags, drawMarkers, drawOwn } from './heatmap-overlay.ts';
import {
  columnOfTime,
  firstVisibleColumn,
  type HeatmapView,
  heatmapView,
  PRICE_ZOOMS,
  TIME_ZOOMS,
} from './heatmap-view.ts';
import { steadyLoud } from './intensity-scale.ts';
import type { OwnMark } from './own-marks.ts';
import { followedCentre } from './price-axis.ts';
import { middleRow } from './price-rows.ts';
import type { RowGrouping } from './row-grouping.ts';
import { Surface } from './surface.ts';
import { BUBBLE_WIDTH, bubblePercentile, collectBubbles } from './trade-bubbles.ts';

const BUBBLES = 2_000;
/** Pixels of width for each print that stands out, and the largest share of all prints that may. */
const LOUD_SPACING = 24;
const LOUD_SHARE = 0.25;
/** Share of the half height within which the inside may wander before the picture moves. */
const WANDER = 0.6;

export interface HeatmapSource {
  readonly market: MarketReplica;
  readonly style: PriceStyle;
  readonly lotText: LotText;
  readonly grouping: RowGrouping;
  readonly keyHeld: () => boolean;
  readonly marks: () => readonly OwnMark[];
  readonly markers: () => readonly { readonly marker: MarkerRow; readonly ticks: number }[];
}

/**
 * Depth over time on two canvases: history, redrawn when a column closes or the view moves, and above it what changes
 * with every frame.
 */
export class HeatmapDrawing implements Drawable {
  readonly element: HTMLCanvasElement;
  readonly #base: Surface;
  readonly #over: Surface;
  readonly #image: ColumnImage;
  readonly #palette: Palette;
  readonly #fonts: Fonts;
  readonly #source: HeatmapSource;
  readonly #bubbles = new Float64Array(BUBBLES * BUBBLE_WIDTH);
  readonly #sizes = new Float64Array(BUBBLES);
  #loudPrint = 0;
  #timeZoom = 1;
  #priceZoom = 4;
  #centre = Number.NaN;
  #view: HeatmapView | undefined;
  #generation = -1;
  #seen = -1;
  #seenMarks: readonly OwnMark[] | undefined;
  #seenMarkers: unknown;

  constructor(base: HTMLCanvasElement, over: HTMLCanvasElement, palette: Palette, source: HeatmapSource) {
    this.element = over;
    this.#base = new Surface(base);
    this.#over = new Surface(over, true);
    this.#image = new ColumnImage(palette);
    this.#palette = palette;
    this.#fonts = fontsOf(palette);
    this.#source = source;
    const shown = source.grouping.heatmap;
    over.onpointerenter = () => {
      shown.hovered = true;
    };
    over.onpointerleave = () => {
      shown.hovered = false;
    };
    over.onwheel = (event) => this.#zoom(event);
  }

  /** Puts the inside back into the middle with the next frame. */
  recentre(): void {
    this.#centre = Number.NaN;
  }

  /** Lots at the bright end of the scale. */
  get loudLots(): number {
    return this.#image.loud;
  }

  /** Whether prices of the trader's own are on screen that are estimates. */
  get showsEstimates(): boolean {
    return this.#seenMarks?.some((mark) => mark.estimated) ?? false;
  }

  dispose(): void {
    Object.assign(this.#source.grouping.heatmap, { rows: 0, hovered: false });
    this.#base.dispose();
    this.#over.dispose();
  }

  draw(nowMs: number): boolean {
    const { market, marks, markers, grouping, keyHeld } = this.#source;
    this.#base.checkRatio();
    this.#over.checkRatio();
    const own = marks();
    const signs = markers();
    grouping.heatmap.rows = Math.floor(this.#base.height / PRICE_ZOOMS[this.#priceZoom]!);
    grouping.follow(market, nowMs, keyHeld());
    const moved = this.#layOut();
    const view = this.#view;
    if (!view) return false;
    const first = firstVisibleColumn(view, market.columns);
    const columnsChanged = this.#image.update(market, this.#centre, view.rowTicks, first);
    if (moved || columnsChanged) this.#drawBase(view);
    const still = market.depthVersion === this.#seen && own === this.#seenMarks && signs === this.#seenMarkers;
    if (!moved && !columnsChanged && still) return false;
    this.#seen = market.depthVersion;
    this.#seenMarks = own;
    this.#seenMarkers = signs;
    this.#drawOver(view, own, signs);
    return true;
  }

  /** Lays the view out again when box, zoom or centre changed; returns whether it did. */
  #layOut(): boolean {
    const { width, height, generation } = this.#base;
    const rowHeight = PRICE_ZOOMS[this.#priceZoom]!;
    const columnWidth = TIME_ZOOMS[this.#timeZoom]!;
    const { market, grouping, style } = this.#source;
    const before = this.#view;
    const rowTicks = grouping.ticks;
    const former = before && before.rowTicks !== rowTicks ? Number.NaN : this.#centre;
    const centre = followedCentre(former, middleRow(market.bid, market.ask, rowTicks), height / rowHeight, WANDER);
    if (!Number.isFinite(centre)) return false;
    const overs = this.#over.generation;
    const same =
      before &&
      before.rowTicks === rowTicks &&
      centre === this.#centre &&
      generation + overs === this.#generation &&
      before.columnWidth === columnWidth &&
      before.axis.rowHeight === rowHeight;
    if (same) return false;
    this.#centre = centre;
    this.#generation = generation + overs;
    this.#view = heatmapView(width, height, columnWidth, rowHeight, rowTicks, centre, extraPriceRoom(style.tickNano));
    return true;
  }

  #drawBase(view: HeatmapView): void {
    const { context } = this.#base;
    const { columns, trades } = this.#source.market;
    const palette = this.#palette;
    context.fillStyle = palette.colour.pane;
    context.fillRect(0, 0, view.width, view.height);
    drawColumns(context, view, this.#image, columns);
    const first = firstVisibleColumn(view, columns);
    const count = collectBubbles(this.#bubbles, trades, columns, first, view.rowTicks, (us) =>
      columnOfTime(columns, us),
    );
    const bubbles = this.#bubbles;
    const loudShare = Math.min(LOUD_SHARE, view.plotRight / LOUD_SPACING / Math.max(1, count));
    this.#loudPrint = steadyLoud(this.#loudPrint, bubblePercentile(bubbles, count, 1 - loudShare, this.#sizes));
    drawBubbles(context, view, columns, bubbles, count, this.#loudPrint, true, palette);
    drawInside(context, view, columns, palette);
    drawBubbles(context, view, columns, bubbles, count, this.#loudPrint, false, palette);
    drawGaps(context, view, columns, palette, this.#fonts);
    drawAxes(context, view, columns, this.#source.style, palette, this.#fonts);
  }

  #drawOver(view: HeatmapView, own: readonly OwnMark[], signs: ReturnType<HeatmapSource['markers']>): void {
    const { context, width, height } = this.#over;
    const { market, style, lotText } = this.#source;
    context.clearRect(0, 0, width, height);
    drawMarkers(context, view, market, signs, this.#palette);
    drawBookNow(context, view, market, this.#image.loud, lotText, this.#palette, this.#fonts);
    drawOwn(context, view, market, own, this.#palette, this.#fonts);
    drawInsideTags(context, view, market, style, this.#palette, this.#fonts);
  }

  /** The wheel changes the time scale, with Shift the price scale. */
  #zoom(event: WheelEvent): void {
    const step = (event.deltaY || event.deltaX) > 0 ? -1 : 1;
    const clamp = (value: number, length: number): number => Math.max(0, Math.min(length - 1, value));
    if (event.shiftKey) this.#priceZoom = clamp(this.#priceZoom + step, PRICE_ZOOMS.length);
    else this.#timeZoom = clamp(this.#timeZoom + step, TIME_ZOOMS.length);
  }
}
