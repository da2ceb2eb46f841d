import type { Recording } from '../../feeds/replay/recording.ts';

export interface OfflineRun {
  /** Called for each input before it is played; false ends the run with the input before. */
  readonly admit?: () => boolean;
  /** Called for each input once it has been played; false ends the run. */
  readonly visit?: () => boolean;
  /** Called before each input with its arrival time; what it waits for holds the run up. */
  readonly pace?: (arrivalUs: number) => Promise<void> | undefined;
  /** Called after each piece of the file, so that output can be written away. */
  readonly betweenPieces?: () => Promise<void>;
  readonly progress?: (bytesRead: number, bytesTotal: number) => void;
  readonly stop: AbortSignal;
}

/**
 * Plays a recording, input by input in the order of arrival. Throws DbnError, FramesError or OffTickError where it can't be
 * gone on with; everything before has been played by then.
 */
export async function playRecording(recording: Recording, run: OfflineRun): Promise<void> {
  const { admit, visit, pace, betweenPieces, progress, stop } = run;
  for await (const _ of recording.pieces(progress)) {
    while (recording.next()) {
      if (admit !== undefined && !admit()) return;
      const wait = pace?.(recording.arrivalUs());
      if (wait !== undefined) await wait;
      if (stop.aborted) return;
      recording.apply();
      if (visit !== undefined && !visit()) return;
    }
    await betweenPieces?.();
    if (stop.aborted) return;
  }
}
