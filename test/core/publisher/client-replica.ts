import { expect } from 'vitest';
import { readFrame, type Section } from '../../../shared/contract/frames.ts';
import type { CommandResult, ServerMessage } from '../../../shared/contract/messages.ts';
import { FEATURE_COUNT } from '../../../shared/features.ts';

interface Row {
  readonly id: string;
}

/** What a client makes of text messages, kept as plainly as possible; a sequence gap fails the test. */
export class ClientReplica {
  readonly #records = new Map<string, object>();
  readonly #tables = new Map<string, Map<string, Row>>();
  readonly #seq = new Map<string, number>();
  readonly results: CommandResult[] = [];
  welcomes = 0;

  take(message: ServerMessage): void {
    if (message.kind === 'welcome') {
      this.welcomes++;
      return;
    }
    if (message.kind === 'result') {
      this.results.push(message);
      return;
    }
    const { topic, seq, snapshot } = message;
    if (!snapshot) expect(seq, `sequence of ${topic}`).toBe((this.#seq.get(topic) ?? Number.NaN) + 1);
    this.#seq.set(topic, seq);
    if (message.kind === 'record') {
      this.#records.set(topic, snapshot ? message.value : { ...this.#records.get(topic), ...message.value });
      return;
    }
    const rows = snapshot ? new Map<string, Row>() : this.#tables.get(topic)!;
    for (const id of message.remove) expect(rows.delete(id), `${topic} knows ${id}`).toBe(true);
    for (const row of message.upsert) rows.set(row.id, row);
    this.#tables.set(topic, rows);
  }

  record(topic: string): object | undefined {
    return this.#records.get(topic);
  }

  rows(topic: string): readonly Row[] {
    return [...(this.#tables.get(topic)?.values() ?? [])];
  }
}

/** Sections of a frame with their values copied. */
export function sectionsOf(frame: Uint8Array<ArrayBuffer>): {
  readonly sequence: number;
  readonly sections: Section[];
} {
  const sections: Section[] = [];
  const head = readFrame(frame.buffer, FEATURE_COUNT + 1, (section) => sections.push(section));
  return { sequence: head.sequence, sections };
}
