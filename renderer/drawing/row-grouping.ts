import { DEPTH_LEVELS } from '../../shared/contract/frames.ts';
import { ASKS_AT, BIDS_AT, type MarketReplica } from '../replica/market-replica.ts';
import { coarserRows, finerRows, rowsReaching } from './price-rows.ts';

/** Time constant of how far the book is said to reach, and the least time between two changes by themselves, ms. */
const REACH_TAU_MS = 8_000;
const REST_MS = 15_000;
/**
 * Shares of the half height that the ten best levels of a side take: what is aimed at, above which rows become coarser, and
 * below which the next finer rows would still leave it.
 */
const AIM = 0.7;
const FULL = 0.95;
const EMPTY = 0.5;

/** A drawing that shows rows: how many, and whether the pointer is over it. */
export interface RowsShown {
  rows: number;
  hovered: boolean;
}

/**
 * How many ticks a row of one market stands for, the same in ladder and heatmap. By itself it is such that the ten best
 * levels a side are in sight, and changes rarely, never under the pointer or while a key is held; by key it is what the
 * trader says.
 */
export class RowGrouping {
  readonly ladder: RowsShown = { rows: 0, hovered: false };
  readonly heatmap: RowsShown = { rows: 0, hovered: false };
  /** Levels of this market lie apart, so rows may be gathered without being asked to. */
  readonly adapts: boolean;
  readonly #listeners = new Set<() => void>();
  #ticks = 1;
  #automatic = true;
  #reach = Number.NaN;
  #heardMs = 0;
  #changedMs = 0;

  constructor(adapts: boolean) {
    this.adapts = adapts;
  }

  /** Ticks in a row. */
  get ticks(): number {
    return this.#ticks;
  }

  get automatic(): boolean {
    return this.#automatic;
  }

  coarser(): void {
    this.#automatic = false;
    this.#set(coarserRows(this.#ticks));
  }

  finer(): void {
    this.#automatic = false;
    this.#set(finerRows(this.#ticks));
  }

  /** Gives the choice back: made anew with the next book. */
  adapt(): void {
    this.#automatic = true;
    this.#reach = Number.NaN;
    this.#set(this.adapts ? this.#ticks : 1);
  }

  /** Calls a listener with every change. @returns a function that stops it */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Looks at the book as it stands; called once a frame by whatever shows rows. */
  follow(market: MarketReplica, nowMs: number, keyHeld: boolean): void {
    const half = (this.ladder.rows > 0 ? this.ladder.rows : this.heatmap.rows) / 2;
    if (!this.#automatic || !this.adapts || !(half > 1) || !market.hasBook) return;
    const reach = reachOf(market);
    if (Number.isNaN(reach)) return;
    if (Number.isNaN(this.#reach)) {
      this.#reach = reach;
      this.#heardMs = nowMs;
      this.#choose(half, nowMs);
      return;
    }
    this.#reach += (reach - this.#reach) * (1 - Math.exp((this.#heardMs - nowMs) / REACH_TAU_MS));
    this.#heardMs = nowMs;
    if (keyHeld || this.ladder.hovered || this.heatmap.hovered || nowMs - this.#changedMs < REST_MS) return;
    const tooFine = this.#reach > this.#ticks * half * FULL;
    const tooCoarse = this.#ticks > 1 && this.#reach < finerRows(this.#ticks) * half * EMPTY;
    if (tooFine || tooCoarse) this.#choose(half, nowMs);
  }

  #choose(half: number, nowMs: number): void {
    this.#changedMs = nowMs;
    this.#set(rowsReaching(this.#reach, half * AIM));
  }

  #set(ticks: number): void {
    this.#ticks = ticks;
    for (const listener of this.#listeners) listener();
  }
}

/** Ticks from the middle of the spread to the farther of the ten best bids and asks; NaN while a side is missing. */
function reachOf({ depth, mid }: MarketReplica): number {
  let reach = mid - mid;
  for (let level = 0; level < DEPTH_LEVELS; level++) {
    const bid = depth[BIDS_AT + level * 3]!;
    const ask = depth[ASKS_AT + level * 3]!;
    if (mid - bid > reach) reach = mid - bid;
    if (ask - mid > reach) reach = ask - mid;
  }
  return reach;
}
