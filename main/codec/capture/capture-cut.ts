import { encodeHead } from '../frames/frame-codec.ts';
import type { Arrivals } from './arrivals.ts';
import { CaptureIndex, type IndexedFrame } from './capture-index.ts';

/** A capture, or the part of one that a reader needs, open to be read once. */
export interface OpenCut {
  /** Of the part, as if it were the whole; undefined where nothing tells. */
  readonly arrivals: Arrivals | undefined;
  /** Decompressed; the first piece is the start of the stream. */
  readonly stream: AsyncIterable<Uint8Array>;
}

/** Part of a capture that can be read as if it were a file of its own. */
export interface CaptureCut {
  readonly path: string;
  open(): Promise<OpenCut>;
}

/** The cut of a DBN capture, and where in its stream the part begins that is read for its own sake. */
export interface DbnCut extends CaptureCut {
  readonly beginsAt: number;
}

/**
 * A DBN capture from a frame on, behind what its records rest on: the start of the stream and the notes on the way.
 * @param from index of the frame
 * @param untilUs of what arrived later, nothing but its beginning will be read, µs
 */
export function dbnCut(index: CaptureIndex, from: number, untilUs: number): DbnCut {
  const before = index.frames.slice(0, from).filter(({ notes }, at) => at === 0 || notes);
  const frames = [...before, ...index.frames.slice(from)];
  return {
    path: index.path,
    beginsAt: before.reduce((sum, { short }) => sum + short.streamBytes, 0),
    open: async () => dbnStream(index, frames, untilUs),
  };
}

/** A DBN capture as a whole, whose sidecar is not read before it is needed. */
export function wholeDbn(path: string, untilUs: number): CaptureCut {
  return {
    path,
    open: async () => {
      const index = await CaptureIndex.load(path);
      return dbnStream(index, index.frames, untilUs);
    },
  };
}

/** A capture of frames from one on that is the first, or begins with a state. */
export function framesCut(index: CaptureIndex, from: number, source: string): CaptureCut {
  async function* stream(): AsyncGenerator<Uint8Array> {
    if (from > 0) yield encodeHead({ source });
    yield* index.stream(index.frames.slice(from));
  }
  return { path: index.path, open: async () => ({ arrivals: undefined, stream: stream() }) };
}

/** A capture of frames as a whole. */
export function wholeFrames(path: string): CaptureCut {
  return {
    path,
    open: async () => {
      const index = await CaptureIndex.load(path);
      return { arrivals: undefined, stream: index.stream(index.frames) };
    },
  };
}

function dbnStream(index: CaptureIndex, frames: readonly IndexedFrame[], untilUs: number): OpenCut {
  const arrivals = frames.length === 0 ? undefined : index.arrivals(frames, untilUs);
  return { arrivals, stream: index.stream(frames) };
}
