import { HOUR_US } from '../../../shared/units.ts';
import { CaptureIndex, type IndexedFrame } from '../../codec/capture/capture-index.ts';
import type { CaptureName } from './capture-folder.ts';

/** A frame of one of a source's captures. */
export interface CapturePlace {
  /** Index of the capture, and of the frame in it; 0 where its sidecar tells of none. */
  readonly file: number;
  readonly frame: number;
}

/** A time at which nothing was recorded, between two at which something was, µs. */
export interface RecordingHole {
  readonly lastUs: number;
  readonly nextUs: number;
}

/** The captures of one source as one line of time. Sidecars are read where they are needed. */
export class SourceTimeline {
  readonly captures: readonly CaptureName[];
  readonly #indexes: (Promise<CaptureIndex> | undefined)[] = [];

  /** @param captures of one source and kind, in the order of their hours */
  constructor(captures: readonly CaptureName[]) {
    this.captures = captures;
  }

  /** Index of a capture. Throws what the file system throws. */
  index(file: number): Promise<CaptureIndex> {
    this.#indexes[file] ??= CaptureIndex.load(this.captures[file]!.path);
    return this.#indexes[file];
  }

  /** The place that a time falls into: of the last frame that begins by then; undefined where the captures begin later. */
  async placeAt(us: number): Promise<CapturePlace | undefined> {
    for (let file = this.captures.findLastIndex(({ hourUs }) => hourUs <= us); file >= 0; file--) {
      const index = await this.index(file);
      const frame = index.frameAt(us);
      if (frame >= 0) return { file, frame };
      if (index.frames.length === 0) return { file, frame: 0 };
    }
    return undefined;
  }

  /** The place so many frames before another; the first one where there are fewer, undefined where there is none. */
  async before({ file, frame }: CapturePlace, frames: number): Promise<CapturePlace | undefined> {
    if (file === 0 && frame === 0) return undefined;
    let left = frames - frame;
    if (left <= 0) return { file, frame: frame - frames };
    for (let earlier = file - 1; earlier >= 0; earlier--) {
      const count = Math.max(1, (await this.index(earlier)).frames.length);
      if (left <= count) return { file: earlier, frame: count - left };
      left -= count;
    }
    return { file: 0, frame: 0 };
  }

  /** The last place by another from which a capture of frames can be read: a state, or the start of a file. */
  async beginningBy({ file, frame }: CapturePlace): Promise<CapturePlace> {
    const { frames } = await this.index(file);
    const begins = frames.slice(0, frame + 1).findLastIndex((each) => each.begins);
    return { file, frame: Math.max(0, begins) };
  }

  /** Whether nothing was there before a place that it could rest on: a stream begins with the first capture. */
  async isFirst({ file, frame }: CapturePlace): Promise<boolean> {
    if (file > 0 || frame > 0) return false;
    return (await this.index(0)).frames[0]?.short.repeatedBytes === 0;
  }

  /** The hole that a time lies in: the recorder had stopped, or the hour's capture is gone; undefined where it lies in none. */
  async holeAt(us: number): Promise<RecordingHole | undefined> {
    const place = await this.placeAt(us);
    if (place === undefined) return undefined;
    const lastUs = await this.#lastArrivalUs(place);
    if (lastUs === undefined || lastUs > us) return undefined;
    const next = await this.#next(place);
    if (next === undefined) return undefined;
    const { frame, file } = next;
    const stopped =
      file === place.file ? frame.run : frame.short.repeatedBytes === 0 || this.#lacksHour(place.file, us);
    return stopped ? { lastUs, nextUs: frame.localUs } : undefined;
  }

  /** Bytes that came between two times and were given up, since the disk did not take them. */
  async lostBytes(sinceUs: number, us: number): Promise<number> {
    const from = await this.placeAt(sinceUs);
    const to = await this.placeAt(us);
    if (from === undefined || to === undefined) return 0;
    let bytes = 0;
    for (let file = from.file; file <= to.file; file++) {
      const { frames } = await this.index(file);
      const first = file === from.file ? from.frame + 1 : 0;
      const end = file === to.file ? to.frame + 1 : frames.length;
      for (let at = first; at < end; at++) bytes += frames[at]?.lostBytes ?? 0;
    }
    const lastUs = await this.#lastArrivalUs(to);
    const next = lastUs !== undefined && lastUs <= us ? await this.#next(to) : undefined;
    return bytes + (next?.frame.lostBytes ?? 0);
  }

  /** When the last chunk of a frame arrived; undefined where that isn't known. */
  async #lastArrivalUs({ file, frame }: CapturePlace): Promise<number | undefined> {
    const indexed = (await this.index(file)).frames[frame];
    if (indexed === undefined) return undefined;
    const { chunks, localUs } = indexed.whole;
    return chunks.length === 0 ? undefined : chunks.reduce((us, [, , elapsedUs]) => us + elapsedUs, localUs);
  }

  async #next({ file, frame }: CapturePlace): Promise<{ frame: IndexedFrame; file: number } | undefined> {
    const following = (await this.index(file)).frames[frame + 1];
    if (following !== undefined) return { frame: following, file };
    if (file + 1 >= this.captures.length) return undefined;
    const first = (await this.index(file + 1)).frames[0];
    return first && { frame: first, file: file + 1 };
  }

  /** A time after a capture's hour, before the next one's. */
  #lacksHour(file: number, us: number): boolean {
    const next = this.captures[file + 1];
    return us >= this.captures[file]!.hourUs + HOUR_US && next !== undefined && us < next.hourUs;
  }
}
