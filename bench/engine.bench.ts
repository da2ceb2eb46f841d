import { DbnDecoder } from '../main/codec/dbn/decoder.ts';
import { decompressZstd } from '../main/codec/dbn/zstd.ts';
import { Engine } from '../main/core/engine.ts';
import { FastCursor, FrameAssembler } from '../main/core/publisher/frame-assembler.ts';
import { MarketView } from '../main/core/publisher/market-view.ts';
import { FeatureStage } from '../main/features/feature-stage.ts';
import { RecordMapper } from '../main/feeds/databento/record-mapper.ts';
import { FEATURE_COUNT } from '../shared/features.ts';
import { compressed, type Stream, simulatedStream } from './input.ts';
import { type Figures, liveHeapBytes, quantile, rate } from './measure.ts';

const ROUNDS = 5;

/** Decoding, books, features and frames on one simulated stream, each step on top of the one before. */
export async function engineBench(): Promise<Figures> {
  const stream = simulatedStream(1, 6, 1000);
  const perEvent = { unit: 'records/s' };
  const figures: Figures = {
    'input.records': { value: stream.records, unit: 'records' },
    'decode.plain': { value: rate(stream.records, ROUNDS, () => decode(stream)), ...perEvent },
    'decode.zstd': { value: await zstdRate(stream), ...perEvent },
    'decode+book': { value: rate(stream.records, ROUNDS, () => play(stream, bare())), ...perEvent },
    'decode+book+features': { value: rate(stream.records, ROUNDS, () => play(stream, withFeatures())), ...perEvent },
    'replay.frames': { value: rate(stream.records, 2, () => playWithFrames(stream)), ...perEvent },
  };
  const book = 1 / figures['decode+book']!.value;
  const all = 1 / figures['decode+book+features']!.value;
  figures['features.alone'] = { value: 1 / (all - book), ...perEvent };
  const latencies = eventLatencies(stream);
  figures['event-to-features.p50'] = { value: quantile(latencies, 0.5), unit: 'µs' };
  figures['event-to-features.p99'] = { value: quantile(latencies, 0.99), unit: 'µs' };
  figures['event-to-features.p99.9'] = { value: quantile(latencies, 0.999), unit: 'µs' };
  figures['heap.growth'] = { value: heapGrowth(stream), unit: 'bytes/million events' };
  return figures;
}

function decode(stream: Stream): void {
  const decoder = new DbnDecoder();
  for (const chunk of stream.chunks) {
    decoder.push(chunk);
    while (decoder.next());
  }
}

async function zstdRate(stream: Stream): Promise<number> {
  const chunks = compressed(stream);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  let best = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const decoder = new DbnDecoder();
    const startedMs = performance.now();
    for await (const chunk of decompressZstd(pieces())) {
      decoder.push(chunk);
      while (decoder.next());
    }
    if (round > 0) best = Math.max(best, stream.records / ((performance.now() - startedMs) / 1000));
  }
  return best;
}

function bare(): Engine {
  return new Engine({ continuity: 'live' });
}

function withFeatures(): Engine {
  const engine = bare();
  engine.addStage(new FeatureStage());
  return engine;
}

function play(stream: Stream, engine: Engine): void {
  const mapper = new RecordMapper(engine);
  const decoder = new DbnDecoder();
  for (const chunk of stream.chunks) {
    decoder.push(chunk);
    while (decoder.next()) {
      engine.arrive(mapper.arrivalUs(decoder));
      mapper.apply(decoder);
    }
  }
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
      engine.arrive(mapper.arrivalUs(decoder));
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
        engine.arrive(mapper.arrivalUs(decoder));
        mapper.apply(decoder);
        samples[at++] = (performance.now() - startedMs) * 1000;
      }
    }
  }
  return samples;
}

/** Live heap that a warm engine gains per million events of the hot path. */
function heapGrowth(stream: Stream): number {
  const engine = withFeatures();
  const mapper = new RecordMapper(engine);
  const pass = () => {
    const decoder = new DbnDecoder();
    for (const chunk of stream.chunks) {
      decoder.push(chunk);
      while (decoder.next()) {
        engine.arrive(mapper.arrivalUs(decoder));
        mapper.apply(decoder);
      }
    }
  };
  pass();
  const before = liveHeapBytes();
  const passes = Math.max(1, Math.ceil(2_000_000 / stream.records));
  for (let i = 0; i < passes; i++) pass();
  const after = liveHeapBytes();
  if (engine.markets[0]!.features.length !== FEATURE_COUNT) throw new Error('the engine computed no features');
  return ((after - before) / (passes * stream.records)) * 1e6;
}
