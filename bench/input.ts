import { zstdCompressSync } from 'node:zlib';
import { DbnRecordWriter } from '../main/codec/dbn/write-record.ts';
import { SimulatedMarket } from '../main/feeds/simulated/simulated-market.ts';

const START_US = Date.UTC(2026, 0, 7, 13) * 1000;
const CHUNK_BYTES = 2 * 1024 * 1024;

/** A stream cut as a file reader cuts it, and how many records it holds. */
export interface Stream {
  readonly chunks: readonly Uint8Array[];
  readonly records: number;
  readonly bytes: number;
}

/** Ten-level depth and trades of a simulated 6E with its spot pair: metadata first, then records in arrival order. */
export function simulatedStream(seed: number, minutes: number, eventsPerSecond: number): Stream {
  const market = new SimulatedMarket({
    seed,
    startUs: START_US,
    lagUs: 150_000,
    eventsPerSecond,
    products: ['6E'],
    alwaysOpen: true,
  });
  const out = new DbnRecordWriter(64 * 1024 * 1024);
  let records = market.prologue(out);
  records += market.advanceTo(START_US + minutes * 60_000_000, out);
  return { ...cut(out.written()), records };
}

/** Cuts bytes into chunks of 2 MiB that share one buffer. */
function cut(bytes: Uint8Array): { readonly chunks: readonly Uint8Array[]; readonly bytes: number } {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) chunks.push(bytes.subarray(at, at + CHUNK_BYTES));
  return { chunks, bytes: bytes.length };
}

/** The stream compressed as Databento compresses files: one zstd frame. */
export function compressed(stream: Stream): readonly Uint8Array[] {
  return cut(zstdCompressSync(Buffer.concat(stream.chunks))).chunks;
}
