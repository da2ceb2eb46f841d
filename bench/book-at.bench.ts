import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import { encodeSidecarLine, sidecarPath } from '../main/codec/capture/sidecar.ts';
import { DbnRecordWriter } from '../main/codec/dbn/write-record.ts';
import { Random } from '../main/core/clock/random.ts';
import { Engine } from '../main/core/engine.ts';
import type { FeedFrame } from '../main/core/feed-port.ts';
import { playFrame } from '../main/core/play-frame.ts';
import { bookAt } from '../main/entry/offline/book-at.ts';
import { KrakenMapper } from '../main/feeds/kraken/kraken-mapper.ts';
import { SimulatedMarket } from '../main/feeds/simulated/simulated-market.ts';
import { DbnFormat } from '../main/storage/capture/capture-chunks.ts';
import { FrameCapture } from '../main/storage/capture/frame-capture.ts';
import { HOUR_US, SECOND_US } from '../shared/units.ts';
import { LevelUpdate, levelSnapshot } from '../test/venues/kraken-messages.ts';
import { VenueBook } from '../test/venues/kraken-venue-book.ts';
import { type Figures, quantile } from './measure.ts';

const START_US = Date.UTC(2026, 0, 7, 0) * 1000;
const HOURS = 24;
/** Gives about five million ten-level records of 6E a day. */
const EVENTS_PER_SECOND = 57;
/** What the recorder gathers for a frame of the file, and the feed for a chunk. */
const FRAME_US = 500_000;
const CHUNK_US = 5_000;
const TIMES = 50;
/** A busy market by level: messages, the time over which they come, and after how many the book begins anew. */
const MESSAGES = 200_000;
const ROUND = 2_000;
const MESSAGES_US = 600 * SECOND_US;

/** How long it takes to give the book at a random time: a simulated day of 6E, and a busy market by level. */
export async function bookAtBench(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'fathom-bench-'));
  try {
    const records = writeDay(folder);
    const day = await timesOf(folder, 'simulated', '6E', START_US + SECOND_US, START_US + HOURS * HOUR_US - SECOND_US);
    const endUs = await writeLevels(folder);
    const levels = await timesOf(folder, 'kraken', 'BTC/USD', START_US + SECOND_US, endUs);
    return {
      'book-at.records': { value: records, unit: 'records' },
      'book-at.p50': { value: quantile(day, 0.5), unit: 'ms' },
      'book-at.p99': { value: quantile(day, 0.99), unit: 'ms' },
      'book-at.max': { value: quantile(day, 1), unit: 'ms' },
      'book-at.levels.p50': { value: quantile(levels, 0.5), unit: 'ms' },
      'book-at.levels.p99': { value: quantile(levels, 0.99), unit: 'ms' },
      'book-at.levels.max': { value: quantile(levels, 1), unit: 'ms' },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timesOf(folder: string, source: string, symbol: string, fromUs: number, toUs: number) {
  const random = new Random(7, 1);
  const { signal: stop } = new AbortController();
  const samples = new Float64Array(TIMES);
  for (let at = 0; at < TIMES; at++) {
    const atUs = Math.floor(fromUs + random.nextFraction() * (toUs - fromUs));
    const startedMs = performance.now();
    const book = await bookAt({ folder, source, symbol, atUs, stop });
    samples[at] = performance.now() - startedMs;
    if (book.kind === 'none' || book.state !== 'normal') throw new Error(`no book of ${symbol}: ${book.words}`);
  }
  return samples;
}

/** The day's captures as the recorder leaves them, without waiting for the disk; gives the count of ten-level records. */
function writeDay(folder: string): number {
  const format = new DbnFormat();
  const market = new SimulatedMarket({
    seed: 1,
    startUs: START_US,
    lagUs: 150_000,
    eventsPerSecond: EVENTS_PER_SECOND,
    products: ['6E'],
    alwaysOpen: true,
  });
  const out = new DbnRecordWriter(1 << 22);
  let input = market.prologue(out);
  let images = 0;
  for (let hour = 0; hour < HOURS; hour++) {
    const hourUs = START_US + hour * HOUR_US;
    const path = join(folder, `simulated-${new Date(hourUs / 1000).toISOString().slice(0, 13)}Z.dbn.zst`);
    const file: Uint8Array[] = [];
    let sidecar = encodeSidecarLine({ type: 'run', notes: true });
    let at = 0;
    for (let frameUs = hourUs; frameUs < hourUs + HOUR_US; frameUs += FRAME_US) {
      const preface = file.length > 0 || hour === 0 ? [] : format.preface();
      const repeatedBytes = preface.reduce((sum, { length }) => sum + length, 0);
      const chunks: [number, number, number][] = [];
      const bodies: Uint8Array[] = [];
      const firstInput = input;
      let [firstUs, lastUs, lastInput, notes] = [0, 0, input, false];
      for (let us = frameUs; us < frameUs + FRAME_US; us += CHUNK_US) {
        const records = market.advanceTo(us, out);
        const bytes = out.written().slice();
        out.clear();
        if (bytes.length === 0) continue;
        if (chunks.length === 0) firstUs = lastUs = us;
        chunks.push([bytes.length, input - lastInput, us - lastUs]);
        [lastUs, lastInput] = [us, input];
        input += records;
        images += countImages(bytes);
        notes = format.learn(bytes) || notes;
        bodies.push(bytes);
      }
      if (chunks.length === 0) continue;
      const stream = Buffer.concat([...preface, ...bodies]);
      const bytes = zstdCompressSync(stream);
      file.push(bytes);
      sidecar += encodeSidecarLine({
        type: 'frame',
        at,
        bytes: bytes.length,
        input: firstInput,
        localUs: firstUs,
        chunks,
        streamBytes: stream.length,
        repeatedBytes,
        ...(notes ? { notes } : {}),
      });
      at += bytes.length;
    }
    writeFileSync(path, Buffer.concat(file));
    writeFileSync(sidecarPath(path), sidecar);
  }
  return images;
}

/** Records of 368 bytes: images of ten levels. */
function countImages(bytes: Uint8Array): number {
  let images = 0;
  const start = bytes[0] === 0x44 && bytes[1] === 0x42 ? bytes.length : 0;
  for (let at = start; at < bytes.length; at += bytes[at]! * 4) if (bytes[at] === 92) images++;
  return images;
}

/** A capture of frames by the recorder itself; gives the time of its last message. */
async function writeLevels(folder: string): Promise<number> {
  const engine = new Engine({ continuity: 'live' });
  const mapper = new KrakenMapper(engine, () => undefined);
  const venueState = () => ({ mapper: mapper.snapshot(), markets: engine.markets.map((market) => market.mark()) });
  const capture = new FrameCapture({ folder, source: 'kraken', venueState });
  let localUs = START_US;
  const take = (kind: FeedFrame['kind'], bytes: Uint8Array) => {
    const frame: FeedFrame = { kind, name: 'public', bytes, localUs };
    capture.write(frame, engine.inputSequence);
    playFrame(engine, mapper, frame);
  };
  take('opened', Buffer.from('{"depth":100}'));
  const messages = roundOfMessages();
  for (let count = 0; count < MESSAGES; count++) {
    localUs = START_US + Math.floor((count / MESSAGES) * MESSAGES_US);
    take('message', messages[count % messages.length]!);
    // The recorder has its turns between messages, as it does live.
    if (count % 100 === 0) await nextTurn();
  }
  await capture.close();
  if (capture.state.lostBytes > 0 || mapper.tally.checksumFailures > 0) throw new Error('the capture is not whole');
  return localUs - 1;
}

/** A snapshot and what follows it. */
function roundOfMessages(): readonly Uint8Array[] {
  const book = new VenueBook({ symbol: 'BTC/USD', priceDecimals: 1, qtyDecimals: 8, start: 600_000 }, 1);
  const messages = [Buffer.from(levelSnapshot(book, 100, 0))];
  while (messages.length < ROUND) {
    const update = new LevelUpdate(book, 100);
    book.step((change) => update.note(change));
    if (!update.empty) messages.push(Buffer.from(update.message(messages.length, book.levelChecksum(), false)));
  }
  return messages;
}
