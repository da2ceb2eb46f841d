import type { TextLevel } from '../../core/feed-port.ts';

/**
 * Longest decimal text that is taken, characters. A price and a size of this length find room where checksums are made.
 */
export const LONGEST_TEXT = 32;

/**
 * Levels (by ticks) or orders (by id) whose numbers came in another form than the pair's usual one, with their text as it
 * came: checksums are made of it. Kraken pads every number of the book channel, so this is empty as a rule.
 */
export type OddTexts<Key = number> = Map<Key, TextLevel>;
