import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { type TradingDay, tradingDayOf } from '../../core/calendar/trading-day.ts';
import type { MarketTable } from '../../core/store-port.ts';
import { dayMigrations } from '../migrations.ts';
import { marketsIn } from '../store-batch.ts';
import { DayFileError, faultOf } from '../store-fault.ts';
import { HighWater, lastKept, type MarkColumns, marksOf, OTHER_MARKS } from '../tables/high-water.ts';
import type { RowBlock } from '../tables/row-block.ts';
import type { KnownInstrument, RowContext } from '../tables/row-context.ts';
import { onConflict, type TableRow } from '../tables/table-rows.ts';
import { BlockInsert } from './block-insert.ts';
import { connect, NOTE_BATCH, setAside, transaction } from './sqlite-connection.ts';
import { migrateSqlite } from './sqlite-migrate.ts';

/** Files that are kept open: late rows of the day before come while the new one has begun. */
const MOST_OPEN = 3;
const NAME = /^(\d{4}-\d{2}-\d{2})\.sqlite$/;

/** Which batch of which writer is stored. */
export interface BatchNote {
  readonly writer: string;
  readonly number: number;
}

/** Folder of the days beside a database. */
export function daysFolder(path: string): string {
  return join(dirname(path), 'market');
}

/** Path of a day's file. */
export function dayPath(folder: string, date: string): string {
  return join(folder, `${date}.sqlite`);
}

/** The file of a day in words. */
export function dayWords(date: string): string {
  return `market/${date}.sqlite`;
}

/** Days of which there are files, oldest first. */
export function storedDays(folder: string): readonly TradingDay[] {
  if (!existsSync(folder)) return [];
  const dates = readdirSync(folder).flatMap((name) => NAME.exec(name)?.[1] ?? []);
  return dates.sort().map(tradingDayOf);
}

/** An instrument as a day's file describes it. */
export type DescribedInstrument = Pick<KnownInstrument, 'id' | 'provider' | 'symbol'> & {
  readonly instrument: Pick<KnownInstrument['instrument'], 'label' | 'venue' | 'tickNano' | 'quoteCurrency'>;
};

interface OpenDay {
  readonly connection: Database.Database;
  readonly inserts: Map<MarketTable, BlockInsert>;
  /** Descriptions of instruments that the file has. */
  readonly known: Map<number, string>;
  readonly marks: HighWater;
}

const MARK = `insert into high_water (instrument_id, table_name, local_receive_us, run_id)
  values (@instrument_id, @table_name, @local_receive_us, @run_id)
  ${onConflict('high_water', ['instrument_id', 'table_name', 'local_receive_us', 'run_id'])}`;

/**
 * The files of market rows, one a trading day, so that a day can be archived, copied or deleted. They commit with
 * `synchronous=NORMAL`. A damaged one is set aside and begun anew.
 */
export class DayFiles {
  readonly #folder: string;
  readonly #maxBytes: number | undefined;
  readonly #onNotice: (words: string) => void;
  /** By date, the one used last at the end. */
  readonly #open = new Map<string, OpenDay>();

  constructor(folder: string, maxBytes: number | undefined, onNotice: (words: string) => void) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#onNotice = onNotice;
  }

  /** Stores the rows that a batch has of a day, unless it or an earlier run has. Throws DayFileError. */
  async write(date: string, blocks: readonly RowBlock[], note: BatchNote, context: RowContext): Promise<void> {
    const { runId, instrumentOf } = context;
    await this.#in(date, (day) => {
      if (!noted(day, note)) return;
      for (const market of marketsIn(blocks)) {
        const known = instrumentOf(market);
        describe(day, known);
        learnMarks(day, runId, known.id);
      }
      const idOf = lastKept((market) => instrumentOf(market).id);
      const fresh = blocks.map((block) => day.marks.newRows(block, runId, idOf));
      for (const block of fresh) this.#insertOf(day, block.table).run(block, idOf);
      const mark = day.connection.prepare<[TableRow]>(MARK);
      for (const row of marksOf(fresh, runId, idOf)) mark.run(row);
    });
  }

  /** Stores rows of another database, whatever runs they are of, unless they are noted. Throws DayFileError. */
  async copy(
    date: string,
    blocks: readonly RowBlock[],
    note: BatchNote,
    instrumentOf: (market: number) => DescribedInstrument,
  ): Promise<void> {
    await this.#in(date, (day) => {
      if (!noted(day, note)) return;
      const idOf = lastKept((market) => {
        const known = instrumentOf(market);
        describe(day, known);
        return known.id;
      });
      for (const block of blocks) this.#insertOf(day, block.table).run(block, idOf);
    });
  }

  /** Works in a day's file, in one transaction. Throws DayFileError. */
  async with(date: string, work: (connection: Database.Database) => void): Promise<void> {
    await this.#in(date, ({ connection }) => work(connection));
  }

  /** Sets the damaged file of a day aside, so that a new one is begun, and says so. @param error how it showed */
  setAside(date: string, error: unknown): void {
    this.closeDay(date);
    const name = setAside(dayPath(this.#folder, date));
    this.#onNotice(
      `store: ${dayWords(date)} is damaged (${(error as Error).message}). It was set aside as ${name} and a new one begun; captures have what it held.`,
    );
  }

  /** Lets go of the file of a day; it is opened again when it is needed. */
  closeDay(date: string): void {
    this.#open.get(date)?.connection.close();
    this.#open.delete(date);
  }

  close(): void {
    for (const { connection } of this.#open.values()) connection.close();
    this.#open.clear();
  }

  async #in(date: string, work: (day: OpenDay) => void): Promise<void> {
    try {
      try {
        await this.#once(date, work);
      } catch (error) {
        if (faultOf(error).kind !== 'damaged') throw error;
        this.setAside(date, error);
        await this.#once(date, work);
      }
    } catch (error) {
      throw new DayFileError(dayWords(date), error);
    }
  }

  async #once(date: string, work: (day: OpenDay) => void): Promise<void> {
    const day = await this.#day(date);
    try {
      transaction(day.connection, () => work(day));
    } catch (error) {
      // What was described in the transaction was not.
      day.known.clear();
      throw error;
    }
  }

  async #day(date: string): Promise<OpenDay> {
    const known = this.#open.get(date);
    if (known !== undefined) {
      this.#open.delete(date);
      this.#open.set(date, known);
      return known;
    }
    mkdirSync(this.#folder, { recursive: true });
    const connection = connect({ path: dayPath(this.#folder, date), maxBytes: this.#maxBytes }, 'normal');
    try {
      await migrateSqlite(connection, dayMigrations());
    } catch (error) {
      connection.close();
      throw error;
    }
    const day: OpenDay = { connection, inserts: new Map(), known: new Map(), marks: new HighWater() };
    this.#open.set(date, day);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST_OPEN) this.closeDay(oldest!);
    return day;
  }

  #insertOf(day: OpenDay, table: MarketTable): BlockInsert {
    const known = day.inserts.get(table);
    if (known !== undefined) return known;
    const insert = new BlockInsert(day.connection, table);
    day.inserts.set(table, insert);
    return insert;
  }
}

/** Notes a batch; false where it was noted before. */
function noted({ connection }: OpenDay, { writer, number }: BatchNote): boolean {
  return connection.prepare(NOTE_BATCH).run(writer, number).changes > 0;
}

function learnMarks({ connection, marks }: OpenDay, runId: string, id: number): void {
  if (marks.knows(runId, id)) return;
  marks.learn(runId, id, connection.prepare<unknown[], MarkColumns>(OTHER_MARKS).all(id, runId));
}

/** Writes down what an instrument's number means, once a file and description. */
function describe({ connection, known }: OpenDay, { id, instrument, provider, symbol }: DescribedInstrument): void {
  const { label, venue, tickNano, quoteCurrency } = instrument;
  const values = [provider, symbol, label, venue, tickNano / 1e9, quoteCurrency];
  const description = values.join(' ');
  if (known.get(id) === description) return;
  connection.prepare('insert or replace into instruments values (?, ?, ?, ?, ?, ?, ?)').run(id, ...values);
  known.set(id, description);
}
