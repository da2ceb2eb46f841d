import { crc32 } from 'node:zlib';

/**
 * One line of the journal: `crc32 json`. The journal holds what is no market data: commands, order intents, broker
 * reports, locks. `input` is the number of inputs that the engine had taken in, the place in the captures at which the
 * entry belongs.
 */
export interface JournalEntry {
  /** Version of the entry's shape; older ones are brought up by `upcast`. */
  readonly v: number;
  readonly n: number;
  readonly input: number;
  readonly atUs: number;
  readonly type: string;
  readonly data: unknown;
}

/** Version that is written. */
export const JOURNAL_VERSION = 1;

/** The line of an entry, newline included. */
export function encodeEntry(entry: JournalEntry): string {
  const json = JSON.stringify(entry);
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

/** The entry of a line, or undefined when the line is torn or altered. */
export function decodeEntry(line: string): JournalEntry | undefined {
  const json = line.slice(9);
  if (line.slice(0, 9) !== `${crc32(json).toString(16).padStart(8, '0')} `) return undefined;
  return upcast(JSON.parse(json) as JournalEntry);
}

/** Brings an entry of an older version to the current shape; the first version needs nothing. */
function upcast(entry: JournalEntry): JournalEntry {
  if (entry.v > JOURNAL_VERSION) {
    throw new Error(
      `journal entry ${entry.n} has version ${entry.v}; this program reads up to ${JOURNAL_VERSION}. Use a newer one.`,
    );
  }
  return entry;
}
