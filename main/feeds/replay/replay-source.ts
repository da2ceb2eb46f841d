import type { Clock } from '../../core/clock/clock.ts';
import { afterMs, type Cancel, soon } from '../../core/clock/wall-timer.ts';
import type { Engine } from '../../core/engine.ts';
import type { Recording } from './recording.ts';

/** Wall time between two looks at a paced replay. */
const TICK_MS = 10;
/** Inputs played in one turn at full speed before other work has its turn. */
const TURN_RECORDS = 20_000;
/** Engine time between two checkpoints that a seek can start from; doubles whenever there are too many of them. */
const CHECKPOINT_US = 30_000_000;
const MOST_CHECKPOINTS = 64;

export interface ReplaySourceOptions {
  readonly recording: Recording;
  readonly engine: Engine;
  readonly clock: Clock;
  /** State of everything that the replay drives, and back to it: what a seek starts from. */
  readonly snapshot: () => unknown;
  readonly restore: (snapshot: unknown) => void;
  /** Something to show changed: playing, speed, position or end. */
  readonly onChange: () => void;
  /** The file turned out to be unreadable from here on. */
  readonly onError: (error: Error) => void;
}

interface Checkpoint {
  readonly records: number;
  readonly us: number;
  readonly mapper: unknown;
  readonly state: unknown;
}

/**
 * A recorded file as a source: played at a multiple of its own pace or as fast as it goes, paused, stepped by events, and
 * moved to any time. Going back restores the nearest checkpoint before and plays from there, so the state after a seek is
 * the state that an uninterrupted replay has.
 */
export class ReplaySource {
  readonly #options: ReplaySourceOptions;
  #checkpoints: Checkpoint[] = [];
  #spacingUs = CHECKPOINT_US;
  readonly #recording: Recording;
  #reader: AsyncGenerator<void> | undefined;
  /** A piece is there to be read. */
  #ready = false;
  /** An input was read and waits for its time. */
  #held = false;
  #records = 0;
  #speed = 1;
  #playing = false;
  #finished = false;
  #startUs = 0;
  #endUs = 0;
  #anchorWallUs = 0;
  #anchorUs = 0;
  #cancel: Cancel | undefined;
  /** Counts the times that playing began: a turn of an earlier time does not go on. */
  #started = 0;
  /** Serialises what reads from the file. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: ReplaySourceOptions) {
    this.#options = options;
    this.#recording = options.recording;
  }

  get state(): {
    readonly playing: boolean;
    readonly speed: number;
    readonly startUs: number;
    readonly endUs: number;
    readonly finished: boolean;
  } {
    return {
      playing: this.#playing,
      speed: this.#speed,
      startUs: this.#startUs,
      endUs: this.#endUs,
      finished: this.#finished,
    };
  }

  /** The file holds a simulated market; known once it is open. */
  get simulated(): boolean {
    return this.#recording.source === 'simulated';
  }

  /**
   * Reads the file once for its time range, then stands before the first record. A file that is sound up to some place is
   * replayed up to there, and the error is told then. @throws DbnError when nothing is readable
   */
  async open(): Promise<void> {
    try {
      await this.#measure();
    } catch (error) {
      if (this.#startUs === 0) throw error;
    }
    this.#reader = this.#recording.pieces();
    this.#checkpoints.push({ records: 0, us: 0, mapper: this.#recording.snapshot(), state: this.#options.snapshot() });
  }

  play(): void {
    if (this.#playing || this.#finished) return;
    this.#playing = true;
    this.#started++;
    this.#anchor();
    this.#options.onChange();
    this.#next(this.#started);
  }

  pause(): void {
    this.#playing = false;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#options.onChange();
  }

  /** @param speed multiple of the recorded pace; 0 = as fast as it goes */
  setSpeed(speed: number): void {
    this.#speed = speed;
    this.#anchor();
    this.#options.onChange();
  }

  /** Plays a number of judged events and stands still. */
  step(events: number): Promise<void> {
    this.pause();
    return this.#queue(async () => {
      let left = events;
      await this.#run(
        () => left > 0,
        () => {
          if (this.#recording.judged) left--;
        },
      );
    });
  }

  /** Goes to a time: what had arrived by then has been played, nothing later. */
  seek(toUs: number): Promise<void> {
    const wasPlaying = this.#playing;
    this.pause();
    return this.#queue(async () => {
      if (toUs < this.#options.engine.nowUs || this.#finished) await this.#goBack(toUs);
      await this.#run((us) => us <= toUs, undefined);
      this.#options.engine.advanceTo(Math.max(this.#options.engine.nowUs, Math.min(toUs, this.#endUs)));
      if (wasPlaying) this.play();
    });
  }

  /** Ends for good: what is being read is let go of. */
  async stop(): Promise<void> {
    this.pause();
    await this.#queue(async () => {
      await this.#reader?.return(undefined);
    });
  }

  #anchor(): void {
    this.#anchorWallUs = this.#options.clock.nowUs();
    this.#anchorUs = Math.max(this.#options.engine.nowUs, this.#startUs);
  }

  async #measure(): Promise<void> {
    for await (const _ of this.#recording.pieces()) {
      while (this.#recording.next()) {
        const us = this.#recording.arrivalUs();
        if (us === 0) continue;
        if (this.#startUs === 0) this.#startUs = us;
        if (us > this.#endUs) this.#endUs = us;
      }
    }
  }

  #next(started: number): void {
    if (!this.#playing || started !== this.#started) return;
    const again = () => {
      void this.#queue(() => this.#turn()).then(() => this.#next(started));
    };
    this.#cancel = this.#speed === 0 ? soon(again) : afterMs(TICK_MS, again);
  }

  async #turn(): Promise<void> {
    if (!this.#playing) return;
    if (this.#speed === 0) {
      let left = TURN_RECORDS;
      await this.#run(() => left-- > 0, undefined);
    } else {
      const targetUs = Math.floor(this.#anchorUs + (this.#options.clock.nowUs() - this.#anchorWallUs) * this.#speed);
      await this.#run((us) => us <= targetUs, undefined);
      if (!this.#finished) this.#options.engine.advanceTo(targetUs);
    }
    this.#options.onChange();
  }

  /** Plays inputs while `wanted` says so of the next one's arrival time. */
  async #run(wanted: (arrivalUs: number) => boolean, played: (() => void) | undefined): Promise<void> {
    const { engine } = this.#options;
    const recording = this.#recording;
    while (await this.#advance()) {
      do {
        if (!wanted(recording.arrivalUs())) return;
        this.#held = false;
        recording.apply();
        this.#records++;
        played?.();
        this.#keep(engine.nowUs);
      } while (this.#hold(recording.next()));
    }
    this.#finished = true;
    this.#playing = false;
    this.#options.onChange();
  }

  #hold(more: boolean): boolean {
    this.#held = more;
    return more;
  }

  /** Makes sure that an input is held; false at the end of the recording. */
  async #advance(): Promise<boolean> {
    while (!this.#held) {
      if (this.#ready && this.#hold(this.#recording.next())) return true;
      const next = await this.#reader!.next();
      if (next.done === true) return false;
      this.#ready = true;
    }
    return true;
  }

  #keep(us: number): void {
    const last = this.#checkpoints.at(-1)!;
    if (us - last.us < this.#spacingUs || this.#records <= last.records) return;
    this.#checkpoints.push({
      records: this.#records,
      us,
      mapper: this.#recording.snapshot(),
      state: this.#options.snapshot(),
    });
    if (this.#checkpoints.length <= MOST_CHECKPOINTS) return;
    this.#checkpoints = this.#checkpoints.filter((_, index) => index % 2 === 0);
    this.#spacingUs *= 2;
  }

  async #goBack(toUs: number): Promise<void> {
    const from = this.#checkpoints.findLast((checkpoint) => checkpoint.us <= toUs) ?? this.#checkpoints[0]!;
    await this.#reader?.return(undefined);
    this.#reader = this.#recording.pieces();
    this.#ready = false;
    this.#held = false;
    this.#finished = false;
    this.#options.restore(from.state);
    this.#recording.restore(from.mapper);
    this.#records = 0;
    while (this.#records < from.records && (await this.#advance())) {
      do {
        this.#held = false;
        this.#records++;
      } while (this.#records < from.records && this.#hold(this.#recording.next()));
    }
  }

  #queue(task: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(task).catch((error: unknown) => {
      this.#finished = true;
      this.pause();
      this.#options.onError(error as Error);
    });
    return this.#work;
  }
}
