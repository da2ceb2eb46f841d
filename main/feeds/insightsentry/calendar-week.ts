import type { z } from 'zod';
import type { EconomicEvent } from '../../../shared/economic-calendar.ts';
import type { Clock } from '../../core/clock/clock.ts';
import { soon } from '../../core/clock/wall-timer.ts';
import type { CalendarSpan } from '../../core/store-port.ts';
import { EventReader } from '../calendar/event-reader.ts';
import { textsOf } from '../calendar/json-calendar.ts';
import { TimeZone } from '../calendar/zoned-time.ts';
import { type CalendarAnswer, calendarItem, SOURCE } from './answers.ts';

type Item = z.infer<typeof calendarItem>;

/** After so long the reading of an answer lets market data have their turn. */
const SLICE_US = 1_500;

/**
 * A week of the calendar, as it was told last. Of an answer of hundreds of events, which comes often around a release, only
 * those are read that are not as they were, and never for long at a stretch.
 */
export class CalendarWeek {
  readonly request: string;
  /** When it was last asked for, µs; undefined = never. */
  askedUs: number | undefined;
  #events: readonly EconomicEvent[] = [];
  #told: CalendarSpan | undefined;
  #refused = 0;
  #items: readonly Item[] = [];
  /** Events by the text of their item. */
  #read: ReadonlyMap<string, EconomicEvent> = new Map();
  readonly #clock: Clock;
  readonly #zone = new TimeZone('UTC');

  /** @param week 1 = this one, 2 = the next */
  constructor(week: number, clock: Clock) {
    this.request = `/v3/calendar/events?w=${week}`;
    this.#clock = clock;
  }

  get events(): readonly EconomicEvent[] {
    return this.#events;
  }

  /** From the first to the last event, where the answer says that nothing is missing. */
  get told(): CalendarSpan | undefined {
    return this.#told;
  }

  /** Items that could not be read. */
  get refused(): number {
    return this.#refused;
  }

  /** The last answer, of which only what is used is kept. */
  get kept(): CalendarAnswer {
    return { total_count: this.#items.length + this.#refused, data: [...this.#items] };
  }

  /**
   * Takes an answer in. Events that are as they were keep their time of revision.
   * @param toldUs when it came
   * @returns whether it tells anything else than the answer before
   */
  async take({ data, total_count }: CalendarAnswer, toldUs: number): Promise<boolean> {
    const before = new Map(this.#events.map((event) => [event.id, event] as const));
    const reader = new EventReader({ zone: this.#zone, source: SOURCE, toldUs });
    const events = new Map<string, EconomicEvent>();
    const items: Item[] = [];
    const read = new Map<string, EconomicEvent>();
    let sinceUs = this.#clock.nowUs();
    for (const raw of data) {
      if (this.#clock.nowUs() - sinceUs > SLICE_US) {
        await turn();
        sinceUs = this.#clock.nowUs();
      }
      const item = calendarItem.safeParse(raw).data;
      if (item === undefined) continue;
      const text = JSON.stringify(item);
      const event = this.#read.get(text) ?? revised(reader.read({ line: 0, fields: textsOf(item) }), before);
      if (event === undefined) continue;
      items.push(item);
      read.set(text, event);
      events.set(event.id, event);
    }
    const told = [...events.values()];
    const same = told.length === this.#events.length && told.every((event, at) => event === this.#events[at]);
    const [refusedBefore, wholeBefore] = [this.#refused, this.#told !== undefined];
    this.#items = items;
    this.#read = read;
    this.#events = told;
    this.#refused = data.length - items.length;
    this.#told = this.#refused === 0 && total_count === data.length ? spanOf(told) : undefined;
    return !same || this.#refused !== refusedBefore || (this.#told !== undefined) !== wholeBefore;
  }
}

/** The event as it was read before where it tells the same; undefined for what could not be read. */
function revised(event: EconomicEvent | string, before: ReadonlyMap<string, EconomicEvent>): EconomicEvent | undefined {
  if (typeof event === 'string') return undefined;
  const earlier = before.get(event.id);
  return earlier !== undefined && tellsTheSame(earlier, event) ? earlier : event;
}

/** Whether two events of one id agree in all that an answer can change. */
function tellsTheSame(a: EconomicEvent, b: EconomicEvent): boolean {
  return (
    a.impact === b.impact &&
    a.forecast === b.forecast &&
    a.previous === b.previous &&
    a.actual === b.actual &&
    a.currency === b.currency
  );
}

function spanOf(events: readonly EconomicEvent[]): CalendarSpan | undefined {
  if (events.length === 0) return undefined;
  let fromUs = Number.POSITIVE_INFINITY;
  let lastUs = Number.NEGATIVE_INFINITY;
  for (const { atUs } of events) {
    fromUs = Math.min(fromUs, atUs);
    lastUs = Math.max(lastUs, atUs);
  }
  return { source: SOURCE, fromUs, toUs: lastUs + 1 };
}

function turn(): Promise<void> {
  return new Promise((done) => {
    soon(done);
  });
}
