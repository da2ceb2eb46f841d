import { Engine } from '../../../main/core/engine.ts';
import type { Market } from '../../../main/core/market.ts';
import { type BookLevels, levelsOfRecords } from '../../../main/entry/offline/book-levels.ts';
import { DbnRecording } from '../../../main/feeds/replay/dbn-recording.ts';

/** The book of an instrument after its last complete event. */
export interface ReplayedBook extends BookLevels {
  readonly tsEventUs: number;
  readonly tsRecvUs: number;
  readonly gapped: boolean;
  readonly crossed: boolean;
}

/**
 * The slow and obvious way to a book at a time: all captures played from their beginning, the book put down after each event.
 * @param times µs, in rising order
 * @returns for each time the books by raw symbol
 */
export async function replayedBooks(
  files: readonly string[],
  times: readonly number[],
): Promise<ReadonlyMap<string, ReplayedBook>[]> {
  const engine = new Engine({ continuity: 'file' });
  const recording = new DbnRecording(files, engine);
  const books = new Map<string, ReplayedBook>();
  const answers: ReadonlyMap<string, ReplayedBook>[] = [];
  const put = ({ instrument, tsEventUs, tsRecvUs, gapped, depth }: Market, levels: BookLevels) =>
    books.set(instrument.rawSymbol, { tsEventUs, tsRecvUs, gapped, crossed: depth.crossed, ...levels });
  for await (const _ of recording.pieces()) {
    while (recording.next()) {
      while (answers.length < times.length && recording.arrivalUs() > times[answers.length]!)
        answers.push(new Map(books));
      if (answers.length === times.length) return answers;
      recording.apply();
      const { market, judged } = recording.mapper;
      if (judged && market !== undefined) put(market, levelsOfRecords(market, recording.mapper));
    }
  }
  return answers;
}
