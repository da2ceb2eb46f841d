import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DbnDecoder } from '../main/codec/dbn/decoder.ts';
import { openDbn } from '../main/codec/dbn/file.ts';
import { decompressZstd } from '../main/codec/dbn/zstd.ts';
import { Engine } from '../main/core/engine.ts';
import { FastCursor, FrameAssembler } from '../main/core/publisher/frame-assembler.ts';
import { MarketView } from '../main/core/publisher/market-view.ts';
import { FeatureStage } from '../main/features/feature-stage.ts';
import { RecordMapper } from '../main/feeds/databento/record-mapper.ts';
import { FEATURE_COUNT } from '../shared/features.ts';
import { compressed, type Stream, simulatedStream } from './input.ts';
import { type Figures, liveHeapBytes, quantile, rate, rateOf, usedHeapBytes } from './measure.ts';

/** Enough for the compiler to be done with the code, and for a quiet moment on a machine that others use. */
const ROUNDS = 15;
/** Records before and while the growth of the heap is measured. */
const WARM_UP_RECORDS = 6_000_000;
const HEAP_RECORDS = 12_000_000;

/**
 * Decoding, books, features and frames on one simulated stream, each step on top of the one before. What has no further
 * word in its name works on pieces of 2 MiB that lie in one buffer, as a file reader hands them over, the reading not
 * counted; `file` is the whole way from a plain file on disk, reading counted.
 */
export async function engineBench(): Promise<Figures> {
  const stream = simulatedStream(1, 6, 1000);
  const perEvent = { unit: 'records/s' };
  const of = async (rounds: number, work: () => Promise<number> | number) => ({
    value: await rateOf(stream.records, rounds, work),
    ...perEvent,
  });
  const pieces = compressed(stream);
  const figures: Figures = {
    'input.records': { value: stream.records, unit: 'records' },
    'decode.plain': await of(ROUNDS, () => throughOneBuffer(stream, decodePiece(new DbnDecoder()))),
    'decode.zstd': await of(ROUNDS, () => decodeZstd(pieces, new DbnDecoder())),
    'decode.zstd.library': await of(ROUNDS, () => decodeZstd(pieces, undefined)),
    'decode+book': await of(ROUNDS, () => throughOneBuffer(stream, player(bare()))),
    'decode+book+features': await of(ROUNDS, () => throughOneBuffer(stream, player(withFeatures()))),
    'replay.frames': { value: rate(stream.records, 2, () => playWithFrames(stream)), ...perEvent },
  };
  const book = 1 / figures['decode+book']!.value;
  const all = 1 / figures['decode+book+features']!.value;
  figures['features.alone'] = { value: 1 / (all - book), ...perEvent };
  const folder = mkdtempSync(join(tmpdir(), 'fathom-bench-'));
  try {
    const path = join(folder, 'stream.dbn');
    writeFileSync(path, Buffer.concat(stream.chunks));
    figures['file.decode'] = await of(ROUNDS, () => playFile(path, undefined));
    figures['file.decode+book+features'] = await of(ROUNDS, () => playFile(path, withFeatures()));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const latencies = eventLatencies(stream);
  figures['event-to-features.p50'] = { value: quantile(latencies, 0.5), unit: 'µs' };
  figures['event-to-features.p99'] = { value: quantile(latencies, 0.99), unit: 'µs' };
  figures['event-to-features.p99.9'] = { value: quantile(latencies, 0.999), unit: 'µs' };
  const heap = heapFigures(stream);
  figures['heap.growth'] = { value: heap.grown, unit: 'bytes/million events' };
  figures['heap.garbage'] = { value: heap.allocated, unit: 'bytes/million events' };
  return figures;
}

/** Hands the stream over in one buffer, piece by piece; gives the milliseconds of work on the pieces. */
function throughOneBuffer(stream: Stream, work: (piece: Uint8Array) => void): number {
  const buffer = new Uint8Array(Math.max(...stream.chunks.map(({ length }) => length)));
  let workedMs = 0;
  for (const chunk of stream.chunks) {
    buffer.set(chunk);
    const piece = buffer.subarray(0, chunk.length);
    const startedMs = performance.now();
    work(piece);
    workedMs += performance.now() - startedMs;
  }
  return workedMs;
}

function decodePiece(decoder: DbnDecoder): (piece: Uint8Array) => void {
  return (piece) => {
    decoder.push(piece);
    while (decoder.next());
  };
}

function player(engine: Engine): (piece: Uint8Array) => void {
  const mapper = new RecordMapper(engine);
  const decoder = new DbnDecoder();
  return (piece) => {
    decoder.push(piece);
    play(decoder, mapper);
  };
}

function play(decoder: DbnDecoder, mapper: RecordMapper): void {
  while (decoder.next()) {
    mapper.arrive(decoder);
    mapper.apply(decoder);
  }
}

/** Milliseconds to decompress and decode; without a decoder, to decompress alone: what the library leaves us. */
async function decodeZstd(chunks: readonly Uint8Array[], decoder: DbnDecoder | undefined): Promise<number> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  const startedMs = performance.now();
  for await (const chunk of decompressZstd(source(), { lent: true })) {
    if (decoder === undefined) continue;
    decoder.push(chunk);
    while (decoder.next());
  }
  return performance.now() - startedMs;
}

/** Milliseconds from opening the file until its last record is decoded, or played into the engine. */
async function playFile(path: string, engine: Engine | undefined): Promise<number> {
  const mapper = engine === undefined ? undefined : new RecordMapper(engine);
  const startedMs = performance.now();
  for await (const decoder of openDbn(path)) {
    if (engine !== undefined && mapper !== undefined) play(decoder, mapper);
    else while (decoder.next());
  }
  return performance.now() - startedMs;
}

function bare(): Engine {
  return new Engine({ continuity: 'live' });
}

function withFeatures(): Engine {
  const engine = bare();
  engine.addStage(new FeatureStage());
  return engine;
}

/** Engine with the screen's stage; a frame of every fast topic for each sixtieth of a second of engine time. */
function playWithFrames(stream: Stream): void {
  const engine = bare();
  const view = new MarketView(engine, { staleAfterUs: 2_000_000 });
  engine.addStage(new FeatureStage(view));
  engine.addStage(view);
  const mapper = new RecordMapper(engine);
  const decoder = new DbnDecoder();
  const assembler = new FrameAssembler(view);
  const cursors = (['depth:0', 'columns:0', 'trades:0', 'features:0', 'ladder:0'] as const).map(
    (topic) => new FastCursor(topic),
  );
  let frames = 0;
  let nextUs = 0;
  for (const chunk of stream.chunks) {
    decoder.push(chunk);
    while (decoder.next()) {
      mapper.arrive(decoder);
      mapper.apply(decoder);
      if (engine.nowUs < nextUs) continue;
      nextUs = engine.nowUs + 16_667;
      assembler.assemble(++frames, cursors, false);
    }
  }
}

/** Time of each record from under the cursor to its features, by the monotonic clock, in µs. */
function eventLatencies(stream: Stream): Float64Array {
  const samples = new Float64Array(stream.records);
  for (let round = 0; round < 2; round++) {
    const engine = withFeatures();
    const mapper = new RecordMapper(engine);
    const decoder = new DbnDecoder();
    let at = 0;
    for (const chunk of stream.chunks) {
      decoder.push(chunk);
      while (decoder.next()) {
        const startedMs = performance.now();
        mapper.arrive(decoder);
        mapper.apply(decoder);
        samples[at++] = (performance.now() - startedMs) * 1000;
      }
    }
  }
  return samples;
}

/**
 * What a warm engine leaves on the heap per million events: live bytes gained, and all bytes allocated, garbage included.
 * The latter is the median over pieces, so that a collection inside one does not count.
 */
function heapFigures(stream: Stream): { readonly grown: number; readonly allocated: number } {
  const engine = withFeatures();
  const mapper = new RecordMapper(engine);
  const passesOf = (records: number) => Math.max(1, Math.ceil(records / stream.records));
  const samples = new Float64Array(stream.chunks.length);
  const pass = () => {
    const decoder = new DbnDecoder();
    for (const [index, chunk] of stream.chunks.entries()) {
      const inputs = engine.inputSequence;
      const before = usedHeapBytes();
      decoder.push(chunk);
      play(decoder, mapper);
      samples[index] = (usedHeapBytes() - before) / (engine.inputSequence - inputs);
    }
  };
  // The compiler's own memory grows for some millions of events and has nothing to do with how many come.
  for (let i = passesOf(WARM_UP_RECORDS); i > 0; i--) pass();
  const passes = passesOf(HEAP_RECORDS);
  const before = liveHeapBytes();
  for (let i = 0; i < passes; i++) pass();
  const after = liveHeapBytes();
  if (engine.markets[0]!.features.length !== FEATURE_COUNT) throw new Error('the engine computed no features');
  return { grown: ((after - before) / (passes * stream.records)) * 1e6, allocated: quantile(samples, 0.5) * 1e6 };
}
