/** Time without the pointer after which the ladder may move by itself, in milliseconds. */
const IDLE_MS = 2_000;
/** Share of the half height within which the inside may wander before the ladder recentres by itself. */
const WANDER = 0.45;

/** Where the inside lies when seen from the ladder's rows. */
export type InsideSeen = 'shown' | 'above' | 'below';

/**
 * Which row stands in the middle of the ladder. It moves when the trader scrolls or asks for the inside, and by itself
 * only while hand and keyboard rest: never under the pointer or while a key is held.
 */
export class LadderCentre {
  #row = Number.NaN;
  #asked = false;
  #pointerInside = false;
  #pointerLeftMs = Number.NEGATIVE_INFINITY;

  /** Row in the middle; NaN until there was an inside. */
  get row(): number {
    return this.#row;
  }

  pointerEnters(): void {
    this.#pointerInside = true;
  }

  pointerLeaves(nowMs: number): void {
    this.#pointerInside = false;
    this.#pointerLeftMs = nowMs;
  }

  scroll(rows: number): void {
    this.#row += rows;
  }

  /** The next `follow` goes to the inside, whatever the hand does. */
  recentre(): void {
    this.#asked = true;
  }

  /**
   * Rows stand for other prices now: the inside keeps its place on the screen, or the price in the middle where the inside
   * was out of sight.
   * @param inside row of the inside before and now
   * @param factor ticks of a former row in ticks of one of now
   */
  regroup(inside: { readonly before: number; readonly now: number }, factor: number, rows: number): void {
    const away = inside.before - this.#row;
    this.#row = Math.abs(away) < rows / 2 ? inside.now - away : Math.round(this.#row * factor);
  }

  /** Follows the inside as far as the rules allow. @returns whether the centre moved */
  follow(insideRow: number, rows: number, nowMs: number, keyHeld: boolean): boolean {
    if (Number.isNaN(insideRow)) return false;
    const resting = !this.#pointerInside && nowMs - this.#pointerLeftMs > IDLE_MS && !keyHeld;
    const wandered = Math.abs(insideRow - this.#row) > (rows / 2) * WANDER;
    if (!Number.isNaN(this.#row) && !this.#asked && !(wandered && resting)) return false;
    this.#asked = false;
    const moved = this.#row !== insideRow;
    this.#row = insideRow;
    return moved;
  }
}

/** Where the inside is for a ladder of whole rows from `topRow` downwards. @param bid, ask rows of the inside */
export function insideSeen(bid: number, ask: number, topRow: number, rows: number): InsideSeen {
  if (bid > topRow) return 'above';
  return ask <= topRow - rows ? 'below' : 'shown';
}
