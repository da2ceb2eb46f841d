import { type EconomicEvent, IMPACTS } from '../../shared/economic-calendar.ts';
import { NOW_US, nextRelease, SOON_US } from '../chrome/next-release.ts';

/** Where a release stands: over, being told, of high impact within ten minutes, or later. */
export type ReleasePhase = 'past' | 'now' | 'soon' | 'later';

export interface ReleaseLine {
  readonly event: EconomicEvent;
  readonly phase: ReleasePhase;
  /** Whether it is of the next time at which something of high impact comes for the pair in hand. */
  readonly next: boolean;
}

export interface ReleaseDay {
  /** `Today`, `Tomorrow`. */
  readonly name: string;
  /** Midnight in the user's zone, µs. */
  readonly startUs: number;
  readonly lines: readonly ReleaseLine[];
}

/** Today and tomorrow in the user's zone, each with its releases by time, those of more impact first. */
export function releaseDays(
  events: readonly EconomicEvent[],
  currencies: readonly string[],
  nowUs: number,
): readonly ReleaseDay[] {
  const [today, tomorrow, after] = midnights(nowUs);
  const nextUs = nextRelease(events, currencies, nowUs)?.atUs;
  const weight = ({ impact }: EconomicEvent) => IMPACTS.indexOf(impact);
  const sorted = [...events].sort((a, b) => a.atUs - b.atUs || weight(b) - weight(a));
  const day = (name: string, startUs: number, endUs: number): ReleaseDay => ({
    name,
    startUs,
    lines: sorted
      .filter(({ atUs }) => atUs >= startUs && atUs < endUs)
      .map((event) => ({ event, phase: phaseOf(event, nowUs), next: isNext(event, currencies, nextUs) })),
  });
  return [day('Today', today, tomorrow), day('Tomorrow', tomorrow, after)];
}

/** Changes whenever `releaseDays` does for reasons of time alone; cheap enough to be looked at often. */
export function releaseStep(events: readonly EconomicEvent[], currencies: readonly string[], nowUs: number): string {
  let past = 0;
  let now = 0;
  let soon = 0;
  for (const event of events) {
    const phase = phaseOf(event, nowUs);
    if (phase === 'past') past++;
    else if (phase === 'now') now++;
    else if (phase === 'soon') soon++;
  }
  const nextUs = nextRelease(events, currencies, nowUs)?.atUs ?? 0;
  return `${new Date(nowUs / 1000).toDateString()} ${past} ${now} ${soon} ${nextUs}`;
}

function phaseOf({ atUs, impact }: EconomicEvent, nowUs: number): ReleasePhase {
  if (atUs <= nowUs - NOW_US) return 'past';
  if (atUs <= nowUs) return 'now';
  return impact === 'high' && atUs - nowUs <= SOON_US ? 'soon' : 'later';
}

function isNext({ atUs, impact, currency }: EconomicEvent, currencies: readonly string[], nextUs: number | undefined) {
  return atUs === nextUs && impact === 'high' && currency !== null && currencies.includes(currency);
}

/** The midnights that today, tomorrow and the day after begin with; days of a change of clocks have 23 or 25 hours. */
function midnights(nowUs: number): [number, number, number] {
  const now = new Date(nowUs / 1000);
  const at = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days).getTime() * 1000;
  return [at(0), at(1), at(2)];
}
