import type { Instrument } from '../../../shared/instruments.ts';

/** An instrument as rows refer to it. */
export interface KnownInstrument {
  readonly id: number;
  readonly provider: string;
  readonly symbol: string;
  readonly instrument: Instrument;
}

/** What all rows of a run share. */
export interface RowContext {
  readonly runId: string;
  readonly account: string;
  /** Throws RowError for a market that was never described. */
  readonly instrumentOf: (market: number) => KnownInstrument;
}
