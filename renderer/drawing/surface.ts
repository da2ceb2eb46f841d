/** A canvas kept at the size of its box in device pixels; drawing happens in CSS pixels. */
export class Surface {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  /** Size of the box in CSS pixels and the device pixels in one of them. */
  width = 0;
  height = 0;
  ratio = 1;
  /** Grows whenever the canvas was resized, which also cleared it. */
  generation = 0;
  readonly #observer: ResizeObserver;

  constructor(canvas: HTMLCanvasElement, alpha = false) {
    this.canvas = canvas;
    const context = canvas.getContext('2d', { alpha });
    if (!context) throw new Error('This browser has no 2D canvas; the terminal cannot draw without one.');
    this.context = context;
    this.#observer = new ResizeObserver(() => this.#fit());
    this.#observer.observe(canvas);
    this.#fit();
  }

  dispose(): void {
    this.#observer.disconnect();
  }

  /** Device pixels change when a window moves to another monitor; checked once a frame. */
  checkRatio(): void {
    if ((this.canvas.ownerDocument.defaultView?.devicePixelRatio ?? 1) !== this.ratio) this.#fit();
  }

  /** A CSS coordinate on whole device pixels, for hairlines. */
  snap(value: number): number {
    return Math.round(value * this.ratio) / this.ratio;
  }

  #fit(): void {
    const box = this.canvas.getBoundingClientRect();
    this.ratio = this.canvas.ownerDocument.defaultView?.devicePixelRatio ?? 1;
    this.width = box.width;
    this.height = box.height;
    this.canvas.width = Math.max(1, Math.round(box.width * this.ratio));
    this.canvas.height = Math.max(1, Math.round(box.height * this.ratio));
    this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.generation++;
  }
}
