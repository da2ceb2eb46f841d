import { create } from 'zustand';
import type { RecordTopic, RecordTopics } from '../../shared/contract/topics.ts';

export type RecordsState = { readonly [T in RecordTopic]: RecordTopics[T] | null };

const NONE: RecordsState = { terminal: null, health: null, ticket: null, account: null, replay: null };

/** The record topics as the engine last said them; null until the first snapshot. */
export const useRecords = create<RecordsState>(() => NONE);

/** Takes a snapshot or delta in: a delta replaces the fields it names. */
export function takeRecord(topic: RecordTopic, snapshot: boolean, value: object): void {
  useRecords.setState((state) => {
    const before = state[topic];
    return { [topic]: snapshot || before === null ? value : { ...before, ...value } };
  });
}

export function clearRecords(): void {
  useRecords.setState(NONE);
}
