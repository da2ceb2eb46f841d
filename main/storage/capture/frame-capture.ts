import { serialize } from 'node:v8';
import { HOUR_US } from '../../../shared/units.ts';
import { encodeFrame, encodeHead } from '../../codec/frames/frame-codec.ts';
import type { FeedFrame } from '../../core/feed-port.ts';
import { FramesFormat } from './capture-chunks.ts';
import { type CaptureState, CaptureWriter } from './capture-writer.ts';

export interface FrameCaptureOptions {
  readonly folder: string;
  readonly source: string;
  /** What the source's mapper knows now: asked when an hour turns, before the hour's first frame is played. */
  readonly mapperState: () => unknown;
  readonly onState?: (state: CaptureState) => void;
}

/** Writes the frames of a venue to its capture, in the order in which the engine takes them. */
export class FrameCapture {
  readonly #options: FrameCaptureOptions;
  readonly #format = new FramesFormat();
  readonly #writer: CaptureWriter;
  #hour = Number.NaN;

  constructor(options: FrameCaptureOptions) {
    this.#options = options;
    const { folder, source, onState } = options;
    const format = this.#format;
    this.#writer = new CaptureWriter({ folder, source, format, ...(onState === undefined ? {} : { onState }) });
  }

  get state(): CaptureState {
    return this.#writer.state;
  }

  /** @param input engine's input sequence before the frame, which has not been played yet */
  write(frame: FeedFrame, input: number): void {
    const bytes = encodeFrame(frame);
    const hour = Math.floor(frame.localUs / HOUR_US);
    const begins = Number.isNaN(this.#hour);
    if (!begins && hour !== this.#hour) this.#format.keep(hour, this.#state(frame.localUs));
    this.#hour = hour;
    this.#writer.write(begins ? Buffer.concat([encodeHead(this.#options), bytes]) : bytes, input, frame.localUs);
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  #state(localUs: number): Uint8Array {
    return encodeFrame({ kind: 'state', name: '', bytes: serialize(this.#options.mapperState()), localUs });
  }
}
