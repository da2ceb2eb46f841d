import type { ServerMessage } from '../../../shared/contract/messages.ts';
import type { TopicBoard } from './topic-board.ts';

/** How far one client has been sent one slow topic. A topic that does not exist yet starts when it does. */
export class SlowCursor {
  readonly topic: string;
  #version = 0;
  #seq = 0;
  /** Ids of the rows that the client holds. */
  readonly #known = new Set<string>();

  constructor(topic: string) {
    this.topic = topic;
  }

  /** Message that brings the client up to date: the snapshot first, then deltas; undefined when it is. */
  read(board: TopicBoard): ServerMessage | undefined {
    const since = this.#version;
    const { topic } = this;
    if (board.hasRecord(topic)) {
      const value = board.recordChanges(topic, since);
      if (value === undefined) return undefined;
      this.#version = board.version;
      return { kind: 'record', topic, seq: ++this.#seq, snapshot: since === 0, value };
    }
    if (board.hasTable(topic)) {
      const changes = board.tableChanges(topic, since, this.#known);
      if (changes === undefined) return undefined;
      this.#version = board.version;
      return { kind: 'table', topic, seq: ++this.#seq, snapshot: since === 0, ...changes };
    }
    return undefined;
  }
}
