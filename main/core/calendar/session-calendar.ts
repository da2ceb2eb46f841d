import type { CalendarId } from '../../../shared/instruments.ts';
import type { SessionPhase, TradingSession } from '../../../shared/sessions.ts';
import { DAY_US } from '../../../shared/units.ts';
import { isoDate } from './civil-time.ts';
import { sessionWords } from './session-words.ts';
import { CME_GLOBEX_FX, FX_SPOT, type Stretch, stretchAt, tradeDateOpensUs, type WeekRules } from './trading-week.ts';

/**
 * What the venue itself said last about trading in an instrument, and when. It wins over the table until the table's next
 * change of phase or trade date, since venues announce every change anew; where the table knows no next change it stays.
 */
export interface StatusOverride {
  readonly status: 'trading' | 'pre-open' | 'halt' | 'close';
  readonly sinceUs: number;
}

const OVERRIDE_PHASES: Readonly<Record<StatusOverride['status'], SessionPhase>> = {
  trading: 'open',
  'pre-open': 'break',
  halt: 'halted',
  close: 'closed',
};

const OVERRIDE_WORDS: Readonly<Record<StatusOverride['status'], string>> = {
  trading: 'open, says the venue',
  'pre-open': 'pre-open, says the venue',
  halt: 'halted by the venue',
  close: 'closed by the venue',
};

/** A session and the time, from `fromUs` on and before `toUs`, in which it is the answer. */
export interface SessionStretch {
  readonly fromUs: number;
  readonly toUs: number;
  readonly session: TradingSession;
}

const RULES: Readonly<Record<Exclude<CalendarId, 'crypto'>, WeekRules>> = {
  'cme-globex-fx': CME_GLOBEX_FX,
  'fx-spot': FX_SPOT,
};

/**
 * Sessions of one trading calendar. Remembers the stretch of its last answer, so that asking again within it costs two
 * comparisons and returns the same object.
 */
export class SessionCalendar {
  readonly calendar: CalendarId;
  #current: SessionStretch | undefined;

  constructor(calendar: CalendarId) {
    this.calendar = calendar;
  }

  /**
   * The session at an instant. `tradeDate` turns at 17:00 local time, so a daily break still belongs to the date that
   * ends, and a weekend to the date that comes; `startedUs` is the first opening of that date and lies ahead of `us`
   * while a weekend or holiday lasts.
   */
  sessionAt(us: number, override?: StatusOverride): TradingSession {
    const current = this.stretchAt(us);
    if (override === undefined || override.sinceUs > us) return current.session;
    return overridden(current, override);
  }

  /** The session at an instant by the table alone, and how long it is that. */
  stretchAt(us: number): SessionStretch {
    let current = this.#current;
    if (current === undefined || us < current.fromUs || us >= current.toUs) {
      current = sessionStretch(this.calendar, us);
      this.#current = current;
    }
    return current;
  }
}

/** The session of a calendar at an instant, for single questions; who asks often keeps a `SessionCalendar`. */
export function sessionAt(calendar: CalendarId, us: number, override?: StatusOverride): TradingSession {
  return new SessionCalendar(calendar).sessionAt(us, override);
}

function overridden(current: SessionStretch, override: StatusOverride): TradingSession {
  const lapsed = current.session.changesUs !== 0 && override.sinceUs < current.fromUs;
  const phase = OVERRIDE_PHASES[override.status];
  if (lapsed || phase === current.session.phase) return current.session;
  return { ...current.session, phase, words: OVERRIDE_WORDS[override.status] };
}

function sessionStretch(calendar: CalendarId, us: number): SessionStretch {
  return calendar === 'crypto' ? cryptoDay(us) : weekStretch(RULES[calendar], us);
}

/** Crypto trades around the clock; its trade date turns at midnight UTC and its phase never changes. */
function cryptoDay(us: number): SessionStretch {
  const day = Math.floor(us / DAY_US);
  const fromUs = day * DAY_US;
  return {
    fromUs,
    toUs: fromUs + DAY_US,
    session: {
      phase: 'open',
      tradeDate: isoDate(day),
      startedUs: fromUs,
      changesUs: 0,
      words: 'open around the clock',
    },
  };
}

function weekStretch(rules: WeekRules, us: number): SessionStretch {
  const stretch = stretchAt(rules, us);
  const tradeDate = isoDate(stretch.tradeDay);
  if (stretch.phase === 'unknown') {
    const words = `session unknown: the holiday table covers ${rules.fromYear} to ${rules.toYear}`;
    return { ...stretch, session: { phase: 'unknown', tradeDate, startedUs: 0, changesUs: 0, words } };
  }
  const changesUs = nextPhaseUs(rules, stretch);
  return {
    fromUs: stretch.fromUs,
    toUs: stretch.toUs,
    session: {
      phase: stretch.phase,
      tradeDate,
      startedUs: tradeDateOpensUs(rules, stretch.tradeDay),
      changesUs,
      words: sessionWords(stretch.phase, changesUs, stretch.holiday),
    },
  };
}

function nextPhaseUs(rules: WeekRules, stretch: Stretch): number {
  let next = stretchAt(rules, stretch.toUs);
  while (next.phase === stretch.phase) next = stretchAt(rules, next.toUs);
  return next.fromUs;
}
