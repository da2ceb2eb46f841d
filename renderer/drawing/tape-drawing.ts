import type { LotText } from '../format/lot-text.ts';
import { type PriceStyle, priceParts } from '../format/price-text.ts';
import { compact } from '../format/quantity-text.ts';
import { preciseClockText } from '../format/time-text.ts';
import type { MarketReplica } from '../replica/market-replica.ts';
import type { Palette } from '../theme/palette.ts';
import { drawPrice, type Fonts, fontsOf } from './canvas-text.ts';
import type { Drawable } from './frame-loop.ts';
import { Surface } from './surface.ts';
import { TRADE_ROW } from './trade-bubbles.ts';

const TAPE_ROW_HEIGHT = 18;

/** Trades as they printed, newest on top, one row each. The wheel goes back in time and holds the tape still there. */
export class TapeDrawing implements Drawable {
  readonly element: HTMLCanvasElement;
  readonly #surface: Surface;
  readonly #palette: Palette;
  readonly #fonts: Fonts;
  readonly #market: MarketReplica;
  readonly #style: PriceStyle;
  readonly #lotText: LotText;
  readonly #largeFrom: () => number;
  #seen = -1;
  #generation = -1;
  /** Row on top when held; −1 follows the newest. */
  #heldAt = -1;

  constructor(
    canvas: HTMLCanvasElement,
    palette: Palette,
    market: MarketReplica,
    style: PriceStyle,
    lotText: LotText,
    largeFrom: () => number,
  ) {
    this.element = canvas;
    this.#surface = new Surface(canvas);
    this.#palette = palette;
    this.#fonts = fontsOf(palette);
    this.#market = market;
    this.#style = style;
    this.#lotText = lotText;
    this.#largeFrom = largeFrom;
    canvas.onwheel = (event) => this.#scroll(Math.sign(event.deltaY) * 3);
  }

  get held(): boolean {
    return this.#heldAt >= 0;
  }

  /** Follows the newest trade again. */
  follow(): void {
    this.#heldAt = -1;
    this.#seen = -1;
  }

  dispose(): void {
    this.#surface.dispose();
  }

  draw(): boolean {
    this.#surface.checkRatio();
    const { trades } = this.#market;
    const version = trades.version;
    if (version === this.#seen && this.#generation === this.#surface.generation) return false;
    this.#seen = version;
    this.#generation = this.#surface.generation;
    const { context, width, height } = this.#surface;
    context.fillStyle = this.#palette.colour.pane;
    context.fillRect(0, 0, width, height);
    const top = this.#heldAt >= 0 ? Math.max(this.#heldAt, trades.first) : trades.next - 1;
    const large = this.#largeFrom();
    for (let i = 0, y = 0; y < height && top - i >= trades.first; i++, y += TAPE_ROW_HEIGHT) {
      this.#row(trades.at(top - i), y, width, large);
    }
    return true;
  }

  #scroll(rows: number): void {
    const { trades } = this.#market;
    const top = (this.#heldAt >= 0 ? this.#heldAt : trades.next - 1) - rows;
    this.#heldAt = top >= trades.next - 1 ? -1 : Math.max(trades.first, top);
    this.#seen = -1;
  }

  #row(at: number, y: number, width: number, large: number): void {
    const { context } = this.#surface;
    const { colour } = this.#palette;
    const { values } = this.#market.trades;
    const base = y + 13;
    const lots = values[at + TRADE_ROW.lots]!;
    const ticks = values[at + TRADE_ROW.ticks]!;
    if (Number.isNaN(ticks)) {
      context.font = this.#fonts.strong;
      context.textAlign = 'center';
      context.fillStyle = colour.caution;
      context.fillText(`${compact(lots)} skipped`, width / 2, base);
      return;
    }
    const side = values[at + TRADE_ROW.side]!;
    const big = lots >= large;
    const strong = side > 0 ? colour['bid-strong'] : side < 0 ? colour['ask-strong'] : colour.text;
    if (big) {
      context.fillStyle = side > 0 ? colour['bid-wash'] : side < 0 ? colour['ask-wash'] : colour.raised;
      context.fillRect(0, y, width, TAPE_ROW_HEIGHT);
    }
    context.fillStyle = side > 0 ? colour.bid : side < 0 ? colour.ask : colour.mark;
    context.fillRect(0, y + 1, big ? 3 : 2, TAPE_ROW_HEIGHT - 2);
    const room = width >= 250;
    context.font = this.#fonts.small;
    context.textAlign = 'left';
    context.fillStyle = colour['text-quiet'];
    const time = preciseClockText(values[at]!);
    context.fillText(room ? time : time.slice(0, 8), 8, base);
    const sideAt = room ? width * 0.44 : width * 0.42;
    context.font = this.#fonts.normal;
    context.textAlign = 'center';
    context.fillStyle = side > 0 ? colour.bid : side < 0 ? colour.ask : colour['text-quiet'];
    context.fillText(side > 0 ? 'B' : side < 0 ? 'S' : '\u2013', sideAt, base);
    drawPrice(context, priceParts(ticks, this.#style), sideAt + 82, base, this.#fonts, colour['text-quiet'], strong);
    context.font = big ? this.#fonts.strong : this.#fonts.normal;
    context.textAlign = 'right';
    context.fillStyle = big ? colour['text-strong'] : colour.text;
    context.fillText(this.#lotText(lots), width - 36, base);
    const sweep = values[at + TRADE_ROW.sweep]!;
    if (sweep > 1) {
      context.font = this.#fonts.small;
      context.fillStyle = strong;
      context.fillText(`${sweep} lv`, width - 6, base);
    }
  }
}
