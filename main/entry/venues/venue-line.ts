import type { VenueState } from '../../codec/frames/venue-state.ts';
import type { Clock } from '../../core/clock/clock.ts';
import type { Engine } from '../../core/engine.ts';
import type { Feed, FeedFrame, FeedOutlet, FeedState, FrameMapper, Resync } from '../../core/feed-port.ts';
import type { InboundQueue } from '../../core/inbound-queue.ts';
import type { LatencyHistogram } from '../../core/latency-histogram.ts';
import { playFrame } from '../../core/play-frame.ts';
import type { CaptureState } from '../../storage/capture/capture-writer.ts';

/** Where the frames of a venue are logged. */
export interface VenueCapture {
  readonly state: CaptureState;
  write(frame: FeedFrame, input: number): void;
  close(): Promise<void>;
}

/** A frame on its way to its venue's mapper. */
export interface VenueBatch extends FeedFrame {
  readonly line: VenueLine;
}

export interface VenueLineParts {
  readonly name: string;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly queue: InboundQueue<VenueBatch>;
  readonly makeFeed: (outlet: FeedOutlet) => Feed;
  readonly makeMapper: (resync: Resync) => FrameMapper;
  readonly makeCapture?: (venueState: () => VenueState) => VenueCapture;
  /** Time from receipt of a frame until its features are computed, µs. */
  readonly processing?: LatencyHistogram;
  readonly onState: (line: VenueLine) => void;
  /** A frame was refused, or lost on the way; its words are for the trader. */
  readonly onFault: (words: string) => void;
}

/**
 * One venue from socket to engine: feed → queue → capture → mapper. What the mapper asks for goes back to the feed; nothing
 * else flows against the stream.
 */
export class VenueLine {
  readonly name: string;
  readonly feed: Feed;
  readonly mapper: FrameMapper;
  readonly capture: VenueCapture | undefined;
  readonly #parts: VenueLineParts;
  #state: FeedState = { condition: 'stopped', words: 'not started' };
  #sinceUs = 0;
  #refused = 0;
  #awaySinceUs: number | undefined;
  /** Frames handed to the queue, and those of them that were played. */
  #handed = 0;
  #played = 0;
  /** The feed was catching up when it handed the last one out; what it handed out up to this place is of the past. */
  #wasPast = false;
  #pastUntil = 0;

  constructor(parts: VenueLineParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.mapper = parts.makeMapper((symbol, why) => this.feed.resync(symbol, why));
    this.capture = parts.makeCapture?.(() => ({
      mapper: this.mapper.snapshot(),
      markets: parts.engine.markets.map((market) => market.mark()),
    }));
    this.feed = parts.makeFeed({
      frame: (frame) => this.#hand(frame),
      state: (state) => {
        if (state.condition !== this.#state.condition) this.#sinceUs = parts.clock.nowUs();
        this.#state = state;
        parts.onState(this);
      },
    });
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Since when its condition holds, µs. */
  get sinceUs(): number {
    return this.#sinceUs;
  }

  /** Since when its connection is gone, µs; undefined while anything comes, and before there was one. */
  get awaySinceUs(): number | undefined {
    return this.#awaySinceUs;
  }

  /** Frames that the mapper refused. */
  get refusedFrames(): number {
    return this.#refused;
  }

  /** What is being played happened earlier: the feed replays it, or what it replayed still waits. */
  get catchingUp(): boolean {
    return this.feed.catchingUp === true || this.#played < this.#pastUntil;
  }

  /** Takes a frame from the queue: logs it and plays it. */
  take(frame: FeedFrame): void {
    this.#played++;
    this.#play(frame);
  }

  /** Frames were lost between the socket and the mapper: its books are void, and all are asked for anew. */
  lost(why: string): void {
    this.#play({ kind: 'lost', name: why, bytes: new Uint8Array(0), localUs: this.#parts.engine.nowUs });
    for (const symbol of this.mapper.tally.symbols.keys()) this.feed.resync(symbol, why);
  }

  #hand(frame: FeedFrame): void {
    const past = this.feed.catchingUp === true;
    if (!this.#parts.queue.push({ ...frame, line: this })) {
      this.feed.refused?.();
      return;
    }
    this.#handed++;
    // The feed knows that it has caught up before it hands out the last frame of the replay.
    if (past || this.#wasPast) this.#pastUntil = this.#handed;
    this.#wasPast = past;
  }

  /** In this order: what the engine took in is on its way to the disk. */
  #play(frame: FeedFrame): void {
    const { engine, clock, processing, onFault } = this.#parts;
    this.#awaySinceUs = frame.kind === 'lost' ? (this.#awaySinceUs ?? frame.localUs) : undefined;
    this.capture?.write(frame, engine.inputSequence);
    const fault = playFrame(engine, this.mapper, frame);
    if (fault !== undefined) {
      this.#refused++;
      onFault(fault.message);
    }
    processing?.add(clock.nowUs() - frame.localUs);
  }
}
