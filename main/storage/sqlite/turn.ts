import { soon } from '../../core/clock/wall-timer.ts';

/** Lets others of this thread have their turn: long work is done in steps with one between each two. */
export function turn(): Promise<void> {
  return new Promise((resolve) => soon(resolve));
}
