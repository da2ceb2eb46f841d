import type { LiveClock } from '../../core/clock/live-clock.ts';
import { type Cancel, everyMs } from '../../core/clock/wall-timer.ts';

const LOOK_MS = 1_000;
/** What timers and a slewing wall clock may differ by; beyond it the machine slept, or somebody set the clock. */
const BOUND_US = 2_000_000;

/**
 * Watches for sleeps of the machine and for clocks that were set: either is a gap like any other.
 * @param onJump the clock went forward; its words are for the trader, and books are to be asked for anew
 * @param onBehind the wall clock was set back, which a running session cannot follow; told once
 */
export function watchWall(
  clock: LiveClock,
  onJump: (words: string) => void,
  onBehind: (words: string) => void,
): Cancel {
  let told = false;
  return everyMs(LOOK_MS, () => {
    const driftUs = clock.followWall(BOUND_US);
    const seconds = Math.round(Math.abs(driftUs) / 1_000_000);
    if (driftUs > 0) {
      onJump(`The machine slept or its clock was set forward by ${seconds} s; books are rebuilt.`);
    } else if (driftUs < 0 && !told) {
      onBehind(`The clock of this machine was set back by ${seconds} s. Times stay ahead of it until a restart.`);
    }
    told = driftUs < 0;
  });
}
