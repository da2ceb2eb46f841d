import { mkdirSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { TradingDay } from '../../core/calendar/trading-day.ts';
import { DayFileError, faultOf } from '../store-fault.ts';
import { MARKET_TABLE_NAMES, MARKET_TABLES } from '../tables/market-tables.ts';
import type { Query } from '../tables/questions.ts';
import { writtenColumn } from './block-insert.ts';
import { dayPath, daysFolder, dayWords, storedDays } from './day-files.ts';

/** Days that can be read as one: SQLite attaches ten databases, and some room is left for the user of a connection. */
export const DAYS_AT_ONCE = 8;

/**
 * Reads a database with its days: those that a question needs are attached, and views of the names of their tables stand
 * for all of them, so that questions don't know of files.
 */
export class DayReader {
  readonly #connection: Database.Database;
  readonly #folder: string;
  #attached = '';

  /** Opens the database for reading. Throws what SQLite throws. @param path of the file that is not a day's */
  constructor(path: string) {
    this.#folder = daysFolder(path);
    mkdirSync(this.#folder, { recursive: true });
    this.#connection = new Database(path, { readonly: true });
    this.attach([]);
  }

  /** Days that have a file and lie within a span, oldest first; without a span, all of them. */
  daysIn(span?: { readonly fromUs: number; readonly toUs: number }): readonly TradingDay[] {
    const days = storedDays(this.#folder);
    return span === undefined ? days : days.filter(({ fromUs, toUs }) => toUs > span.fromUs && fromUs < span.toUs);
  }

  /**
   * The answer to a question, from as many days as it is about.
   * @param onDamaged called for each day whose file turns out to be damaged, when it is let go of; the answer is then that
   * of the others. Left out = throws what SQLite throws
   */
  answer({ text, values, answer, span }: Query, onDamaged?: (date: string, error: unknown) => void): unknown {
    const days = span === undefined ? [] : this.daysIn(span);
    const rows: unknown[] = [];
    const read = (some: readonly TradingDay[]) => {
      this.attach(some);
      rows.push(...this.#connection.prepare<unknown[]>(text).all(...values));
    };
    for (let from = 0; from === 0 || from < days.length; from += DAYS_AT_ONCE) {
      const some = days.slice(from, from + DAYS_AT_ONCE);
      try {
        read(some);
      } catch (error) {
        if (onDamaged === undefined || faultOf(error).kind !== 'damaged') throw error;
        const damaged = this.#damagedOf(some);
        if (damaged.size === 0) throw error;
        this.attach([]);
        for (const [date, found] of damaged) onDamaged(date, found);
        read(some.filter(({ date }) => !damaged.has(date)));
      }
    }
    return answer(rows);
  }

  /** Which days have damaged files, with what SQLite says of them. */
  #damagedOf(days: readonly TradingDay[]): ReadonlyMap<string, unknown> {
    const damaged = new Map<string, unknown>();
    for (const day of days) {
      try {
        this.attach([day]);
        const found = this.#connection.pragma(`${nameOf(day.date)}.quick_check(1)`, { simple: true });
        if (found !== 'ok') damaged.set(day.date, new Error(String(found)));
      } catch (error) {
        if (faultOf(error).kind !== 'damaged') throw error;
        damaged.set(day.date, error);
      }
    }
    return damaged;
  }

  /** Makes the views stand for these days, at most eight; with none they are empty. */
  attach(days: readonly TradingDay[]): void {
    const wanted = days.map(({ date }) => date).join(' ');
    if (wanted === this.#attached && days.length > 0) return;
    const connection = this.#connection;
    for (const table of MARKET_TABLE_NAMES) connection.exec(`drop view if exists temp.${table}`);
    for (const date of this.#attached.split(' ')) if (date !== '') connection.exec(`detach ${nameOf(date)}`);
    this.#attached = '';
    for (const { date } of days) {
      this.#attachDay(date);
      this.#attached += `${this.#attached === '' ? '' : ' '}${date}`;
    }
    for (const table of MARKET_TABLE_NAMES) {
      const parts = days.map(({ date }) => `select * from ${nameOf(date)}.${table}`);
      connection.exec(
        `create temp view ${table} as ${parts.length === 0 ? nothing(table) : parts.join(' union all ')}`,
      );
    }
  }

  #attachDay(date: string): void {
    try {
      this.#connection.prepare(`attach ? as ${nameOf(date)}`).run(dayPath(this.#folder, date));
    } catch (error) {
      // The views are to be there for the next question.
      this.attach([]);
      throw new DayFileError(dayWords(date), error);
    }
  }

  /** The connection, for questions in SQL of others. */
  get connection(): Database.Database {
    return this.#connection;
  }

  close(): void {
    this.#connection.close();
  }
}

function nameOf(date: string): string {
  return `day_${date.replaceAll('-', '')}`;
}

/** A table without rows. */
function nothing(table: keyof typeof MARKET_TABLES): string {
  const columns = MARKET_TABLES[table].fields.flatMap((field) =>
    field.kind === 'instant' || field.kind === 'moment' ? [writtenColumn(field), `${field.name}_ts`] : [field.name],
  );
  return `select ${columns.map((column) => `null as ${column}`).join(', ')} where 0`;
}
