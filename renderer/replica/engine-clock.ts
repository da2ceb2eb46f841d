/**
 * The engine's time as the page knows it: the time of the last frame, carried on by the page's own clock while data flows
 * at its natural speed, and standing still while a replay does.
 */
export class EngineClock {
  #engineUs = 0;
  #heardMs = 0;
  /** Page time to which `#engineUs` belongs. */
  #carriedMs = 0;
  #speed = 1;

  /** A frame came with this engine time. */
  hear(engineUs: number, nowMs: number): void {
    this.#engineUs = engineUs;
    this.#heardMs = nowMs;
    this.#carriedMs = nowMs;
  }

  /** How fast engine time passes between frames: 1 live, 0 while a replay stands. */
  setSpeed(speed: number, nowMs: number): void {
    const nowUs = this.nowUs(nowMs);
    if (nowUs > 0) this.#engineUs = nowUs;
    this.#carriedMs = nowMs;
    this.#speed = speed;
  }

  reset(): void {
    this.#engineUs = 0;
  }

  /** Engine time now; 0 before the first frame. */
  nowUs(nowMs: number): number {
    if (this.#engineUs === 0) return 0;
    return this.#engineUs + (nowMs - this.#carriedMs) * 1000 * this.#speed;
  }

  /** Wall-clock milliseconds since the last frame; Infinity before the first. */
  silenceMs(nowMs: number): number {
    return this.#engineUs === 0 ? Number.POSITIVE_INFINITY : nowMs - this.#heardMs;
  }
}
