import type { MarketRow } from '../../shared/contract/topics.ts';
import type { EconomicEvent } from '../../shared/economic-calendar.ts';
import { countdownText } from '../format/quantity-text.ts';

/** Within this the next release asks for caution. */
export const SOON_US = 600_000_000;
/** A release is told for this long after its time. */
export const NOW_US = 60_000_000;

/** What the status bar says of the calendar. */
export interface ReleaseWords {
  /** Currency and title, or why there is none. */
  readonly what: string;
  /** Time left, `now`, or empty without a release. */
  readonly left: string;
  readonly soon: boolean;
  /** When it is, µs; 0 without one. */
  readonly atUs: number;
}

const currenciesOfRow = ({ root, quoteCurrency }: MarketRow): string[] => {
  const pair = /^([A-Z]{3})\/?([A-Z]{3})$/.exec(root);
  return pair === null ? [quoteCurrency] : [pair[1]!, pair[2]!];
};

/** Currencies whose news move the market under the trader's hands: both of the pair that is traded. */
export function currenciesOf(signal: MarketRow | undefined, execution: MarketRow | undefined): readonly string[] {
  const row = execution ?? signal;
  return row === undefined ? [] : currenciesOfRow(row);
}

/** The next release of high impact for these currencies; one stays the next for a minute after its time. */
export function nextRelease(
  events: readonly EconomicEvent[],
  currencies: readonly string[],
  nowUs: number,
): EconomicEvent | undefined {
  let next: EconomicEvent | undefined;
  for (const event of events) {
    if (event.impact !== 'high' || event.currency === null || !currencies.includes(event.currency)) continue;
    if (event.atUs > nowUs - NOW_US && (next === undefined || event.atUs < next.atUs)) next = event;
  }
  return next;
}

/** The next release of high impact for these currencies, in words. */
export function releaseWords(
  events: readonly EconomicEvent[],
  currencies: readonly string[],
  nowUs: number,
): ReleaseWords {
  const next = nextRelease(events, currencies, nowUs);
  if (next === undefined) {
    const known = events.some(({ atUs }) => atUs > nowUs);
    const what = known ? `no high impact for ${currencies.join(' or ')} in 48 h` : 'no events known';
    return { what, left: '', soon: false, atUs: 0 };
  }
  const leftUs = next.atUs - nowUs;
  const left = leftUs <= 0 ? 'now' : countdownText(leftUs);
  return { what: `${next.currency} ${next.title}`, left, soon: leftUs <= SOON_US, atUs: next.atUs };
}
