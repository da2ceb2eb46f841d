import { FEATURE, type FeatureName } from '../../shared/features.ts';
import { type FeatureHistory, HISTORY_LENGTH } from '../replica/feature-history.ts';
import type { Palette } from '../theme/palette.ts';
import { fontsOf } from './canvas-text.ts';
import type { Drawable } from './frame-loop.ts';
import { Surface } from './surface.ts';

/** One line of the features pane: what is drawn, how its number is written, and whether zero is its middle. */
export interface SparkRow {
  readonly label: string;
  /** Unit, shown once with the label. */
  readonly unit: string;
  readonly read: (history: FeatureHistory, age: number) => number;
  readonly text: (value: number) => string;
  readonly signed: boolean;
}

const NOT_ZERO = /[1-9]/;
const SPARK_ROW_HEIGHT = 24;
const LABEL_WIDTH = 104;
const VALUE_WIDTH = 64;
const GUTTER = 16;

/** Reads a feature of the vector; age in samples, −1 is the current value. */
export function readFeature(name: FeatureName): (history: FeatureHistory, age: number) => number {
  const index = FEATURE[name];
  return (history, age) => (age < 0 ? history.current[index]! : history.sample(index, age));
}

/** Rows of label, value and the last minute as a line, in as many columns as the box has room for. */
export class SparklineDrawing implements Drawable {
  readonly element: HTMLCanvasElement;
  readonly #surface: Surface;
  readonly #palette: Palette;
  readonly #history: FeatureHistory;
  readonly #rows: readonly SparkRow[];
  #seen = -1;
  #generation = -1;
  #drawnMs = 0;

  constructor(canvas: HTMLCanvasElement, palette: Palette, history: FeatureHistory, rows: readonly SparkRow[]) {
    this.element = canvas;
    this.#surface = new Surface(canvas);
    this.#palette = palette;
    this.#history = history;
    this.#rows = rows;
  }

  dispose(): void {
    this.#surface.dispose();
  }

  /** Ten times a second is as often as an eye reads a changing number. */
  draw(nowMs: number): boolean {
    this.#surface.checkRatio();
    const resized = this.#generation !== this.#surface.generation;
    if (!resized && (this.#history.version === this.#seen || nowMs - this.#drawnMs < 100)) return false;
    this.#seen = this.#history.version;
    this.#generation = this.#surface.generation;
    this.#drawnMs = nowMs;
    const { context, width, height } = this.#surface;
    context.fillStyle = this.#palette.colour.pane;
    context.fillRect(0, 0, width, height);
    const perColumn = Math.max(1, Math.floor(height / SPARK_ROW_HEIGHT));
    const columns = Math.max(1, Math.min(Math.floor(width / 300), Math.ceil(this.#rows.length / perColumn)));
    const lines = Math.ceil(this.#rows.length / columns);
    const columnWidth = width / columns;
    const rowHeight = Math.max(SPARK_ROW_HEIGHT, Math.min(36, Math.floor(height / lines)));
    for (const [i, row] of this.#rows.entries()) {
      this.#row(row, Math.floor(i / lines) * columnWidth, (i % lines) * rowHeight, columnWidth, rowHeight);
    }
    return true;
  }

  #row(row: SparkRow, x: number, y: number, width: number, height: number): void {
    const { context } = this.#surface;
    const { colour } = this.#palette;
    const fonts = fontsOf(this.#palette);
    const value = row.read(this.#history, -1);
    const base = y + height / 2 + 4;
    context.fillStyle = colour.hairline;
    context.fillRect(x, y + height - 1, width, 1);
    if (x > 0) context.fillRect(x, y, 1, height);
    context.textAlign = 'left';
    context.font = fonts.normal;
    context.fillStyle = colour['text-quiet'];
    context.fillText(row.label, x + 8, base);
    context.textAlign = 'right';
    context.font = fonts.strong;
    const absent = Number.isNaN(value);
    const text = absent ? '—' : row.text(value);
    // What is written as zero has no side.
    const sided = row.signed && NOT_ZERO.test(text);
    context.fillStyle = absent
      ? colour['text-quiet']
      : tint(sided, value, colour.bid, colour.ask, colour['text-strong']);
    context.fillText(text, x + LABEL_WIDTH + VALUE_WIDTH, base);
    context.textAlign = 'left';
    context.font = fonts.small;
    context.fillStyle = colour['text-quiet'];
    context.fillText(row.unit, x + LABEL_WIDTH + VALUE_WIDTH + 4, base);
    const left = x + LABEL_WIDTH + VALUE_WIDTH + 32;
    this.#line(row, left, y + 3, x + width - GUTTER / 2 - left, height - 7);
  }

  #line(row: SparkRow, x: number, y: number, width: number, height: number): void {
    if (width < 20) return;
    const { context } = this.#surface;
    const { colour } = this.#palette;
    const history = this.#history;
    const samples = Math.min(history.length, HISTORY_LENGTH);
    let low = row.signed ? 0 : Number.POSITIVE_INFINITY;
    let high = row.signed ? 0 : Number.NEGATIVE_INFINITY;
    for (let age = 0; age < samples; age++) {
      const value = row.read(history, age);
      if (Number.isNaN(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (!(high > low)) return;
    const yOf = (value: number): number => y + height - ((value - low) / (high - low)) * height;
    if (row.signed) {
      context.fillStyle = colour.rule;
      context.fillRect(x, Math.round(yOf(0)), width, 1);
    }
    const step = Math.max(1, Math.floor(HISTORY_LENGTH / Math.max(1, width)));
    context.beginPath();
    let drawing = false;
    for (let age = samples - 1; age >= 0; age -= step) {
      const value = row.read(history, age);
      if (Number.isNaN(value)) {
        drawing = false;
        continue;
      }
      const px = x + width - (age / HISTORY_LENGTH) * width;
      if (drawing) context.lineTo(px, yOf(value));
      else context.moveTo(px, yOf(value));
      drawing = true;
    }
    const now = row.read(history, -1);
    context.strokeStyle = tint(row.signed, now, colour.bid, colour.ask, colour['text-quiet']);
    context.lineWidth = 1;
    context.stroke();
  }
}

function tint(signed: boolean, value: number, positive: string, negative: string, neutral: string): string {
  if (!signed || value === 0 || Number.isNaN(value)) return neutral;
  return value > 0 ? positive : negative;
}
