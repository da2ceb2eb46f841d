import { DbnError } from '../../codec/dbn/error.ts';
import { FramesError } from '../../codec/frames/frame-codec.ts';
import { Engine } from '../../core/engine.ts';
import { frameMapperOf } from '../../feeds/frame-mappers.ts';
import { FramesRecording } from '../../feeds/replay/frames-recording.ts';

/** What a capture of frames holds. Times are µs since the epoch. */
export interface FramesSummary {
  readonly source: string;
  readonly frames: number;
  readonly bytes: number;
  /** Frames by what they are: messages, answers, connections opened and lost. */
  readonly frameCounts: Readonly<Record<string, number>>;
  /** By the venue's own kinds. */
  readonly recordCounts: Readonly<Record<string, number>>;
  readonly firstLocalUs: number | null;
  readonly lastLocalUs: number | null;
  readonly gaps: number;
  readonly checksumFailures: number;
  readonly instruments: readonly {
    readonly id: number;
    readonly rawSymbol: string;
    readonly updates: number;
    readonly trades: number;
  }[];
}

/** Reads a capture of frames to its end, to its first fault, or until it is stopped. Throws only what the file system throws. */
export async function inspectFrames(
  path: string,
  progress: (bytesRead: number, bytesTotal: number) => void,
  stop: AbortSignal,
): Promise<{ readonly summary: FramesSummary | undefined; readonly fault: Error | undefined }> {
  const engine = new Engine({ continuity: 'live' });
  const recording = new FramesRecording([path], engine, frameMapperOf);
  const frameCounts: Record<string, number> = {};
  let frames = 0;
  let bytes = 0;
  let firstUs: number | null = null;
  let lastUs: number | null = null;
  let fault: Error | undefined;
  try {
    for await (const _ of recording.pieces(progress)) {
      while (recording.next()) {
        const { frame } = recording;
        frameCounts[frame.kind] = (frameCounts[frame.kind] ?? 0) + 1;
        frames++;
        bytes += frame.bytes.length;
        firstUs ??= frame.localUs;
        lastUs = frame.localUs;
        recording.apply();
      }
      if (stop.aborted) break;
    }
  } catch (error) {
    if (!(error instanceof FramesError || error instanceof DbnError)) throw error;
    fault = error;
  }
  const tally = recording.mapper?.tally;
  if (tally === undefined) return { summary: undefined, fault };
  const summary = {
    source: recording.source,
    frames,
    bytes,
    frameCounts,
    recordCounts: tally.recordCounts,
    firstLocalUs: firstUs,
    lastLocalUs: lastUs,
    gaps: tally.gaps,
    checksumFailures: tally.checksumFailures,
    instruments: [...tally.symbols].map(([rawSymbol, { updates, trades }]) => ({
      id: engine.markets.find(({ instrument }) => instrument.rawSymbol === rawSymbol)?.instrument.venueId ?? 0,
      rawSymbol,
      updates,
      trades,
    })),
  };
  return { summary, fault };
}
