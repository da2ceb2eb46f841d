import type { FrameMetrics } from '../metrics/frame-metrics.ts';

/** Something that draws from the replica. `draw` returns whether it drew, and costs next to nothing when nothing changed. */
export interface Drawable {
  /** Where it is drawn; its window's animation frames drive it. */
  readonly element: HTMLElement;
  draw(nowMs: number): boolean;
}

/** Calls every drawable once per animation frame of the window that it is in, also in windows that were popped out. */
export class FrameLoop {
  readonly #drawables = new Set<Drawable>();
  readonly #running = new Set<Window>();
  readonly #metrics: FrameMetrics;

  constructor(metrics: FrameMetrics) {
    this.#metrics = metrics;
  }

  add(drawable: Drawable): () => void {
    this.#drawables.add(drawable);
    this.rehome();
    return () => this.#drawables.delete(drawable);
  }

  /** Looks again which windows have drawables; called after panes moved between windows. */
  rehome(): void {
    for (const { element } of this.#drawables) {
      const home = element.ownerDocument.defaultView;
      if (home && !this.#running.has(home)) this.#run(home);
    }
  }

  #run(home: Window): void {
    this.#running.add(home);
    const tick = (): void => {
      const before = performance.now();
      let drawn = false;
      let any = false;
      for (const drawable of this.#drawables) {
        if (drawable.element.ownerDocument.defaultView !== home) continue;
        any = true;
        if (drawable.draw(before)) drawn = true;
      }
      this.#metrics.frameDone(performance.now() - before);
      if (drawn) this.#metrics.framesDrawn++;
      if (any && !home.closed) home.requestAnimationFrame(tick);
      else {
        this.#running.delete(home);
        this.rehome();
      }
    };
    home.requestAnimationFrame(tick);
  }
}
