import { StoreError } from '../../../core/store-port.ts';
import { MARKET_TABLE_NAMES } from '../../tables/market-tables.ts';
import type { Column, TableRow } from '../../tables/table-rows.ts';
import {
  type CopySource,
  type CopyTarget,
  INSTRUMENT_COLUMN,
  KEYED_TABLES,
  type KeyedTable,
  type Stretch,
  type TotalledColumn,
} from './copy-ends.ts';

export interface CopyOptions {
  /** Market rows that are copied, of all that were to be. */
  readonly progress: (done: number, total: number) => void;
  readonly stop: AbortSignal;
  /** Whether market rows are added to those that the target holds and that no copy of this source brought. */
  readonly merge: boolean;
}

/** What a copy brought over in this run. */
export interface CopyReport {
  /** By table. */
  readonly rows: ReadonlyMap<string, number>;
  /** It was stopped: the rest is to be copied by another run. */
  readonly stopped: boolean;
  /** Numbers of instruments in the target by those in the source. */
  readonly ids: ReadonlyMap<number, number>;
}

/**
 * Copies everything: instruments and tables with a key by their keys, market rows in stretches, each in one transaction with
 * its note. So it may be ended at any moment and run again: what was noted is not copied twice. While the target takes a
 * stretch in, the next one is read. Throws what the databases throw, in words, and StoreError where rows might be doubled.
 */
export async function copyStore(source: CopySource, target: CopyTarget, options: CopyOptions): Promise<CopyReport> {
  const { progress, stop, merge } = options;
  const rows = new Map<string, number>();
  const from = <T>(work: Promise<T>) => inWords(source, work);
  const into = <T>(work: Promise<T>) => inWords(target, work);
  const notes = await into(target.notes(`copy ${source.identity} `));
  if (notes.size === 0 && !merge && (await into(target.holdsMarketRows()))) {
    throw new StoreError(
      `${target.place} holds market rows already that were not copied from ${source.place}. ` +
        'They may be the same, and would be there twice: copy into a new database, or say --merge where they are others.',
    );
  }
  const instruments = await from(source.instruments());
  const ids = await into(target.putInstruments(instruments));
  rows.set('instruments', instruments.length);
  for (const table of KEYED_TABLES) {
    if (stop.aborted) return { rows, stopped: true, ids };
    rows.set(table, await copyKeyed(table, source, target, ids));
  }
  const total = await from(source.remaining(notes));
  let done = 0;
  for (const table of MARKET_TABLE_NAMES) {
    let copied = 0;
    let put: Promise<void> | undefined;
    const stretches = source.stretches(table, notes);
    try {
      for (let next = await from(stretches.next()); next.done !== true && !stop.aborted; ) {
        const stretch: Stretch = next.value;
        await put;
        put = into(target.putStretch(stretch));
        // Looked after when it is waited for; until then it is nobody's.
        put.catch(() => undefined);
        next = await from(stretches.next());
        copied += stretch.rows;
        done += stretch.rows;
        progress(done, Math.max(total, done));
      }
      await put;
    } finally {
      await stretches.return();
    }
    rows.set(table, copied);
    if (stop.aborted) return { rows, stopped: true, ids };
  }
  await into(target.putBatches(await from(source.batches())));
  await into(target.finish());
  return { rows, stopped: false, ids };
}

async function copyKeyed(
  table: KeyedTable,
  source: CopySource,
  target: CopyTarget,
  ids: ReadonlyMap<number, number>,
): Promise<number> {
  const columns = await inWords(target, target.columns(table));
  const remapped = columns.filter(({ name }) => INSTRUMENT_COLUMN.test(name)).map(({ name }) => name);
  let copied = 0;
  const rows = source.keyed(table, namesOf(columns))[Symbol.asyncIterator]();
  for (let next = await inWords(source, rows.next()); next.done !== true; next = await inWords(source, rows.next())) {
    const batch: readonly TableRow[] = next.value;
    const renumbered = batch.map((row) => {
      const numbers = remapped.map((name) => [name, ids.get(Number(row[name])) ?? null] as const);
      return { ...row, ...Object.fromEntries<Column>(numbers) };
    });
    await inWords(target, target.put(table, renumbered));
    copied += batch.length;
  }
  return copied;
}

function namesOf(columns: readonly TotalledColumn[]): readonly string[] {
  return columns.map(({ name }) => name);
}

/** What a database throws, in its words. */
export async function inWords<T>(end: Pick<CopySource, 'inWords'>, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw end.inWords(error);
  }
}
