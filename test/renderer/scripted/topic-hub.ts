import type { ServerMessage } from '../../../shared/contract/messages.ts';
import type { RecordTopic, RecordTopics, TableTopic, TableTopics } from '../../../shared/contract/topics.ts';

type Send = (message: ServerMessage) => void;

/** The slow topics of the scripted engine: values, sequence numbers and who listens. */
export class TopicHub {
  readonly #records = new Map<string, object>();
  readonly #tables = new Map<string, Map<string, { readonly id: string }>>();
  readonly #seq = new Map<string, number>();
  readonly #listeners = new Map<string, Set<Send>>();

  record<T extends RecordTopic>(topic: T): RecordTopics[T] {
    return this.#records.get(topic) as RecordTopics[T];
  }

  rows<T extends TableTopic>(topic: T): TableTopics[T][] {
    return [...(this.#tables.get(topic)?.values() ?? [])] as TableTopics[T][];
  }

  set<T extends RecordTopic>(topic: T, patch: Partial<RecordTopics[T]>): void {
    this.#records.set(topic, { ...this.#records.get(topic), ...patch });
    this.#tell({ kind: 'record', topic, seq: this.#advance(topic), snapshot: false, value: patch });
  }

  upsert<T extends TableTopic>(topic: T, upsert: readonly TableTopics[T][], remove: readonly string[] = []): void {
    const rows = this.#tables.get(topic) ?? new Map<string, { readonly id: string }>();
    this.#tables.set(topic, rows);
    for (const id of remove) rows.delete(id);
    for (const row of upsert) rows.set(row.id, row);
    this.#tell({ kind: 'table', topic, seq: this.#advance(topic), snapshot: false, upsert, remove });
  }

  /** Counts a message that is never sent: the next delta shows a gap. */
  loseOne(topic: RecordTopic | TableTopic): void {
    this.#advance(topic);
  }

  listen(topic: string, send: Send): void {
    const set = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, set.add(send));
    const record = this.#records.get(topic);
    const seq = this.#seq.get(topic) ?? 0;
    if (record) send({ kind: 'record', topic: topic as RecordTopic, seq, snapshot: true, value: record });
    else {
      const upsert = [...(this.#tables.get(topic)?.values() ?? [])];
      send({ kind: 'table', topic: topic as TableTopic, seq, snapshot: true, upsert, remove: [] });
    }
  }

  unlisten(topic: string, send: Send): void {
    this.#listeners.get(topic)?.delete(send);
  }

  leave(send: Send): void {
    for (const set of this.#listeners.values()) set.delete(send);
  }

  #advance(topic: string): number {
    const seq = (this.#seq.get(topic) ?? 0) + 1;
    this.#seq.set(topic, seq);
    return seq;
  }

  #tell(message: Extract<ServerMessage, { kind: 'record' | 'table' }>): void {
    for (const send of this.#listeners.get(message.topic) ?? []) send(message);
  }
}
