import type { NewsItem } from '../../../shared/economic-calendar.ts';

/** Headlines remembered; the stream repeats ten after each reconnect, a request gives at most a hundred. */
const REMEMBERED = 2_000;

/** Tells headlines apart: each is passed once, whether the stream, a request or both gave it. */
export class NewsMemory {
  readonly #seen = new Set<string>();

  /** Those not passed before, oldest first. */
  fresh(items: readonly NewsItem[]): NewsItem[] {
    const fresh = items.filter(({ id }) => {
      if (this.#seen.has(id)) return false;
      this.#seen.add(id);
      return true;
    });
    for (const id of this.#seen) {
      if (this.#seen.size <= REMEMBERED) break;
      this.#seen.delete(id);
    }
    return fresh.sort((a, b) => a.atUs - b.atUs);
  }
}
