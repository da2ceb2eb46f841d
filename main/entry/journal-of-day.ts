import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalEntry } from '../core/journal/journal-entry.ts';
import { JournalFile, type JournalFileOptions, readJournal } from '../core/journal/journal-file.ts';

/** An open journal, what is to be folded before anything is appended, and what to do with the file at the end. */
export interface OpenJournal {
  readonly journal: JournalFile;
  readonly entries: readonly JournalEntry[];
  /** Closes the file; a replay's is removed, since it is nobody's account. */
  close(): Promise<void>;
}

type Watched = Pick<JournalFileOptions, 'position' | 'onFault'>;

/**
 * The paper account's journal of a day. A new day begins a new file, and the entries to fold are then those of the latest
 * day before: its account goes into the new file's first checkpoint.
 */
export async function openPaperJournal(folder: string, day: string, watched: Watched): Promise<OpenJournal> {
  const name = `paper-${day}.journal`;
  const { journal, entries } = await JournalFile.open({ path: join(folder, name), ...watched });
  const earlier = (await readdir(folder)).filter((other) => /^paper-.*\.journal$/.test(other) && other < name).sort();
  const last = earlier.at(-1);
  const carried =
    entries.length > 0 || last === undefined ? [] : await readJournal(join(folder, last), { repair: false });
  return { journal, entries: [...carried, ...entries], close: () => journal.close() };
}

/** A journal for the orders of one replay. @param run name of the run, so that replays side by side keep apart */
export async function openReplayJournal(folder: string, run: string, watched: Watched): Promise<OpenJournal> {
  const path = join(folder, `replay-${run}.journal`);
  const { journal } = await JournalFile.open({ path, ...watched });
  return {
    journal,
    entries: [],
    close: async () => {
      await journal.close();
      await rm(path, { force: true });
    },
  };
}
