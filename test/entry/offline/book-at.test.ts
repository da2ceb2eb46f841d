import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { CaptureIndex } from '../../../main/codec/capture/capture-index.ts';
import { encodeSidecarLine, sidecarPath } from '../../../main/codec/capture/sidecar.ts';
import { ACTION, ERROR_CODE, FLAG, SIDE } from '../../../main/codec/dbn/layout.ts';
import { encodeMetadata, MIXED_STREAM } from '../../../main/codec/dbn/metadata.ts';
import { DbnRecordWriter } from '../../../main/codec/dbn/write-record.ts';
import type { BookAt, BookThere } from '../../../main/entry/offline/book-answer.ts';
import { bookAt } from '../../../main/entry/offline/book-at.ts';
import { SimulatedMarket } from '../../../main/feeds/simulated/simulated-market.ts';
import { DbnFormat } from '../../../main/storage/capture/capture-chunks.ts';
import { CaptureWriter } from '../../../main/storage/capture/capture-writer.ts';
import { OPTIONS } from '../../feeds/simulated/simulate.ts';
import { runCli } from '../run-cli.ts';
import { replayedBooks } from './replayed-books.ts';

const HOUR_US = 3_600_000_000;
const SECOND_US = 1_000_000;
/** Twenty seconds before an hour turns. */
const TURN_US = Date.UTC(2026, 10, 18, 14) * 1000;
const START_US = TURN_US - 20 * SECOND_US;
const { signal: stop } = new AbortController();

interface Chunk {
  readonly bytes: Uint8Array;
  readonly us: number;
  readonly records: number;
}

const newFolder = () => mkdtempSync(join(tmpdir(), 'fathom-book-at-'));
const capturesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.dbn.zst'))
    .sort()
    .map((name) => join(folder, name));

/** A simulated market as the terminal's source hands it to the recorder: every 5 ms what has come. */
function simulated(seconds: number): Chunk[] {
  const market = new SimulatedMarket({ ...OPTIONS, startUs: START_US, eventsPerSecond: 400, alwaysOpen: true });
  const out = new DbnRecordWriter(1 << 20);
  const chunks: Chunk[] = [];
  let records = market.prologue(out);
  for (let us = START_US; us < START_US + seconds * SECOND_US; us += 5_000) {
    records += market.advanceTo(us, out);
    if (out.byteLength > 0) chunks.push({ bytes: out.written().slice(), us, records });
    out.clear();
    records = 0;
  }
  return chunks;
}

/** Records chunks, and waits for the disk whenever the recorder has enough for a frame: there are many. */
async function record(folder: string, source: string, chunks: readonly Chunk[], frameBytes = 1 << 20): Promise<void> {
  const writer = new CaptureWriter({ folder, source, format: new DbnFormat() });
  let input = 0;
  let waiting = 0;
  const size = () => capturesIn(folder).reduce((sum, path) => sum + statSync(sidecarPath(path)).size, 0);
  for (const { bytes, us, records } of chunks) {
    writer.write(bytes, input, us);
    input += records;
    waiting += bytes.length;
    if (waiting < frameBytes) continue;
    const before = size();
    await vi.waitFor(() => expect(size()).toBeGreaterThan(before), { interval: 1, timeout: 10_000 });
    waiting = 0;
  }
  await writer.close();
}

async function there(answer: Promise<BookAt>): Promise<BookThere> {
  const book = await answer;
  if (book.kind === 'none') throw new Error(book.words);
  return book;
}

describe('the book at a time, from a simulated capture over the turn of an hour', () => {
  let folder: string;
  const seconds = 40;
  const endUs = START_US + seconds * SECOND_US;
  const ask = (atUs: number, symbol = '6E'): Promise<BookAt> =>
    bookAt({ folder, source: 'simulated', symbol, atUs, stop });

  beforeAll(async () => {
    folder = newFolder();
    await record(folder, 'simulated', simulated(seconds));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('there are two files of many frames', async () => {
    const indexes = await Promise.all(capturesIn(folder).map((path) => CaptureIndex.load(path)));
    expect(indexes).toHaveLength(2);
    for (const { frames } of indexes) {
      expect(frames.length).toBeGreaterThan(4);
      expect(frames.filter(({ notes }) => notes).length).toBeLessThanOrEqual(1);
    }
  });

  test('is what a replay of everything up to then has, at any time and for any instrument', async () => {
    const time = fc.oneof(
      fc.integer({ min: START_US + SECOND_US, max: endUs - SECOND_US }),
      fc.integer({ min: TURN_US - 20_000, max: TURN_US + 20_000 }),
    );
    const symbols = ['6E', '6BZ6', '6J', 'EUR/USD', 'USDJPY'];
    const rawSymbols = ['6EZ6', '6BZ6', '6JZ6', 'EURUSD', 'USDJPY'];
    await fc.assert(
      fc.asyncProperty(fc.array(time, { minLength: 30, maxLength: 30 }), async (unsorted) => {
        const times = unsorted.toSorted((a, b) => a - b);
        const replayed = await replayedBooks(capturesIn(folder), times);
        for (const [index, atUs] of times.entries()) {
          const book = await there(ask(atUs, symbols[index % symbols.length]));
          const want = replayed[index]!.get(rawSymbols[index % symbols.length]!)!;
          expect({ bids: book.bids, asks: book.asks }).toEqual({ bids: want.bids, asks: want.asks });
          expect(Number(book.tsRecvNs / 1000n)).toBe(want.tsRecvUs);
          expect(Number(book.tsEventNs / 1000n)).toBeLessThanOrEqual(want.tsEventUs);
          expect(book.state).toBe(want.gapped ? 'gap' : want.crossed ? 'crossed' : 'normal');
        }
      }),
      { numRuns: 2 },
    );
  }, 60_000);

  test('before, after, and of others: there is none, and the words say why', async () => {
    expect(await ask(START_US - SECOND_US)).toMatchObject({ kind: 'none', state: 'not-recorded' });
    expect(await ask(endUs + SECOND_US)).toMatchObject({ kind: 'none', state: 'not-recorded' });
    const unknown = await ask(TURN_US, 'ES');
    expect(unknown).toMatchObject({ kind: 'none', state: 'no-data' });
    expect(unknown.words).toMatch(/simulated has no ES by that time; it has 6EZ6, EURUSD/);
    const other = await bookAt({ folder, source: 'kraken', symbol: 'BTC/USD', atUs: TURN_US, stop });
    expect(other).toMatchObject({ kind: 'none', state: 'not-recorded' });
    expect(other.words).toMatch(/no captures of kraken in .*; it has captures of simulated/);
  });

  test('the command line prints it in the shape that it prints a file’s', async () => {
    const atUs = TURN_US + 3_000_123;
    const common = ['book', '--at', new Date(Math.floor(atUs / 1000)).toISOString().replace('Z', '123Z')];
    const [, file] = capturesIn(folder);
    const args = ['--source', 'simulated', '--symbol', '6E', '--captures', folder];
    const [ofFolder, ofFile] = await Promise.all([
      runCli([...common, ...args]),
      runCli([...common, file!, '--instrument', '900001']),
    ]);
    expect([ofFolder.code, ofFile.code]).toEqual([0, 0]);
    const { state, tsEventNs, ...book } = JSON.parse(ofFolder.out);
    expect(book).toEqual(JSON.parse(ofFile.out));
    expect(Object.keys(book)).toEqual(Object.keys(JSON.parse(ofFile.out)));
    expect(state).toBe('normal');
    expect(BigInt(tsEventNs)).toBeLessThanOrEqual(BigInt(book.tsNs));
  }, 30_000);

  test('the command line refuses what it can’t answer', async () => {
    const [late, half, both] = await Promise.all([
      runCli(['book', '--source', 'simulated', '--symbol', '6E', '--captures', folder, '--at', '2026-11-19T00:00:00Z']),
      runCli(['book', '--source', 'simulated', '--at', '5']),
      runCli(['book', capturesIn(folder)[0]!, '--source', 'simulated']),
    ]);
    expect([late.code, half.code, both.code]).toEqual([1, 2, 2]);
    expect(late.err).toMatch(/captures of simulated end at 2026-11-18T14:00:1\d\..*, before 2026-11-19/);
    expect([late.out, half.out, both.out]).toEqual(['', '', '']);
  }, 30_000);
});

describe('captures that are not whole', () => {
  let folder: string;
  const ask = (atUs: number): Promise<BookAt> => bookAt({ folder, source: 'simulated', symbol: '6E', atUs, stop });

  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('without its sidecar a capture is read as a whole, to the same book', async () => {
    await record(folder, 'simulated', simulated(10));
    const want = await ask(START_US + 5 * SECOND_US);
    unlinkSync(sidecarPath(capturesIn(folder)[0]!));
    expect(await ask(START_US + 5 * SECOND_US)).toEqual(want);
  });

  test('a sidecar of an earlier version, which does not tell where notes are, is read to the same book', async () => {
    await record(folder, 'simulated', simulated(10));
    const [path] = capturesIn(folder);
    const want = await ask(START_US + 5 * SECOND_US);
    const [, ...lines] = readFileSync(sidecarPath(path!), 'utf8').split('\n');
    writeFileSync(sidecarPath(path!), [encodeSidecarLine({ type: 'run' }).trimEnd(), ...lines].join('\n'));
    expect((await CaptureIndex.load(path!)).frames.every(({ notes }) => notes)).toBe(true);
    expect(await ask(START_US + 5 * SECOND_US)).toEqual(want);
  });

  test('damage before the time is told with the file’s name; a book before the damage is given', async () => {
    await record(folder, 'simulated', simulated(10));
    const [path] = capturesIn(folder);
    const index = await CaptureIndex.load(path!);
    const hit = index.frames[4]!;
    const bytes = readFileSync(path!);
    bytes.fill(0x55, hit.short.at + 100, hit.short.at + 200);
    writeFileSync(path!, bytes);
    const answer = await ask(hit.localUs + 100_000);
    expect(answer).toMatchObject({ kind: 'none', state: 'damaged' });
    expect(answer.words).toContain(basename(path!));
    expect(await there(ask(index.frames[2]!.localUs + 100_000))).toMatchObject({ state: 'normal' });
  });

  test('bytes that the disk did not take are a gap until the next whole book', async () => {
    await record(folder, 'simulated', simulated(10));
    const [path] = capturesIn(folder);
    const index = await CaptureIndex.load(path!);
    const cut = index.frames[3]!;
    const lines = readFileSync(sidecarPath(path!), 'utf8').split('\n');
    const at = lines.findIndex((line) => line.includes(`"at":${cut.short.at},`));
    lines.splice(at, 0, encodeSidecarLine({ type: 'lost', bytes: 4_000, chunks: 2 }).trimEnd());
    writeFileSync(sidecarPath(path!), lines.join('\n'));
    const gap = await there(ask(cut.localUs - 1));
    expect(gap.state).toBe('gap');
    expect(gap.words).toMatch(/4000 bytes of the stream/);
    expect((await there(ask(index.frames[4]!.localUs + SECOND_US))).state).toBe('normal');
  });

  test('between two runs of the recorder nothing was recorded', async () => {
    const chunks = simulated(10);
    const half = chunks.findIndex(({ us }) => us > START_US + 5 * SECOND_US);
    await record(folder, 'simulated', chunks.slice(0, half));
    const begin = chunks.findIndex(({ us }) => us > START_US + 8 * SECOND_US);
    const { bytes } = chunks[0]!;
    const again = [{ bytes, us: chunks[begin]!.us, records: 0 }, ...chunks.slice(begin)];
    await record(folder, 'simulated', again);
    expect(await ask(START_US + 4 * SECOND_US)).toMatchObject({ kind: 'book', state: 'normal' });
    const between = await ask(START_US + 7 * SECOND_US);
    expect(between).toMatchObject({ kind: 'none', state: 'not-recorded' });
    expect(between.words).toMatch(/between 2026-11-18T13:59:4\d.* and 2026-11-18T13:59:48/);
    expect(await ask(START_US + 9 * SECOND_US)).toMatchObject({ kind: 'book', state: 'normal' });
  });

  test('an hour whose capture is gone is not filled with the book before it', async () => {
    await record(folder, 'simulated', simulated(25));
    const later = simulated(25).map((chunk) => ({ ...chunk, us: chunk.us + 2 * HOUR_US }));
    await record(folder, 'simulated', later);
    expect(await ask(TURN_US + HOUR_US / 2)).toMatchObject({ kind: 'none', state: 'not-recorded' });
  });
});

describe('a book by order', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A stream of one instrument by order: a snapshot, then an order a chunk, and what is put in before chosen ones. */
  function byOrder(count: number, before: (at: number, out: DbnRecordWriter) => void = () => undefined): Chunk[] {
    const out = new DbnRecordWriter(1 << 20);
    const chunks: Chunk[] = [];
    for (let at = 0; at < count; at++) {
      const us = TURN_US - 10 * SECOND_US + at * 20_000;
      out.instrument(1, 77);
      out.time(us, 0, us, 0);
      if (at === 0) {
        out.append(encodeMetadata({ dataset: 'GLBX.MDP3', ...MIXED_STREAM }));
        out.symbolMapping({ stype_in_symbol: '6E.v.0', stype_out_symbol: '6EZ6' });
        out.mbo(ACTION.CLEAR, SIDE.NONE, 0, 0, 0, Number.NaN, 0, 0, 0);
      }
      before(at, out);
      const side = at % 2 === 0 ? SIDE.BID : SIDE.ASK;
      const nano = 1_168_000_000 + (side === SIDE.BID ? -1 : 1) * (1 + (at % 7)) * 50_000;
      out.mbo(ACTION.ADD, side, FLAG.LAST, 0, at + 1, nano, 1 + (at % 5), 0, at);
      chunks.push({ bytes: out.written().slice(), us, records: 1 });
      out.clear();
    }
    return chunks;
  }

  const ask = (atUs: number): Promise<BookAt> => bookAt({ folder, source: 'databento', symbol: '6E.v.0', atUs, stop });
  const clear = (out: DbnRecordWriter) => out.mbo(ACTION.CLEAR, SIDE.NONE, 0, 0, 0, Number.NaN, 0, 0, 0);

  test('is read from its last clear, however many frames and files that is before', async () => {
    await record(folder, 'databento', byOrder(1_000), 8_000);
    expect((await CaptureIndex.load(capturesIn(folder)[1]!)).frames.length).toBeGreaterThan(1);
    const times = [TURN_US - 5 * SECOND_US, TURN_US + 1, TURN_US + 9 * SECOND_US];
    const replayed = await replayedBooks(capturesIn(folder), times);
    for (const [index, atUs] of times.entries()) {
      const { bids, asks, state } = await there(ask(atUs));
      const want = replayed[index]!.get('6EZ6')!;
      expect({ bids, asks, state }).toEqual({ bids: want.bids, asks: want.asks, state: 'normal' });
    }
    const orders = (await there(ask(times[2]!))).bids.reduce((sum, level) => sum + level.orders, 0);
    expect(orders).toBeGreaterThan(400);
  }, 20_000);

  test('amid an event is the one after the last complete event', async () => {
    const usOf = (at: number) => TURN_US - 10 * SECOND_US + at * 20_000;
    const chunks = byOrder(200, (at, out) => {
      if (at !== 100) return;
      out.time(usOf(at) - 8_000, 0, usOf(at) - 8_000, 0);
      out.mbo(ACTION.ADD, SIDE.BID, 0, 0, 9_999, 1_168_000_000, 33, 0, 0);
      out.time(usOf(at), 0, usOf(at), 0);
    });
    // The first part of the event came in a chunk of its own.
    const parted = chunks.flatMap((chunk, at) =>
      at === 100
        ? [
            { bytes: chunk.bytes.subarray(0, 56), us: chunk.us - 8_000, records: 1 },
            { bytes: chunk.bytes.subarray(56), us: chunk.us, records: 1 },
          ]
        : [chunk],
    );
    await record(folder, 'databento', parted);
    const [before, amid, after] = await Promise.all([-10_000, -4_000, 0].map((us) => there(ask(usOf(100) + us))));
    expect(amid).toEqual(before);
    expect(after!.bids[0]).toEqual({ price: 1.168, size: 33, orders: 1 });
    expect(before!.bids[0]!.price).toBeLessThan(1.168);
  });

  test('is a gap where what it rests on is gone, and whole again from the next clear on', async () => {
    const again = TURN_US + 6 * SECOND_US;
    const chunks = byOrder(1_000, (at, out) => {
      if (TURN_US - 10 * SECOND_US + at * 20_000 === again) clear(out);
    });
    await record(folder, 'databento', chunks, 20_000);
    const [first] = capturesIn(folder);
    unlinkSync(first!);
    unlinkSync(sidecarPath(first!));
    const partial = await there(ask(again - 1));
    expect(partial.state).toBe('gap');
    expect(partial.words).toMatch(/in no capture any more/);
    const whole = await there(ask(again + SECOND_US));
    expect(whole.state).toBe('normal');
    expect(whole.bids.reduce((sum, level) => sum + level.orders, 0)).toBeLessThan(30);
  }, 20_000);

  test('is a gap from where the stream lost records until its next clear', async () => {
    const lostUs = TURN_US - 6 * SECOND_US;
    const chunks = byOrder(800, (at, out) => {
      const us = TURN_US - 10 * SECOND_US + at * 20_000;
      const code = ERROR_CODE.SKIPPED_RECORDS_AFTER_SLOW_READING;
      if (us === lostUs) out.error({ err: 'lost', code, is_last: 1 });
      if (us === TURN_US + 3 * SECOND_US) clear(out);
    });
    await record(folder, 'databento', chunks, 20_000);
    const states = await Promise.all(
      [lostUs - 1, lostUs, TURN_US + 2 * SECOND_US, TURN_US + 4 * SECOND_US].map(
        async (us) => (await there(ask(us))).state,
      ),
    );
    expect(states).toEqual(['normal', 'gap', 'gap', 'normal']);
  }, 20_000);
});
