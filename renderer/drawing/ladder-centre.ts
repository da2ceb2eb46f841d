/** Time without the pointer after which the ladder may move by itself, in milliseconds. */
const IDLE_MS = 2_000;
/** Share of the half height within which the inside may wander before the ladder recentres by itself. */
const WANDER = 0.45;

/** Where the inside lies when seen from the ladder's rows. */
export type InsideSeen = 'shown' | 'above' | 'below';

/**
 * Which tick stands in the middle of the ladder. It moves when the trader scrolls or asks for the inside, and by itself
 * only while hand and keyboard rest: never under the pointer or while a key is held.
 */
export class LadderCentre {
  #ticks = Number.NaN;
  #asked = false;
  #pointerInside = false;
  #pointerLeftMs = Number.NEGATIVE_INFINITY;

  /** Tick in the middle; NaN until there was an inside. */
  get ticks(): number {
    return this.#ticks;
  }

  pointerEnters(): void {
    this.#pointerInside = true;
  }

  pointerLeaves(nowMs: number): void {
    this.#pointerInside = false;
    this.#pointerLeftMs = nowMs;
  }

  scroll(rows: number): void {
    this.#ticks += rows;
  }

  /** The next `follow` goes to the inside, whatever the hand does. */
  recentre(): void {
    this.#asked = true;
  }

  /** Follows the inside as far as the rules allow. @returns whether the centre moved */
  follow(insideTicks: number, rows: number, nowMs: number, keyHeld: boolean): boolean {
    if (Number.isNaN(insideTicks)) return false;
    const resting = !this.#pointerInside && nowMs - this.#pointerLeftMs > IDLE_MS && !keyHeld;
    const wandered = Math.abs(insideTicks - this.#ticks) > (rows / 2) * WANDER;
    if (!Number.isNaN(this.#ticks) && !this.#asked && !(wandered && resting)) return false;
    this.#asked = false;
    const moved = this.#ticks !== insideTicks;
    this.#ticks = insideTicks;
    return moved;
  }
}

/** Where the inside is for a ladder of whole rows from `topTicks` downwards. */
export function insideSeen(bid: number, ask: number, topTicks: number, rows: number): InsideSeen {
  if (bid > topTicks) return 'above';
  return ask <= topTicks - rows ? 'below' : 'shown';
}
