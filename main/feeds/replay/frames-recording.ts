import { type Arrivals, loadArrivals } from '../../codec/capture/arrivals.ts';
import type { CaptureCut } from '../../codec/capture/capture-cut.ts';
import { openFrames } from '../../codec/frames/file.ts';
import { FramesDecoder, type StoredFrame } from '../../codec/frames/frame-codec.ts';
import { decodeVenueState, type VenueState } from '../../codec/frames/venue-state.ts';
import type { Engine } from '../../core/engine.ts';
import type { FeedFrame, FrameMapper } from '../../core/feed-port.ts';
import { playFrame } from '../../core/play-frame.ts';
import type { Recording } from './recording.ts';

/** Makes the mapper of a source's frames. @throws Error for a source that this version does not know */
export type MapperOf = (source: string, engine: Engine) => FrameMapper;

/**
 * Frames files of one source, one after the other. A file that does not begin with its stream begins with the state of its
 * mapper, which counts only where no earlier file was played.
 */
export class FramesRecording implements Recording {
  readonly #engine: Engine;
  readonly #files: readonly (string | CaptureCut)[];
  readonly #mapperOf: MapperOf;
  #decoder: FramesDecoder | undefined;
  #mapper: FrameMapper | undefined;
  #arrivals: Arrivals | undefined;
  #frame: StoredFrame | undefined;
  #begun = false;
  #file = 0;
  source = '';
  judged = false;
  /** Whether a state was played that says how every market stood, beside the mapper's books. */
  told = false;

  /** @param files paths, or parts of captures */
  constructor(files: readonly (string | CaptureCut)[], engine: Engine, mapperOf: MapperOf) {
    this.#files = files;
    this.#engine = engine;
    this.#mapperOf = mapperOf;
  }

  /** Known once the first piece is there. */
  get mapper(): FrameMapper | undefined {
    return this.#mapper;
  }

  /** The frame under the cursor. */
  get frame(): StoredFrame {
    if (this.#frame === undefined) throw new Error('no frame was read');
    return this.#frame;
  }

  async *pieces(progress?: (bytesRead: number, bytesTotal: number) => void): AsyncGenerator<void> {
    this.#begun = false;
    for (const [index, file] of this.#files.entries()) {
      this.#file = index;
      for await (const decoder of this.#open(file, progress)) {
        this.#decoder = decoder;
        yield;
      }
    }
  }

  /** Which of its files is being read, from 0. */
  get file(): number {
    return this.#file;
  }

  async *#open(
    file: string | CaptureCut,
    progress?: (bytesRead: number, bytesTotal: number) => void,
  ): AsyncGenerator<FramesDecoder> {
    if (typeof file === 'string') {
      this.#arrivals = await loadArrivals(file);
      yield* openFrames(file, progress === undefined ? {} : { progress });
      return;
    }
    const { arrivals, stream } = await file.open();
    this.#arrivals = arrivals;
    const decoder = new FramesDecoder();
    for await (const chunk of stream) {
      decoder.push(chunk);
      yield decoder;
    }
    decoder.end();
  }

  next(): boolean {
    const decoder = this.#decoder!;
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
      this.#frame = frame;
      if (this.#mapper === undefined) {
        this.source = decoder.head!.source;
        this.#mapper = this.#mapperOf(this.source, this.#engine);
      }
      if (frame.kind !== 'state') {
        this.#begun = true;
        return true;
      }
      if (!this.#begun) return true;
    }
    return false;
  }

  arrivalUs(): number {
    return this.#frame!.localUs;
  }

  inputAt(): number {
    return this.#arrivals?.inputAt(this.#decoder!.offset) ?? Number.NaN;
  }

  apply(): void {
    const frame = this.#frame!;
    if (frame.kind === 'state') {
      this.#recall(decodeVenueState(frame.bytes));
      this.judged = false;
      return;
    }
    const before = eventsOf(this.#engine);
    playFrame(this.#engine, this.#mapper!, frame as FeedFrame);
    this.judged = eventsOf(this.#engine) > before;
  }

  #recall({ mapper, markets }: VenueState): void {
    this.#mapper!.restore(mapper);
    this.told = markets !== undefined;
    for (const mark of markets ?? []) this.#engine.marketOf(mark.publisherId, mark.venueId)?.recall(mark);
  }

  snapshot(): unknown {
    return this.#mapper?.snapshot();
  }

  restore(snapshot: unknown): void {
    if (snapshot !== undefined) this.#mapper?.restore(snapshot);
  }
}

/** Events judged in all markets. */
function eventsOf(engine: Engine): number {
  let events = 0;
  for (const market of engine.markets) events += market.events;
  return events;
}
