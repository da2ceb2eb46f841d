import type { JsonCursor } from '../../codec/json/json-cursor.ts';

/** Something that messages name by plain text. */
interface Named {
  /** The name as it stands in messages. */
  readonly ascii: Uint8Array;
}

/** Finds what a message names without making a string of it. */
export class AsciiIndex<Item extends Named> {
  readonly #items: Item[] = [];
  /** The next message is often for the same. */
  #last: Item | undefined;

  add(item: Item): void {
    this.#items.push(item);
  }

  /** The item that the cursor's last text names. */
  find(cursor: JsonCursor): Item | undefined {
    if (this.#last !== undefined && cursor.is(this.#last.ascii)) return this.#last;
    for (const item of this.#items) {
      if (!cursor.is(item.ascii)) continue;
      this.#last = item;
      return item;
    }
    return undefined;
  }

  clear(): void {
    this.#items.length = 0;
    this.#last = undefined;
  }
}
