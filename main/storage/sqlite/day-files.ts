import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { type TradingDay, tradingDayOf } from '../../core/calendar/trading-day.ts';
import type { MarketTable } from '../../core/store-port.ts';
import { dayMigrations } from '../migrations.ts';
import { faultOf } from '../store-fault.ts';
import type { RowBlock } from '../tables/row-block.ts';
import type { KnownInstrument } from '../tables/row-context.ts';
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
}

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

  /** Stores the rows that a batch has of a day, unless they are there. Throws what SQLite throws. */
  async write(
    date: string,
    blocks: readonly RowBlock[],
    { writer, number }: BatchNote,
    instrumentOf: (market: number) => DescribedInstrument,
  ): Promise<void> {
    await this.#in(date, (day) => {
      if (day.connection.prepare(NOTE_BATCH).run(writer, number).changes === 0) return;
      const idOf = (market: number) => {
        const known = instrumentOf(market);
        describe(day, known);
        return known.id;
      };
      for (const block of blocks) this.#insertOf(day, block.table).run(block, lastKept(idOf));
    });
  }

  /** Works in a day's file, in one transaction. */
  async with(date: string, work: (connection: Database.Database) => void): Promise<void> {
    await this.#in(date, ({ connection }) => work(connection));
  }

  close(): void {
    for (const { connection } of this.#open.values()) connection.close();
    this.#open.clear();
  }

  async #in(date: string, work: (day: OpenDay) => void): Promise<void> {
    try {
      const day = await this.#day(date);
      transaction(day.connection, () => work(day));
    } catch (error) {
      // What was described in the transaction was not.
      this.#open.get(date)?.known.clear();
      const { kind, words } = faultOf(error);
      if (kind !== 'damaged') throw error;
      this.#open.get(date)?.connection.close();
      this.#open.delete(date);
      const name = setAside(dayPath(this.#folder, date));
      this.#onNotice(`${words}. It was set aside as ${name} and a new one begun; captures have what it held.`);
      const day = await this.#day(date);
      transaction(day.connection, () => work(day));
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
    const day: OpenDay = { connection, inserts: new Map(), known: new Map() };
    this.#open.set(date, day);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST_OPEN) {
      this.#open.get(oldest!)!.connection.close();
      this.#open.delete(oldest!);
    }
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

/** The same function, asked once for each run of equal arguments. */
function lastKept(idOf: (market: number) => number): (market: number) => number {
  let last = Number.NaN;
  let id = 0;
  return (market) => {
    if (market !== last) {
      id = idOf(market);
      last = market;
    }
    return id;
  };
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
