import type { BarRow } from '../../shared/contract/topics.ts';

/** What changed in a bar series since a chart last looked. */
export type BarsChange = { readonly kind: 'replaced' } | { readonly kind: 'rows'; readonly rows: readonly BarRow[] };

type Listener = (change: BarsChange) => void;

/** Bars by market, kept outside React since the open bar changes all the time. */
export class BarsReplica {
  readonly #series = new Map<string, Map<string, BarRow>>();
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Takes a table message of topic `bars:N` in. */
  take(topic: string, snapshot: boolean, upsert: readonly BarRow[], remove: readonly string[]): void {
    let rows = this.#series.get(topic);
    if (!rows) {
      rows = new Map();
      this.#series.set(topic, rows);
    }
    if (snapshot) rows.clear();
    for (const id of remove) rows.delete(id);
    for (const row of upsert) rows.set(row.id, row);
    const change: BarsChange = snapshot || remove.length > 0 ? { kind: 'replaced' } : { kind: 'rows', rows: upsert };
    for (const listener of this.#listeners.get(topic) ?? []) listener(change);
  }

  /** All bars of a topic, oldest first. */
  bars(topic: string): BarRow[] {
    return [...(this.#series.get(topic)?.values() ?? [])].sort((a, b) => a.startUs - b.startUs);
  }

  listen(topic: string, listener: Listener): () => void {
    const set = this.#listeners.get(topic) ?? new Set();
    set.add(listener);
    this.#listeners.set(topic, set);
    return () => set.delete(listener);
  }

  clear(): void {
    for (const [topic, rows] of this.#series) {
      rows.clear();
      for (const listener of this.#listeners.get(topic) ?? []) listener({ kind: 'replaced' });
    }
  }
}
