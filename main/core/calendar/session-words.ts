import type { SessionPhase } from '../../../shared/sessions.ts';
import { DAY_US, MINUTE_US } from '../../../shared/units.ts';
import { weekday } from './civil-time.ts';

const DAY_NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

const PHASE_WORDS: Readonly<Record<SessionPhase, string>> = {
  open: 'open',
  break: 'daily break',
  closed: 'closed',
  holiday: 'holiday',
  halted: 'halted',
  unknown: 'session unknown',
};

/** What the trader reads: the phase, a holiday's name, and when it changes: `daily break until Mon 22:00 UTC`. */
export function sessionWords(phase: SessionPhase, changesUs: number, holiday: string | undefined): string {
  const state =
    holiday === undefined ? PHASE_WORDS[phase] : `${holiday}, ${phase === 'holiday' ? 'closed' : PHASE_WORDS[phase]}`;
  return changesUs === 0 ? state : `${state} until ${instantWords(changesUs)}`;
}

function instantWords(us: number): string {
  const minutes = Math.floor((us % DAY_US) / MINUTE_US);
  const clock = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return `${DAY_NAMES[weekday(Math.floor(us / DAY_US))]!} ${clock} UTC`;
}
