import { create } from 'zustand';

/** How the page stands with its engine. `sinceMs` is on the page's own clock (performance.now). */
export interface ConnectionState {
  readonly phase: 'connecting' | 'connected' | 'away' | 'refused';
  readonly sinceMs: number;
  readonly words: string;
  readonly engineId: string;
  /** Gaps in topic sequences that made the page subscribe again. */
  readonly sequenceGaps: number;
}

export const useConnection = create<ConnectionState>(() => ({
  phase: 'connecting',
  sinceMs: performance.now(),
  words: 'Connecting to the engine',
  engineId: '',
  sequenceGaps: 0,
}));
