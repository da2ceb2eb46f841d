import { STATUS_ACTION } from '../../codec/dbn/layout.ts';
import type { StatusOverride } from '../../core/calendar/session-calendar.ts';

/** Word of the action in a status record. */
const STATUS_ACTION_WORD = 6;

/** What status actions mean for trading; the others (cross, short-sale change …) leave it as it is. */
const STATUS_OF_ACTION: ReadonlyMap<number, StatusOverride['status']> = new Map([
  [STATUS_ACTION.PRE_OPEN, 'pre-open'],
  [STATUS_ACTION.PRE_CROSS, 'pre-open'],
  [STATUS_ACTION.QUOTING, 'pre-open'],
  [STATUS_ACTION.ROTATION, 'pre-open'],
  [STATUS_ACTION.TRADING, 'trading'],
  [STATUS_ACTION.HALT, 'halt'],
  [STATUS_ACTION.PAUSE, 'halt'],
  [STATUS_ACTION.SUSPEND, 'halt'],
  [STATUS_ACTION.PRE_CLOSE, 'trading'],
  [STATUS_ACTION.CLOSE, 'close'],
  [STATUS_ACTION.POST_CLOSE, 'close'],
  [STATUS_ACTION.NOT_AVAILABLE_FOR_TRADING, 'close'],
]);

/** Trading status that the status record at word index `at` announces; undefined where it leaves it as it is. */
export function venueStatus(words: Int32Array, at: number): StatusOverride['status'] | undefined {
  return STATUS_OF_ACTION.get(words[at + STATUS_ACTION_WORD]! & 0xffff);
}
