/** State of a trading calendar at an instant. `unknown` beyond the years that the table covers. */
export type SessionPhase = 'open' | 'break' | 'closed' | 'holiday' | 'halted' | 'unknown';

/** Where a market stands in its trading day. */
export interface TradingSession {
  readonly phase: SessionPhase;
  /** Trade date `YYYY-MM-DD` that now belongs to (the session that is open or opens next). */
  readonly tradeDate: string;
  /** Instant at which that trade date began (VWAP and CVD reset here); 0 when unknown. */
  readonly startedUs: number;
  /** Next change of phase; 0 when unknown. */
  readonly changesUs: number;
  /** Words for the trader: "open until 22:00 UTC", "daily break until …", "closed until …". */
  readonly words: string;
}
