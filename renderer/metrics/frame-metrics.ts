const RING = 3_600;

/** What the page measured about itself, for benches and the health bar. */
export interface FathomMetrics {
  /** Animation frames in which something was drawn. */
  readonly framesDrawn: number;
  readonly framesTaken: number;
  readonly longTasks: number;
  readonly longestTaskMs: number;
  /** Script time of the last frames, oldest first, in milliseconds: taking frames in, text messages and drawing. */
  scriptMs(): number[];
  /** Quantile 0…1 of the script time. */
  quantile(q: number): number;
  reset(): void;
}

/** Collects script time per animation frame into a ring without allocating. */
export class FrameMetrics implements FathomMetrics {
  readonly #ring = new Float32Array(RING);
  #count = 0;
  #pendingMs = 0;
  #longTasksTold = 0;
  framesDrawn = 0;
  framesTaken = 0;
  longTasks = 0;
  longestTaskMs = 0;

  /** Time spent between animation frames, e.g. taking a message in; counted with the next frame. */
  spent(ms: number): void {
    this.#pendingMs += ms;
  }

  frameDone(drawMs: number): void {
    this.#ring[this.#count % RING] = this.#pendingMs + drawMs;
    this.#count++;
    this.#pendingMs = 0;
  }

  scriptMs(): number[] {
    const size = Math.min(this.#count, RING);
    return Array.from({ length: size }, (_, i) => this.#ring[(this.#count - size + i) % RING]!);
  }

  quantile(q: number): number {
    const sorted = this.scriptMs().sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  }

  /** Longest script time among the last frames. */
  recentWorst(frames: number): number {
    let worst = 0;
    for (let i = Math.max(0, this.#count - frames); i < this.#count; i++)
      worst = Math.max(worst, this.#ring[i % RING]!);
    return worst;
  }

  /** Long tasks since this was last asked. */
  takeLongTasks(): number {
    const fresh = this.longTasks - this.#longTasksTold;
    this.#longTasksTold = this.longTasks;
    return Math.max(0, fresh);
  }

  reset(): void {
    this.#longTasksTold = 0;
    this.#count = 0;
    this.#pendingMs = 0;
    this.framesDrawn = 0;
    this.framesTaken = 0;
    this.longTasks = 0;
    this.longestTaskMs = 0;
  }

  /** Watches for tasks over 50 ms where the browser reports them. */
  observeLongTasks(): void {
    if (!PerformanceObserver.supportedEntryTypes.includes('longtask')) return;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        this.longTasks++;
        this.longestTaskMs = Math.max(this.longestTaskMs, entry.duration);
      }
    }).observe({ type: 'longtask', buffered: false });
  }
}

declare global {
  interface Window {
    fathomMetrics: FathomMetrics;
  }
}
