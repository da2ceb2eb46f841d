import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import type { Venue } from '../../../../shared/instruments.ts';
import { NANO } from '../../../../shared/units.ts';
import type { MarketTable } from '../../../core/store-port.ts';
import { migrationsFor } from '../../migrations.ts';
import { SQLITE } from '../../sql-dialect.ts';
import { DayFiles, type DescribedInstrument, daysFolder, storedDays } from '../../sqlite/day-files.ts';
import { readDay } from '../../sqlite/read-day.ts';
import { connect, NOTE_BATCH, transaction } from '../../sqlite/sqlite-connection.ts';
import { migrateSqlite } from '../../sqlite/sqlite-migrate.ts';
import { Upserts } from '../../sqlite/upserts.ts';
import { RowError } from '../../store-fault.ts';
import { blocksByDay } from '../../tables/blocks-by-day.ts';
import { MARKET_TABLE_NAMES } from '../../tables/market-tables.ts';
import type { TableRow } from '../../tables/table-rows.ts';
import { sqliteRefusal } from '../sqlite-admin.ts';
import type {
  CopiedInstrument,
  CopyNotes,
  CopyTarget,
  KeyedTable,
  Stretch,
  TableTotals,
  TotalledColumn,
} from './copy-ends.ts';
import { sqliteKeyedTotals, sqliteMarketTotals } from './sqlite-source.ts';

/** The embedded database as a target. The notes of a day's rows are in the day's file, so that it goes with them. */
export class SqliteTarget implements CopyTarget {
  readonly place: string;
  readonly #main: Database.Database;
  readonly #upserts: Upserts;
  readonly #folder: string;
  readonly #days: DayFiles;
  readonly #instruments = new Map<number, DescribedInstrument>();

  private constructor(path: string, main: Database.Database, onNotice: (words: string) => void) {
    this.place = `the embedded database ${path}`;
    this.#main = main;
    this.#upserts = new Upserts(main);
    this.#folder = daysFolder(path);
    this.#days = new DayFiles(this.#folder, undefined, onNotice);
  }

  /** Opens or makes it, with its tables up to date. @throws StoreError */
  static async open(path: string, onNotice: (words: string) => void): Promise<SqliteTarget> {
    let main: Database.Database | undefined;
    try {
      mkdirSync(dirname(path), { recursive: true });
      main = connect({ path, maxBytes: undefined }, 'normal');
      await migrateSqlite(main, migrationsFor(SQLITE));
      return new SqliteTarget(path, main, onNotice);
    } catch (error) {
      main?.close();
      throw sqliteRefusal(error, `the embedded database ${path}`);
    }
  }

  async holdsMarketRows(): Promise<boolean> {
    return storedDays(this.#folder).some(({ date }) =>
      readDay(this.#folder, date, (day) =>
        MARKET_TABLE_NAMES.some((table) => day.prepare(`select 1 from ${table} limit 1`).get() !== undefined),
      ),
    );
  }

  async notes(prefix: string): Promise<CopyNotes> {
    const notes = new Map<string, number>();
    for (const { date } of storedDays(this.#folder)) {
      const rows = readDay(this.#folder, date, (day) =>
        day.prepare<unknown[], { writer: string; last: number }>('select writer, last from batches').all(),
      );
      for (const { writer, last } of rows) {
        if (writer.startsWith(prefix)) notes.set(writer, Math.max(last, notes.get(writer) ?? 0));
      }
    }
    return notes;
  }

  async putInstruments(instruments: readonly CopiedInstrument[]): Promise<ReadonlyMap<number, number>> {
    transaction(this.#main, () => {
      for (const { id, row } of instruments) {
        this.#instruments.set(id, { id: this.#upserts.putInstrument(row), ...describedAs(row) });
      }
    });
    return new Map(Array.from(this.#instruments, ([from, { id }]) => [from, id]));
  }

  async columns(table: KeyedTable): Promise<readonly TotalledColumn[]> {
    return this.#main
      .prepare<unknown[], { name: string; type: string }>(`select name, type from pragma_table_info('${table}')`)
      .all()
      .map(({ name, type }) => {
        const kind = type.toLowerCase();
        return { name, kind: kind === 'integer' ? 'whole' : kind === 'real' ? 'real' : 'text' };
      });
  }

  async put(table: KeyedTable, rows: readonly TableRow[]): Promise<void> {
    transaction(this.#main, () => this.#upserts.put(table, rows));
  }

  async putBatches(rows: readonly TableRow[]): Promise<void> {
    const put = this.#main.prepare(NOTE_BATCH);
    transaction(this.#main, () => {
      for (const { writer, last } of rows) put.run(writer, last);
    });
  }

  async putStretch({ blocks, writer, last }: Stretch): Promise<void> {
    const instrumentOf = (id: number) => {
      const instrument = this.#instruments.get(id);
      if (instrument === undefined) throw new RowError(`instrument ${id} is not among the instruments of the source`);
      return instrument;
    };
    for (const { day, blocks: ofDay } of blocksByDay(blocks)) {
      await this.#days.copy(day.date, ofDay, { writer, number: last }, instrumentOf);
    }
  }

  async finish(): Promise<void> {
    this.#days.close();
    this.#main.pragma('optimize');
    this.#main.pragma('wal_checkpoint(truncate)');
  }

  async marketTotals(table: MarketTable): Promise<TableTotals> {
    return sqliteMarketTotals(this.#folder, table);
  }

  async keyedTotals(table: KeyedTable, columns: readonly TotalledColumn[]): Promise<TableTotals> {
    return sqliteKeyedTotals(this.#main, table, columns);
  }

  inWords(error: unknown): Error {
    return sqliteRefusal(error, this.place);
  }

  async close(): Promise<void> {
    this.#days.close();
    this.#main.close();
  }
}

function describedAs(row: TableRow): Omit<DescribedInstrument, 'id'> {
  const { provider, symbol, label, venue, tick_size: tick, quote_currency: currency } = row;
  return {
    provider: String(provider),
    symbol: String(symbol),
    instrument: {
      label: String(label),
      venue: String(venue) as Venue,
      tickNano: Math.round(Number(tick) * NANO),
      quoteCurrency: String(currency),
    },
  };
}
