import type {
  Announcement,
  RecordTopic,
  RecordTopics,
  TableTopic,
  TableTopics,
} from '../../../shared/contract/topics.ts';
import { sameValue } from './same-value.ts';

const ANNOUNCEMENTS_KEPT = 200;

interface Row {
  readonly id: string;
}

interface StoredRow {
  row: Row;
  /** Version at which the id came, anew if it had been removed before. */
  readonly cameAt: number;
  changedAt: number;
}

interface StoredTable {
  readonly keep: number;
  readonly rows: Map<string, StoredRow>;
  changedAt: number;
  removedAt: number;
}

interface StoredRecord {
  value: object;
  readonly fieldChangedAt: Map<string, number>;
  changedAt: number;
}

/** What a reader of a table lacks: rows to take in, after those to take out. */
export interface TableChanges {
  readonly upsert: readonly Row[];
  readonly remove: readonly string[];
}

/**
 * The slow topics as they stand. Every change gets a version of the board; a reader remembers the version up to which it
 * has read and asks for what is newer, so a reader that reads seldom, or never again, costs the writers nothing.
 * Values given are kept, not copied: they must not be changed afterwards.
 */
export class TopicBoard {
  readonly #records = new Map<string, StoredRecord>();
  readonly #tables = new Map<string, StoredTable>();
  #version = 0;
  #announced = 0;

  constructor() {
    this.defineTable('announcements', ANNOUNCEMENTS_KEPT);
  }

  /** Grows with every change of any topic. */
  get version(): number {
    return this.#version;
  }

  /** Puts a whole record; only fields that differ are a change. */
  setRecord<T extends RecordTopic>(topic: T, value: RecordTopics[T]): void {
    const stored = this.#records.get(topic);
    if (stored !== undefined) {
      this.#assign(stored, value);
      return;
    }
    const version = ++this.#version;
    const fieldChangedAt = new Map(Object.keys(value).map((field) => [field, version]));
    this.#records.set(topic, { value, fieldChangedAt, changedAt: version });
  }

  /** Replaces some fields of a record that has been set before. */
  patchRecord<T extends RecordTopic>(topic: T, part: Partial<RecordTopics[T]>): void {
    const stored = this.#records.get(topic);
    if (stored === undefined) throw new Error(`record "${topic}" is patched before it was set as a whole`);
    this.#assign(stored, part);
  }

  record<T extends RecordTopic>(topic: T): RecordTopics[T] | undefined {
    return this.#records.get(topic)?.value as RecordTopics[T] | undefined;
  }

  /** Opens an empty table of at most `keep` rows; beyond that the row that came first leaves. */
  defineTable<T extends TableTopic>(topic: T, keep: number): void {
    if (this.#tables.has(topic)) throw new Error(`table "${topic}" is defined twice`);
    if (!Number.isSafeInteger(keep) || keep < 1) throw new Error(`table "${topic}" can't keep ${keep} rows`);
    const version = ++this.#version;
    this.#tables.set(topic, { keep, rows: new Map(), changedAt: version, removedAt: 0 });
  }

  /** Adds a row or replaces the one of the same id, which keeps its place. */
  upsert<T extends TableTopic>(topic: T, row: TableTopics[T]): void {
    const table = this.#table(topic);
    const known = table.rows.get(row.id);
    if (known !== undefined) {
      if (sameValue(known.row, row)) return;
      known.row = row;
      known.changedAt = table.changedAt = ++this.#version;
      return;
    }
    const version = ++this.#version;
    table.rows.set(row.id, { row, cameAt: version, changedAt: version });
    table.changedAt = version;
    if (table.rows.size > table.keep) {
      for (const oldest of table.rows.keys()) {
        this.remove(topic, oldest);
        break;
      }
    }
  }

  /** Takes a row out; an id that is not there is no change. */
  remove(topic: TableTopic, id: string): void {
    const table = this.#table(topic);
    if (table.rows.delete(id)) table.changedAt = table.removedAt = ++this.#version;
  }

  /** Rows in the order in which they came. */
  rows<T extends TableTopic>(topic: T): readonly TableTopics[T][] {
    return Array.from(this.#table(topic).rows.values(), (stored) => stored.row as TableTopics[T]);
  }

  /** How many rows a table has; none where there is no such table. */
  count(topic: TableTopic): number {
    return this.#tables.get(topic)?.rows.size ?? 0;
  }

  /** Adds a sentence to the table `announcements`. */
  announce(kind: Announcement['kind'], words: string, atUs: number): void {
    this.upsert('announcements', { id: `A${++this.#announced}`, atUs, kind, words });
  }

  hasRecord(topic: string): topic is RecordTopic {
    return this.#records.has(topic);
  }

  hasTable(topic: string): topic is TableTopic {
    return this.#tables.has(topic);
  }

  /** Fields of a record that changed after a version; undefined when none did. With version 0: the whole record. */
  recordChanges(topic: RecordTopic, since: number): object | undefined {
    const stored = this.#records.get(topic);
    if (stored === undefined || stored.changedAt <= since) return undefined;
    if (since === 0) return stored.value;
    const changed: Record<string, unknown> = {};
    for (const [field, value] of Object.entries(stored.value)) {
      if (stored.fieldChangedAt.get(field)! > since) changed[field] = value;
    }
    return changed;
  }

  /**
   * What a reader that has read up to a version, and then knew the rows of `known`, has to take out and in; undefined when
   * nothing changed. `known` is brought up to date.
   */
  tableChanges(topic: TableTopic, since: number, known: Set<string>): TableChanges | undefined {
    const table = this.#tables.get(topic);
    if (table === undefined || table.changedAt <= since) return undefined;
    const remove: string[] = [];
    if (table.removedAt > since) {
      for (const id of known) {
        const stored = table.rows.get(id);
        if (stored !== undefined && stored.cameAt <= since) continue;
        remove.push(id);
        known.delete(id);
      }
    }
    const upsert: Row[] = [];
    for (const stored of table.rows.values()) {
      if (stored.changedAt <= since) continue;
      upsert.push(stored.row);
      known.add(stored.row.id);
    }
    return { upsert, remove };
  }

  #table(topic: string): StoredTable {
    const table = this.#tables.get(topic);
    if (table === undefined) throw new Error(`table "${topic}" is used before it was defined`);
    return table;
  }

  #assign(stored: StoredRecord, part: object): void {
    const before: Readonly<Record<string, unknown>> = { ...stored.value };
    const changed = Object.entries(part).filter(([field, value]) => !sameValue(before[field], value));
    if (changed.length === 0) return;
    const version = ++this.#version;
    stored.value = { ...stored.value, ...Object.fromEntries(changed) };
    stored.changedAt = version;
    for (const [field] of changed) stored.fieldChangedAt.set(field, version);
  }
}
