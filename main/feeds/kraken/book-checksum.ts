import { type Depth, TOP_LEVELS } from '../../core/book/depth.ts';
import { CRC_START, crcOf, crcOver } from './crc32.ts';
import { writeDigits, writeTextDigits } from './digit-text.ts';
import type { OddTexts } from './odd-texts.ts';

/** Room for the digits of one level. */
const ROOM = 64;
const SLOTS = 2 * TOP_LEVELS;

/**
 * Checksum of the ten best levels a side as Kraken defines it for its book channel: the digits of price and size, without
 * point and leading zeros, of the asks from the lowest, then of the bids from the highest, through CRC-32. (Kraken, "Book
 * checksum v2".) The digits of each level and the state before it are kept, so that a change costs what lies behind it.
 */
export class BookChecksum {
  readonly #digits = new Uint8Array(SLOTS * ROOM);
  readonly #ends = new Int32Array(SLOTS);
  /** CRC state before each slot, and after the last. */
  readonly #states = new Int32Array(SLOTS + 1).fill(CRC_START);
  #first = 0;

  /**
   * Checksum of an image, whose marks say what has changed since the last call.
   * @param all whatever the marks say, every level is read anew
   */
  of(image: Depth, tickUnits: number, oddAsks: OddTexts, oddBids: OddTexts, all: boolean): number {
    this.#first = SLOTS;
    const asks = all ? -1 : image.changedAsks;
    const bids = all ? -1 : image.changedBids;
    if (asks !== 0) this.#side(0, asks, image.askPrice, image.askSize, tickUnits, oddAsks);
    if (bids !== 0) this.#side(TOP_LEVELS, bids, image.bidPrice, image.bidSize, tickUnits, oddBids);
    const states = this.#states;
    let state = states[this.#first]!;
    for (let slot = this.#first; slot < SLOTS; slot++) {
      state = crcOver(state, this.#digits, slot * ROOM, this.#ends[slot]!);
      states[slot + 1] = state;
    }
    return crcOf(states[SLOTS]!);
  }

  #side(
    from: number,
    changed: number,
    price: Float64Array,
    size: Float64Array,
    tickUnits: number,
    odd: OddTexts,
  ): void {
    const digits = this.#digits;
    for (let level = TOP_LEVELS - 1; level >= 0; level--) {
      if ((changed & (1 << level)) === 0) continue;
      const slot = from + level;
      const start = slot * ROOM;
      if (slot < this.#first) this.#first = slot;
      if (size[level] === 0) {
        this.#ends[slot] = start;
        continue;
      }
      const text = odd.size === 0 ? undefined : odd.get(price[level]!);
      if (text === undefined) {
        const end = writeDigits(price[level]! * tickUnits, digits, start);
        this.#ends[slot] = writeDigits(size[level]!, digits, end);
      } else {
        const end = writeTextDigits(text[0], digits, start);
        this.#ends[slot] = writeTextDigits(text[1], digits, end);
      }
    }
  }
}
