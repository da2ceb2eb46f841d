/**
 * A book as whoever looks on at the frame rate wants it: as many of its best levels as there is room for, written into an
 * array of the caller's. Nothing is allocated, and nothing is done while nobody looks.
 */
export interface DeepBook {
  /** Writes the best bids, best first, as [ticks, lots] pairs from `at` on. @param most pairs at most @returns pairs written */
  copyBids(to: Float64Array, at: number, most: number): number;
  /** The same of the asks. */
  copyAsks(to: Float64Array, at: number, most: number): number;
}
