import { HOUR_US } from '../../../shared/units.ts';
import { encodeFrame, encodeHead } from '../../codec/frames/frame-codec.ts';
import { encodeVenueState, type VenueState } from '../../codec/frames/venue-state.ts';
import type { FeedFrame } from '../../core/feed-port.ts';
import { FramesFormat } from './capture-chunks.ts';
import { type CaptureState, CaptureWriter } from './capture-writer.ts';

/**
 * Bytes of frames after which the venue's state is written again: what has to be played to know its books at any time. A
 * state that is itself large is written less often, so that states stay a small part of the file.
 */
const STATE_EVERY_BYTES = 1024 * 1024;
const STATE_SHARE = 1 / 16;

export interface FrameCaptureOptions {
  readonly folder: string;
  readonly source: string;
  /** How the source stands now: asked when an hour turns and every so often within it, before the next frame is played. */
  readonly venueState: () => VenueState;
  /** Bytes of frames between two states, for want of a better number. */
  readonly stateEveryBytes?: number;
  readonly onState?: (state: CaptureState) => void;
}

/** Writes the frames of a venue to its capture, in the order in which the engine takes them. */
export class FrameCapture {
  readonly #options: FrameCaptureOptions;
  readonly #format = new FramesFormat();
  readonly #writer: CaptureWriter;
  #hour = Number.NaN;
  /** Bytes of frames since the last state, and how many there may be. */
  #sinceState = 0;
  #nextState: number;

  constructor(options: FrameCaptureOptions) {
    this.#options = options;
    this.#nextState = this.#stateEvery;
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
    else if (this.#sinceState >= this.#nextState)
      this.#writer.write(this.#state(frame.localUs), input, frame.localUs, true);
    this.#hour = hour;
    this.#sinceState += bytes.length;
    this.#writer.write(begins ? Buffer.concat([encodeHead(this.#options), bytes]) : bytes, input, frame.localUs);
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  get #stateEvery(): number {
    return this.#options.stateEveryBytes ?? STATE_EVERY_BYTES;
  }

  #state(localUs: number): Uint8Array {
    const bytes = encodeVenueState(this.#options.venueState());
    this.#sinceState = 0;
    this.#nextState = Math.max(this.#stateEvery, bytes.length / STATE_SHARE);
    return encodeFrame({ kind: 'state', name: '', bytes, localUs });
  }
}
