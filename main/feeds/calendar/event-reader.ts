import { type EconomicEvent, eventId } from '../../../shared/economic-calendar.ts';
import { currencyOfCountry, isCurrency } from './currency-of-country.ts';
import { impactOf } from './impact-words.ts';
import type { RawEvent } from './raw-event.ts';
import { type DateOrder, instantOf, type TimeZone, timeZone } from './zoned-time.ts';

export interface EventReaderOptions {
  /** For times that name no zone. */
  readonly zone: TimeZone;
  readonly dates?: DateOrder | undefined;
  readonly source: string;
  /** When this was told, µs. */
  readonly toldUs: number;
}

const DATE_ALONE = /^[\d./-]+$/;

/** Makes events of a calendar's texts, and says of each that it cannot why. */
export class EventReader {
  readonly #options: EventReaderOptions;
  readonly #zones = new Map<string, TimeZone | undefined>();
  /** Events that gave no impact and stand as `none`. */
  withoutImpact = 0;
  /** Events whose time named no zone. */
  withoutZone = 0;

  constructor(options: EventReaderOptions) {
    this.#options = options;
  }

  /** @returns the event, or the reason why there is none */
  read({ fields }: RawEvent): EconomicEvent | string {
    const { dates, source, toldUs } = this.#options;
    const title = present(fields.title);
    if (title === null) return 'has no title';
    const time = present(fields.time);
    const date = present(fields.at);
    if (date === null) return 'has no time';
    const zone = this.#zone(fields.zone);
    if (typeof zone === 'string') return zone;
    const whole = time !== null && DATE_ALONE.test(date) ? `${date} ${time}` : date;
    const instant = instantOf(whole, zone, dates);
    if (typeof instant === 'string') return instant;
    const impactText = present(fields.impact);
    const impact = impactText === null ? 'none' : impactOf(impactText);
    if (impact === undefined) return `the impact "${impactText}" is not a word that is known`;
    if (impactText === null) this.withoutImpact++;
    if (!instant.zoned && fields.zone === undefined) this.withoutZone++;
    const { currency, country } = placeOf(present(fields.currency), present(fields.country));
    const event = {
      atUs: instant.us,
      currency,
      country,
      impact,
      title,
      forecast: present(fields.forecast),
      previous: present(fields.previous),
      actual: present(fields.actual),
      source,
      revisedUs: toldUs,
    };
    return { id: eventId(event), ...event };
  }

  #zone(name: string | undefined): TimeZone | string {
    const plain = present(name);
    if (plain === null) return this.#options.zone;
    if (!this.#zones.has(plain)) this.#zones.set(plain, timeZone(plain));
    return this.#zones.get(plain) ?? `the time zone "${plain}" is not one that is known`;
  }
}

/** Some calendars put the currency in the country's place; where it is missing the country gives it. */
function placeOf(currency: string | null, country: string | null): Pick<EconomicEvent, 'currency' | 'country'> {
  const code = currency?.toUpperCase() ?? null;
  if (country === null) return { currency: code, country: null };
  const upper = country.toUpperCase();
  if (isCurrency(upper)) return { currency: code ?? upper, country: null };
  return { currency: code ?? currencyOfCountry(country), country };
}

function present(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}
