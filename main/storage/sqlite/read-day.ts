import Database from 'better-sqlite3';
import { DayFileError } from '../store-fault.ts';
import { dayPath, dayWords } from './day-files.ts';

/** Reads in the file of a trading day. Throws DayFileError, which names it. */
export function readDay<T>(folder: string, date: string, work: (day: Database.Database) => T): T {
  let day: Database.Database | undefined;
  try {
    day = new Database(dayPath(folder, date), { readonly: true });
    return work(day);
  } catch (error) {
    throw new DayFileError(dayWords(date), error);
  } finally {
    day?.close();
  }
}
