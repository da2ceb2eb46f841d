import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { DAY_US, MINUTE_US, SECOND_US } from '../../../shared/units.ts';
import type { LiveHole } from '../../feeds/databento/live-holes.ts';
import type { ResumedStream } from '../../feeds/databento/live-options.ts';
import { type PositionRow, ReplayPositions, rtypeOf } from '../../feeds/databento/replay-positions.ts';
import { capturedSince } from '../../storage/capture/capture-tail.ts';
import { replaceFile } from '../setup/replace-file.ts';

/** The gateway replays a day; a little less is relied on. */
const REACH_US = DAY_US - 5 * MINUTE_US;
/** What the capture has from this time before the positions on is compared with them. */
const OVERLAP_US = 5 * SECOND_US;

const row = z.tuple([z.int(), z.int(), z.int(), z.int(), z.int()]);
const hole = z.object({
  fromUs: z.int(),
  toUs: z.int(),
  schemas: z.array(z.string()),
  symbols: z.array(z.string()),
  why: z.string(),
  before: z.array(row),
  firstUs: z.array(z.tuple([z.int(), z.int()])),
});
const saved = z.object({
  version: z.literal(1),
  dataset: z.string(),
  symbols: z.array(z.string()),
  savedUs: z.int(),
  positions: z.array(row),
  holes: z.array(hole),
});

/** What a stream is of, and how far it has come. */
export interface StreamPlace {
  readonly dataset: string;
  readonly symbols: readonly string[];
  /** Local time of the positions, µs. */
  readonly savedUs: number;
  readonly positions: readonly PositionRow[];
  readonly holes: readonly LiveHole[];
}

/** Keeps a stream's place, whole or as it was before. Throws what the file system throws. */
export async function savePlace(path: string, place: StreamPlace): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const holes = place.holes.map((one) => ({ ...one, firstUs: [...one.firstUs] }));
  await replaceFile(path, JSON.stringify({ version: 1, ...place, holes }));
}

/**
 * Where an earlier run of the same stream left off, as far as its capture goes: what that has beyond the positions counts
 * as received, so that a replay neither repeats nor skips a record of it. Undefined where there is nothing to go on from.
 * @param captures folder of the captures, or undefined where nothing was recorded
 */
export async function resumedStream(
  path: string,
  stream: Pick<StreamPlace, 'dataset' | 'symbols'>,
  nowUs: number,
  captures: string | undefined,
): Promise<ResumedStream | undefined> {
  const place = await readPlace(path);
  if (place === undefined || place.dataset !== stream.dataset || nowUs - place.savedUs > REACH_US) return undefined;
  if (place.symbols.toSorted().join() !== stream.symbols.toSorted().join()) return undefined;
  const positions = new ReplayPositions();
  positions.restore(place.positions);
  if (captures !== undefined) {
    positions.expectRepeats([...new Set(place.positions.map(rtypeOf))]);
    for await (const words of capturedSince(captures, 'databento', place.savedUs - OVERLAP_US)) {
      for (let at = 0, length = 0; at < words.length; at += length) {
        length = words[at]! & 0xff;
        if (length === 0) break;
        positions.admit(words, at);
      }
    }
    positions.forgetRepeats();
  }
  const holes = place.holes.map((one) => ({ ...one, firstUs: new Map(one.firstUs) }));
  return { positions: positions.rows(), holes };
}

async function readPlace(path: string): Promise<z.infer<typeof saved> | undefined> {
  try {
    return saved.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // None, or none that can be read: the stream begins afresh.
    return undefined;
  }
}
