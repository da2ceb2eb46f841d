import { type LotText, lotText } from '../format/lot-text.ts';
import { type PriceStyle, priceParts } from '../format/price-text.ts';
import type { MarketReplica } from '../replica/market-replica.ts';
import type { Palette } from '../theme/palette.ts';
import { drawPrice, extraPriceRoom, type Fonts, fontsOf } from './canvas-text.ts';
import type { Drawable } from './frame-loop.ts';
import { steadyLoud } from './intensity-scale.ts';
import { type InsideSeen, insideSeen, LadderCentre } from './ladder-centre.ts';
import { type LadderColumns, ladderColumns, PRICE_WIDTH } from './ladder-columns.ts';
import { fillLadderRows, ROW, ROW_WIDTH } from './ladder-rows.ts';
import { drawMarkBox } from './mark-box.ts';
import { markText, type OwnMark } from './own-marks.ts';
import { askRow, bidRow, middleRow, priceRow } from './price-rows.ts';
import type { RowGrouping } from './row-grouping.ts';
import { Surface } from './surface.ts';

const LADDER_ROW_HEIGHT = 18;
/** Fields whose change makes the price cell be drawn again. */
const PRICE_CELL = [ROW.price, ROW.last, ROW.inside] as const;
const ROWS_PER_NOTCH = 3;
/** Width from which a column of sizes has room for four digits and a point. */
const FULL_SIZE_ROOM = 52;

export interface LadderSource {
  readonly market: MarketReplica;
  readonly style: PriceStyle & { readonly lotDecimals: number };
  readonly grouping: RowGrouping;
  readonly marks: () => readonly OwnMark[];
  readonly keyHeld: () => boolean;
}

/** The price ladder. A row is redrawn only when one of its numbers changed. */
export class LadderDrawing implements Drawable {
  readonly element: HTMLCanvasElement;
  readonly #surface: Surface;
  readonly #palette: Palette;
  readonly #fonts: Fonts;
  readonly #source: LadderSource;
  /** The texts of sizes by the room that their columns have. */
  #sizeText: LotText;
  readonly #tradedText: LotText;
  readonly #flowText: LotText;
  #rows = new Float64Array(0);
  #drawn = new Float64Array(0);
  #columns: LadderColumns = ladderColumns(0);
  #generation = -1;
  readonly #centre = new LadderCentre();
  #inside: InsideSeen = 'shown';
  /** Ticks in a row. */
  #rowTicks = 1;
  #loud = 0;
  #seen = -1;
  #seenMarks: readonly OwnMark[] | undefined;

  constructor(canvas: HTMLCanvasElement, palette: Palette, source: LadderSource) {
    this.element = canvas;
    this.#surface = new Surface(canvas);
    this.#palette = palette;
    this.#fonts = fontsOf(palette);
    this.#source = source;
    const { lotDecimals } = source.style;
    this.#sizeText = lotText(lotDecimals, 3);
    this.#tradedText = lotText(lotDecimals, 3);
    this.#flowText = lotText(lotDecimals, 2);
    const shown = source.grouping.ladder;
    canvas.onpointerenter = () => {
      shown.hovered = true;
      this.#centre.pointerEnters();
    };
    canvas.onpointerleave = () => {
      shown.hovered = false;
      this.#centre.pointerLeaves(performance.now());
    };
    canvas.onwheel = (event) => {
      this.#centre.scroll(-Math.sign(event.deltaY) * ROWS_PER_NOTCH);
      this.#seen = -1;
    };
  }

  /** Puts the inside back into the middle with the next frame. */
  recentre(): void {
    this.#centre.recentre();
    this.#seen = -1;
  }

  dispose(): void {
    Object.assign(this.#source.grouping.ladder, { rows: 0, hovered: false });
    this.#surface.dispose();
  }

  draw(nowMs: number): boolean {
    const { market, marks, grouping, keyHeld } = this.#source;
    this.#surface.checkRatio();
    const resized = this.#generation !== this.#surface.generation;
    if (resized) this.#resize();
    const own = marks();
    const seen = market.depthVersion + market.ladderVersion;
    const rows = this.#surface.height / LADDER_ROW_HEIGHT;
    grouping.ladder.rows = Math.floor(rows);
    grouping.follow(market, nowMs, keyHeld());
    const regrouped = this.#regroup(rows);
    const moved = this.#centre.follow(this.#insideRow(), rows, nowMs, keyHeld());
    if (!resized && !regrouped && !moved && seen === this.#seen && own === this.#seenMarks) return false;
    this.#seen = seen;
    this.#seenMarks = own;
    if (Number.isNaN(this.#centre.row)) return false;
    this.#drawRows(own);
    return true;
  }

  /** Takes up what a row stands for now. @returns whether that has changed */
  #regroup(rows: number): boolean {
    const { ticks } = this.#source.grouping;
    if (ticks === this.#rowTicks) return false;
    const before = this.#insideRow();
    const factor = this.#rowTicks / ticks;
    this.#rowTicks = ticks;
    this.#centre.regroup({ before, now: this.#insideRow() }, factor, rows);
    this.element.dataset['rowTicks'] = String(ticks);
    return true;
  }

  #insideRow(): number {
    const { bid, ask } = this.#source.market;
    return Math.floor(middleRow(bid, ask, this.#rowTicks));
  }

  #resize(): void {
    this.#generation = this.#surface.generation;
    const count = Math.max(1, Math.ceil(this.#surface.height / LADDER_ROW_HEIGHT));
    this.#rows = new Float64Array(count * ROW_WIDTH);
    this.#drawn = new Float64Array(count * ROW_WIDTH).fill(Number.NaN);
    const { lotDecimals, tickNano } = this.#source.style;
    const extra = extraPriceRoom(tickNano);
    this.#columns = ladderColumns(this.#surface.width, lotDecimals > 0 || extra > 0, PRICE_WIDTH + extra);
    const { bidLeft, bidRight } = this.#columns;
    this.#sizeText = lotText(lotDecimals, bidRight - bidLeft < FULL_SIZE_ROOM ? 3 : 4);
    this.#surface.context.fillStyle = this.#palette.colour.pane;
    this.#surface.context.fillRect(0, 0, this.#surface.width, this.#surface.height);
  }

  #drawRows(own: readonly OwnMark[]): void {
    const rows = this.#rows;
    const count = rows.length / ROW_WIDTH;
    const top = this.#centre.row + Math.floor(count / 2);
    fillLadderRows(rows, count, top, this.#source.market, this.#rowTicks);
    for (const [i, mark] of own.entries()) {
      const row = top - this.#rowOf(mark);
      if (row >= 0 && row < count) rows[row * ROW_WIDTH + ROW.own]! += i + 1 + mark.lots * 100 + markCode(mark) * 1e6;
    }
    let loudest = 0;
    for (let row = 0; row < count; row++) {
      loudest = Math.max(loudest, rows[row * ROW_WIDTH + ROW.bid]!, rows[row * ROW_WIDTH + ROW.ask]!);
    }
    const loud = steadyLoud(this.#loud, loudest * 0.7);
    if (loud !== this.#loud) {
      this.#loud = loud;
      this.#drawn.fill(Number.NaN);
    }
    for (let row = 0; row < count; row++) {
      const at = row * ROW_WIDTH;
      let same = true;
      for (let i = 0; i < ROW_WIDTH && same; i++) same = rows[at + i] === this.#drawn[at + i];
      if (same) continue;
      const centre = PRICE_CELL.some((field) => rows[at + field] !== this.#drawn[at + field]);
      for (let i = 0; i < ROW_WIDTH; i++) this.#drawn[at + i] = rows[at + i]!;
      this.#drawSizes(row, at, top, own);
      if (centre) this.#drawPriceCell(row, at);
    }
    this.#pointToInside(top);
  }

  #rowOf(mark: OwnMark): number {
    const { bid, ask } = this.#source.market;
    return priceRow(mark.ticks, this.#rowTicks, bid, ask);
  }

  /** Where the inside has left the ladder, a strip at that edge says where it is and which way. */
  #pointToInside(topRow: number): void {
    const { bid, ask, hasBook } = this.#source.market;
    const { context, height } = this.#surface;
    const whole = Math.floor(height / LADDER_ROW_HEIGHT);
    const rowTicks = this.#rowTicks;
    const seen = hasBook ? insideSeen(bidRow(bid, rowTicks), askRow(ask, rowTicks), topRow, whole) : 'shown';
    if (seen !== this.#inside) {
      this.#inside = seen;
      this.element.dataset['inside'] = seen;
      this.#drawn.fill(Number.NaN);
    }
    if (seen === 'shown') return;
    const above = seen === 'above';
    const { colour } = this.#palette;
    const { bidRight, priceRight, width } = this.#columns;
    const y = above ? 0 : height - LADDER_ROW_HEIGHT;
    context.fillStyle = colour.rule;
    context.fillRect(0, y, width, LADDER_ROW_HEIGHT);
    const tip = above ? y + 4 : y + 14;
    const base = above ? y + 14 : y + 4;
    context.fillStyle = colour.focus;
    for (const x of [bidRight - 12, this.#columns.askLeft + 12]) {
      context.beginPath();
      context.moveTo(x, tip);
      context.lineTo(x - 5, base);
      context.lineTo(x + 5, base);
      context.fill();
    }
    const parts = priceParts(above ? bid : ask, this.#source.style);
    drawPrice(context, parts, priceRight, y + 13, this.#fonts, colour.text, colour['text-strong']);
  }

  /** Everything of a row but its price. */
  #drawSizes(row: number, at: number, topRow: number, own: readonly OwnMark[]): void {
    const { context } = this.#surface;
    const { colour } = this.#palette;
    const columns = this.#columns;
    const values = this.#rows;
    const y = row * LADDER_ROW_HEIGHT;
    const base = y + 13;
    const bid = values[at + ROW.bid]!;
    const ask = values[at + ROW.ask]!;
    context.fillStyle = colour.pane;
    context.fillRect(0, y, columns.bidRight, LADDER_ROW_HEIGHT);
    context.fillRect(columns.askLeft, y, columns.width - columns.askLeft, LADDER_ROW_HEIGHT);
    this.#bar(bid, columns.bidRight, -1, y, columns.bidRight - columns.bidLeft, colour['bid-fill']);
    this.#bar(ask, columns.askLeft, 1, y, columns.askRight - columns.askLeft, colour['ask-fill']);
    context.font = this.#fonts.normal;
    context.textAlign = 'right';
    this.#lots(values[at + ROW.sold]!, this.#tradedText, columns.soldRight - 4, base, colour.ask);
    this.#lots(values[at + ROW.bought]!, this.#tradedText, columns.boughtRight - 4, base, colour.bid);
    if (columns.flow) this.#flow(at, base, bid, ask);
    if (values[at + ROW.inside] !== 0) context.font = this.#fonts.strong;
    this.#lots(bid, this.#sizeText, columns.bidRight - 6, base, colour['bid-strong']);
    context.textAlign = 'left';
    this.#lots(ask, this.#sizeText, columns.askLeft + 6, base, colour['ask-strong']);
    if (values[at + ROW.own] !== 0) {
      const here = own.filter((mark) => this.#rowOf(mark) === topRow - row);
      this.#own(here, y);
    }
    const hairline = 1 / this.#surface.ratio;
    context.fillStyle = colour.hairline;
    context.fillRect(0, y + LADDER_ROW_HEIGHT - hairline, columns.bidRight, hairline);
    context.fillRect(columns.askLeft, y + LADDER_ROW_HEIGHT - hairline, columns.width - columns.askLeft, hairline);
  }

  /** The price with the marks of the inside and of the last trade; it changes far less often than the sizes. */
  #drawPriceCell(row: number, at: number): void {
    const { context, ratio } = this.#surface;
    const { colour } = this.#palette;
    const { bidRight, askLeft, priceRight } = this.#columns;
    const y = row * LADDER_ROW_HEIGHT;
    const inside = this.#rows[at + ROW.inside]!;
    const last = this.#rows[at + ROW.last]!;
    context.fillStyle = inside > 0 ? colour['bid-wash'] : inside < 0 ? colour['ask-wash'] : colour.raised;
    context.fillRect(bidRight, y, askLeft - bidRight, LADDER_ROW_HEIGHT);
    context.fillStyle = colour.hairline;
    context.fillRect(bidRight, y + LADDER_ROW_HEIGHT - 1 / ratio, askLeft - bidRight, 1 / ratio);
    if (last !== 0) {
      const side = last > 0 ? colour.bid : colour.ask;
      context.strokeStyle = side;
      context.lineWidth = 1;
      context.strokeRect(bidRight + 0.5, y + 0.5, askLeft - bidRight - 1, LADDER_ROW_HEIGHT - 1);
      context.fillStyle = side;
      context.fillRect(last > 0 ? askLeft - 4 : bidRight + 1, y + 1, 3, LADDER_ROW_HEIGHT - 2);
    }
    const parts = priceParts(this.#rows[at + ROW.price]!, this.#source.style);
    drawPrice(context, parts, priceRight, y + 13, this.#fonts, colour['text-quiet'], colour['text-strong']);
  }

  #lots(lots: number, text: LotText, x: number, base: number, fill: string): void {
    if (lots === 0) return;
    this.#surface.context.fillStyle = fill;
    this.#surface.context.fillText(text(lots), x, base);
  }

  #bar(lots: number, from: number, direction: 1 | -1, y: number, room: number, fill: string): void {
    if (lots <= 0) return;
    const width = Math.max(1, Math.min(1, lots / this.#loud) * room);
    this.#surface.context.fillStyle = fill;
    this.#surface.context.fillRect(direction > 0 ? from : from - width, y + 1, width, LADDER_ROW_HEIGHT - 2);
  }

  /** Net of what was added and pulled lately, beside the queue that it belongs to. */
  #flow(at: number, base: number, bid: number, ask: number): void {
    const net = this.#rows[at + ROW.added]! - this.#rows[at + ROW.pulled]!;
    if (net === 0 || (bid === 0 && ask === 0)) return;
    const { context } = this.#surface;
    const columns = this.#columns;
    const text = this.#flowText(Math.abs(net));
    // What has faded to less than its digits can tell is gone.
    if (text.startsWith('<')) return;
    context.textAlign = 'right';
    context.fillStyle = this.#palette.colour['text-quiet'];
    context.fillText(
      net > 0 ? `+${text}` : `\u2212${text}`,
      (bid > 0 ? columns.bidFlowRight : columns.askFlowRight) - (this.#source.style.lotDecimals > 0 ? 8 : 4),
      base,
    );
  }

  #own(marks: readonly OwnMark[], y: number): void {
    const { context } = this.#surface;
    const mark = marks[0];
    if (!mark) return;
    const width = this.#columns.ownRight - 4;
    drawMarkBox(context, mark, 2.5, y + 1.5, width, LADDER_ROW_HEIGHT - 4, this.#palette);
    context.font = this.#fonts.strong;
    context.textAlign = 'center';
    const more = marks.length > 1 ? '+' : '';
    context.fillText(markText(mark) + more, this.#columns.ownRight / 2 + 1, y + 13);
  }
}

function markCode(mark: OwnMark): number {
  return (mark.side === 'buy' ? 1 : 2) * 10 + ['entry', 'open', 'stop', 'target'].indexOf(mark.kind);
}
