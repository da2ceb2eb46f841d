/** What to do with a message of a topic: take it in, drop it, or ask for a fresh snapshot. */
export type SequenceVerdict = 'take' | 'drop' | 'resubscribe';

/**
 * Watches the sequence numbers of the slow topics. A delta counts only on top of the message before it; after a gap
 * everything is dropped until the snapshot that the new subscription brings.
 */
export class TopicSequence {
  readonly #last = new Map<string, number>();
  readonly #awaiting = new Set<string>();

  /** A subscription was sent: the next thing that counts is its snapshot. */
  expectSnapshot(topic: string): void {
    this.#last.delete(topic);
    this.#awaiting.add(topic);
  }

  forget(topic: string): void {
    this.#last.delete(topic);
    this.#awaiting.delete(topic);
  }

  clear(): void {
    this.#last.clear();
    this.#awaiting.clear();
  }

  receive(topic: string, seq: number, snapshot: boolean): SequenceVerdict {
    if (snapshot) {
      this.#awaiting.delete(topic);
      this.#last.set(topic, seq);
      return 'take';
    }
    if (this.#awaiting.has(topic)) return 'drop';
    const last = this.#last.get(topic);
    if (last === undefined) return 'drop';
    if (seq === last + 1) {
      this.#last.set(topic, seq);
      return 'take';
    }
    if (seq <= last) return 'drop';
    this.expectSnapshot(topic);
    return 'resubscribe';
  }
}
