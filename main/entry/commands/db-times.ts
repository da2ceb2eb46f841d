import { instantOf, timeZone } from '../../feeds/calendar/zoned-time.ts';
import { UsageError } from './command-context.ts';

/** How times are given. */
export const TIME_HELP = '2026-11-18 or "2026-11-18 13:00", UTC';

export interface TimeSpan {
  readonly fromUs: number | undefined;
  /** Exclusive. */
  readonly toUs: number | undefined;
}

/** The span of two options; one that is left out is open. @throws UsageError for what is no time, or ends before it begins */
export function spanOf(from: string | undefined, to: string | undefined): TimeSpan {
  const fromUs = from === undefined ? undefined : usOf('--from', from);
  const toUs = to === undefined ? undefined : usOf('--to', to);
  if (fromUs !== undefined && toUs !== undefined && toUs <= fromUs) {
    throw new UsageError('--to is not later than --from');
  }
  return { fromUs, toUs };
}

function usOf(name: string, text: string): number {
  const read = instantOf(text, timeZone('UTC')!, undefined);
  if (typeof read === 'string') throw new UsageError(`${name}: ${read}`);
  return read.us;
}
