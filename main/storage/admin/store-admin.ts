import type { KeepDays } from '../../core/store-port.ts';
import type { PruneReport } from '../tables/retention.ts';
import type { RowStream, RowsQuestion } from './row-stream.ts';

/** What there is of a table. */
export interface TableSize {
  readonly table: string;
  readonly rows: number;
  /** False where counting would take long: `rows` is an estimate then. */
  readonly rowsExact: boolean;
  /** With indexes; compressed parts with what they take now. */
  readonly bytes: number;
  readonly bytesExact: boolean;
  /** What compressed parts take, and took before; undefined where nothing is compressed. */
  readonly compressed: { readonly bytes: number; readonly beforeBytes: number } | undefined;
  /** Over the last 24 hours of its data, or as many as there are; undefined for tables that are not market data. */
  readonly rowsPerHour: number | undefined;
}

/** What a trial of the database showed. */
export interface StoreCheck {
  /** `PostgreSQL 15.18, TimescaleDB 2.28.0 (community)`. */
  readonly server: string;
  /** Median of some round trips. */
  readonly latencyMs: number;
  readonly missingMigrations: readonly string[];
  readonly instruments: readonly { readonly id: number; readonly provider: string; readonly symbol: string }[];
  readonly mappings: readonly {
    readonly signal: string;
    readonly execution: string;
    readonly inverted: boolean;
    readonly lagMs: number;
  }[];
}

/** A database as its keeper works with it. Everything that fails throws StoreError in words, without a password. */
export interface StoreAdmin {
  /** Where it is, in words. */
  readonly place: string;
  /** Makes what is missing, and says what that was. May be run again. */
  setup(): Promise<readonly string[]>;
  /** Runs the migrations that are missing; gives their names. */
  migrate(): Promise<readonly string[]>;
  /** Tries to read and to write; what was written is taken back. */
  check(): Promise<StoreCheck>;
  sizes(): Promise<readonly TableSize[]>;
  /** Removes expired rows, see `pruneSqlite` and `prunePostgres`. @param nowUs the time now */
  prune(keep: KeepDays, nowUs: number, dryRun: boolean): Promise<PruneReport>;
  /** Reads a table or view, or what a statement gives; nothing is ever changed. */
  rows(question: RowsQuestion): Promise<RowStream>;
  close(): Promise<void>;
}

/** Words for a database without tables. */
export function noTables(place: string): string {
  return `${place}: there are no tables yet. \`fathom db setup\` makes them.`;
}

/** Instruments and mappings, as both databases are asked for them. */
export const ACTIVE_INSTRUMENTS = 'select id, provider, symbol from instruments where active = 1 order by id';
export const MAPPINGS = `select signal.symbol as signal, execution.symbol as execution, direction, lag_ms
  from symbol_mappings join instruments as signal on signal.id = signal_instrument_id
  join instruments as execution on execution.id = execution_instrument_id
  where signal.active = 1 and execution.active = 1 order by signal.id, execution.id`;

/** A row of `MAPPINGS`. */
export interface MappingColumns {
  readonly signal: string;
  readonly execution: string;
  readonly direction: string;
  readonly lag_ms: number;
}

export function mappingsOf(rows: readonly MappingColumns[]): StoreCheck['mappings'] {
  return rows.map(({ signal, execution, direction, lag_ms }) => {
    return { signal, execution, inverted: direction === 'inverted', lagMs: lag_ms };
  });
}

/** Median of what a round trip takes. @param trip one round trip; gives its ms */
export async function medianMs(trip: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 7; n++) times.push(await trip());
  return times.sort((a, b) => a - b)[3]!;
}
