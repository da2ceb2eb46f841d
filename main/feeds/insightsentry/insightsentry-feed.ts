import type { NewsItem } from '../../../shared/economic-calendar.ts';
import { DAY_US, MINUTE_US, MS_US, SECOND_US } from '../../../shared/units.ts';
import type { WatchedQuote } from '../../../shared/watched-quote.ts';
import { dateOfDay, dayNumber } from '../../core/calendar/civil-time.ts';
import type { Clock } from '../../core/clock/clock.ts';
import type { Random } from '../../core/clock/random.ts';
import { afterMs } from '../../core/clock/wall-timer.ts';
import type { FeedState } from '../../core/feed-port.ts';
import type { InformationFeed, InformationOutlet } from '../../core/information-port.ts';
import { AnswerCache, type KeptText } from './answer-cache.ts';
import { type CalendarAnswer, calendarAnswer, newsAnswer, readNewsItem, SOURCE } from './answers.ts';
import { calendarDueUs } from './calendar-plan.ts';
import { CalendarWeek } from './calendar-week.ts';
import { DayStream } from './day-stream.ts';
import type { Gateway } from './gateway.ts';
import { NewsMemory } from './news-memory.ts';
import { QuoteWatch } from './quote-watch.ts';
import { InsightSentryError, InsightSentryRest } from './rest.ts';
import { StreamKey } from './stream-key.ts';
import type { StreamTiming, VendorStreamOptions } from './vendor-stream.ts';

export interface InsightSentryOptions {
  readonly gateway: Gateway;
  /** Base address of requests; empty = the gateway's own. */
  readonly url: string;
  /** Base address of streams. */
  readonly streamUrl: string;
  readonly key: string;
  readonly requestsAMinute: number;
  /** Connections that the plan allows at once, and in a day (UTC). News come before quotes. */
  readonly connectionsAtOnce: number;
  readonly connectionsADay: number;
  readonly calendarEveryMinutes: number;
  readonly newsEverySeconds: number;
  /** Codes of the quotes that are watched, `EXCHANGE:SYMBOL`; with none there is no connection for them. */
  readonly quotes: readonly string[];
  /** Where answers and the count of connections outlive a restart. */
  readonly file: KeptText;
  readonly clock: Clock;
  readonly random: Random;
  readonly outlet: InformationOutlet;
  readonly timing?: Partial<InsightSentryTiming>;
}

export interface InsightSentryTiming extends StreamTiming {
  /** Bound of the first wait after a failed request. */
  readonly requestBaseMs: number;
  /** Wait after HTTP 429 that names none. */
  readonly throttledMs: number;
  readonly requestTimeoutMs: number;
  /** A start so soon after the last connection waits, so that a program that fails again and again costs none. Default 60 s. */
  readonly connectionGapMs: number;
}

/** The weeks of the calendar that are followed: this one and the next. */
const WEEKS = [1, 2] as const;
const NEWS_REQUEST = '/v3/newsfeed?limit=100';
/** After a request that failed five times none goes out for so long. */
const AGAIN_AFTER_US = 30 * SECOND_US;

/** Refused for what it asks, it is asked again only this much later. */
const REFUSED_AGAIN_US = 30 * MINUTE_US;
const CONNECTION_GAP_MS = 60_000;
/** Quotes that are not streamed are asked for less often than news: the quota of a month is for calendar and news. */
const QUOTES_SELDOMER = 2;
/** Timers of a month do not exist. */
const LONGEST_SLEEP_MS = 3_600_000;
const CONNECTING: FeedState = { condition: 'connecting', words: 'InsightSentry is being asked for calendar and news' };

/** Calendar and news of InsightSentry: requests by a plan that keeps to the quota, news by stream while connections allow. */
export class InsightSentryFeed implements InformationFeed {
  readonly name = SOURCE;
  readonly #options: InsightSentryOptions;
  readonly #cache: AnswerCache;
  readonly #rest: InsightSentryRest;
  readonly #memory = new NewsMemory();
  readonly #ended = new AbortController();
  readonly #weeks: readonly CalendarWeek[];
  #newsAskedUs: number | undefined;
  #news: DayStream | undefined;
  readonly #quotes: QuoteWatch | undefined;
  readonly #streamKey: StreamKey;
  /** Why the last request failed, and when the next may go out. */
  #trouble: InsightSentryError | undefined;
  #againUs = 0;
  #quotaUntilUs = 0;
  #cacheFault = '';
  #failed: FeedState | undefined;
  #state: FeedState = CONNECTING;
  #heardUs = 0;
  #running: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;

  constructor(options: InsightSentryOptions) {
    this.#options = options;
    const { gateway, url, key, requestsAMinute, clock, random, quotes, newsEverySeconds, timing = {} } = options;
    this.#weeks = WEEKS.map((week) => new CalendarWeek(week, clock));
    this.#cache = new AnswerCache(options.file, (words) => {
      this.#cacheFault = words;
    });
    this.#rest = new InsightSentryRest({
      gateway,
      url,
      key,
      requestsAMinute,
      clock,
      random,
      signal: this.#ended.signal,
      ...(timing.requestTimeoutMs === undefined ? {} : { timeoutMs: timing.requestTimeoutMs }),
      ...(timing.requestBaseMs === undefined ? {} : { baseMs: timing.requestBaseMs }),
      ...(timing.throttledMs === undefined ? {} : { throttledMs: timing.throttledMs }),
    });
    this.#streamKey = new StreamKey(gateway, key, clock, this.#rest);
    const watch = {
      codes: quotes,
      everySeconds: QUOTES_SELDOMER * newsEverySeconds,
      rest: this.#rest,
      clock,
      onQuotes: (rows: readonly WatchedQuote[]) => options.outlet.quotes(rows),
    };
    this.#quotes = quotes.length === 0 ? undefined : new QuoteWatch(watch);
  }

  get heardUs(): number {
    return this.#heardUs;
  }

  start(): void {
    this.#options.outlet.state(CONNECTING);
    this.#running = this.#run().catch((error: unknown) => (this.#ended.signal.aborted ? undefined : this.#fail(error)));
  }

  async stop(): Promise<void> {
    this.#ended.abort(new Error('stopped'));
    this.#wake();
    await this.#running;
    await this.#stopStreams();
    await this.#cache.flush();
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    await this.#cache.load(clock.nowUs());
    await this.#recall();
    this.#quotes?.begin();
    this.#placeStreams();
    while (!this.#ended.signal.aborted) {
      if (clock.nowUs() >= this.#quotaUntilUs) {
        await this.#askWhatIsDue();
        if (this.#ended.signal.aborted) return;
        await this.#news?.beginWhereDue();
        await this.#quotes?.stream?.beginWhereDue();
        this.#tell();
      }
      await this.#sleep((this.#nextUs() - clock.nowUs()) / 1000);
    }
  }

  /** Takes up what an earlier run was answered. */
  async #recall(): Promise<void> {
    for (const week of this.#weeks) {
      const kept = this.#cache.answer(week.request, calendarAnswer);
      if (kept !== undefined) await this.#takeWeek(week, kept.value, kept.atUs);
    }
    const news = this.#cache.answer(NEWS_REQUEST, newsAnswer);
    if (news === undefined) return;
    this.#newsAskedUs = news.atUs;
    this.#heardUs = Math.max(this.#heardUs, news.atUs);
    this.#takeNews(news.value.data.flatMap((item) => readNewsItem(item) ?? []));
  }

  async #askWhatIsDue(): Promise<void> {
    const { clock } = this.#options;
    try {
      for (const week of this.#weeks) if (this.#weekDueUs(week) <= clock.nowUs()) await this.#askWeek(week);
      if (this.#newsDueUs() <= clock.nowUs()) await this.#askNews();
      if (this.#quotesDueUs() <= clock.nowUs()) await this.#quotes?.ask();
    } catch (error) {
      if (!(error instanceof InsightSentryError)) throw error;
      if (error.condition === 'bad-credentials') throw error;
      if (error.condition === 'quota') this.#quotaUntilUs = nextMonthUs(clock.nowUs());
      const wait = error.condition === 'refused' ? REFUSED_AGAIN_US : AGAIN_AFTER_US;
      this.#trouble = error;
      this.#againUs = clock.nowUs() + wait;
    }
  }

  async #askWeek(week: CalendarWeek): Promise<void> {
    // Around a release the same answer comes many times: only what is new is read.
    const value = await this.#rest.getChanged('calendar', week.request, calendarAnswer);
    const atUs = this.#options.clock.nowUs();
    this.#trouble = undefined;
    if (value === undefined) {
      this.#weekAsked(week, atUs);
      this.#cache.renew(week.request, atUs);
      return;
    }
    await this.#takeWeek(week, value, atUs);
    this.#cache.keep(week.request, atUs, week.kept);
  }

  async #takeWeek(week: CalendarWeek, value: CalendarAnswer, atUs: number): Promise<void> {
    this.#weekAsked(week, atUs);
    if (await week.take(value, atUs)) this.#options.outlet.events(week.events, week.told);
  }

  #weekAsked(week: CalendarWeek, atUs: number): void {
    week.askedUs = atUs;
    this.#heardUs = Math.max(this.#heardUs, atUs);
  }

  async #askNews(): Promise<void> {
    const answer = await this.#rest.get('news', NEWS_REQUEST, newsAnswer);
    this.#newsAskedUs = this.#options.clock.nowUs();
    this.#heardUs = this.#newsAskedUs;
    this.#trouble = undefined;
    this.#cache.keep(NEWS_REQUEST, this.#newsAskedUs, answer);
    this.#takeNews(answer.data.flatMap((item) => readNewsItem(item) ?? []));
  }

  #takeNews(items: readonly NewsItem[]): void {
    const fresh = this.#memory.fresh(items);
    if (fresh.length > 0) this.#options.outlet.news(fresh);
  }

  /**
   * Makes the streams that the plan has room for. A start so soon after the last connection of an earlier one waits, so that a
   * program that fails again and again costs none.
   */
  #placeStreams(): void {
    const { connectionsAtOnce, timing } = this.#options;
    const fromUs = this.#cache.lastConnectionUs + (timing?.connectionGapMs ?? CONNECTION_GAP_MS) * MS_US;
    const news = this.#streamOf('news', '/newsfeed', {}, (message) => {
      this.#takeNews((Array.isArray(message) ? message : [message]).flatMap((item) => readNewsItem(item) ?? []));
      // Any word of the vendor is life: pong, a status, a time, or news.
      return true;
    });
    this.#news = new DayStream(news, fromUs);
    const quotes = this.#quotes;
    if (quotes === undefined || connectionsAtOnce < 2) return;
    quotes.stream = new DayStream(
      this.#streamOf('quotes', '/live', quotes.wanted, (message) => quotes.hear(message)),
      fromUs,
    );
  }

  #streamOf(
    what: string,
    path: string,
    wanted: object,
    onMessage: VendorStreamOptions['onMessage'],
  ): VendorStreamOptions {
    const { clock, connectionsADay, streamUrl, random, timing } = this.#options;
    return {
      what,
      url: `${streamUrl.replace(/\/+$/, '')}${path}`,
      key: () => this.#streamKey.get(),
      wanted,
      clock,
      random,
      cache: this.#cache,
      connectionsADay,
      onMessage,
      onHeard: (localUs) => {
        this.#heardUs = localUs;
      },
      onChange: () => {
        this.#tell();
        this.#wake();
      },
      ...(timing === undefined ? {} : { timing }),
    };
  }

  async #stopStreams(): Promise<void> {
    await Promise.all([this.#news?.stop(), this.#quotes?.stream?.stop()]);
  }

  #nextUs(): number {
    if (this.#quotaUntilUs > this.#options.clock.nowUs()) return this.#quotaUntilUs;
    return Math.min(
      ...this.#weeks.map((week) => this.#weekDueUs(week)),
      this.#newsDueUs(),
      this.#quotesDueUs(),
      this.#news?.dueUs ?? Number.POSITIVE_INFINITY,
      this.#quotes?.stream?.dueUs ?? Number.POSITIVE_INFINITY,
    );
  }

  #weekDueUs({ askedUs, events }: CalendarWeek): number {
    const { clock, calendarEveryMinutes } = this.#options;
    const dueUs = calendarDueUs(clock.nowUs(), askedUs, events, calendarEveryMinutes * MINUTE_US);
    return Math.max(dueUs, this.#againUs);
  }

  #newsDueUs(): number {
    if (this.#news?.live === true) return Number.POSITIVE_INFINITY;
    const { newsEverySeconds } = this.#options;
    const dueUs = this.#newsAskedUs === undefined ? 0 : this.#newsAskedUs + newsEverySeconds * SECOND_US;
    return Math.max(dueUs, this.#againUs);
  }

  #quotesDueUs(): number {
    return Math.max(this.#quotes?.dueUs ?? Number.POSITIVE_INFINITY, this.#againUs);
  }

  /** Waits until something is due, or the stream has changed. */
  #sleep(ms: number): Promise<void> {
    if (this.#ended.signal.aborted) return Promise.resolve();
    return new Promise((done) => {
      const cancel = afterMs(Math.min(Math.max(ms, 1), LONGEST_SLEEP_MS), done);
      this.#wake = () => {
        cancel();
        done();
      };
    });
  }

  /** Nothing can be asked any more until the program is started with another key. */
  async #fail(error: unknown): Promise<void> {
    const condition = error instanceof InsightSentryError ? error.condition : 'refused';
    this.#failed = { condition, words: (error as Error).message };
    this.#tell();
    await this.#stopStreams();
  }

  #tell(): void {
    const now = this.#failed ?? this.#described();
    if (now.condition === this.#state.condition && now.words === this.#state.words) return;
    this.#state = now;
    this.#options.outlet.state(now);
  }

  #described(): FeedState {
    const { newsEverySeconds } = this.#options;
    const asked = this.#weeks[0]!.askedUs;
    const held = asked === undefined ? 'no calendar yet' : `calendar of ${timeText(asked)}`;
    if (this.#trouble !== undefined) {
      const { condition, message } = this.#trouble;
      const next =
        condition === 'quota'
          ? `It is asked again from ${dateText(this.#quotaUntilUs)}; after a change of plan start again.`
          : `It is asked again at ${timeText(this.#againUs)}.`;
      return { condition, words: `${message}; ${held}. ${next}` };
    }
    if (asked === undefined) return CONNECTING;
    const unread = this.#weeks.reduce((sum, { refused }) => sum + refused, 0);
    const streamed = this.#news?.words ?? '';
    const news =
      this.#news?.live === true
        ? streamed
        : `news asked for every ${newsEverySeconds} s${streamed === '' ? '' : `, since ${streamed}`}`;
    const notes = [held, news];
    if (this.#quotes !== undefined) notes.push(this.#quotes.words);
    if (unread > 0) notes.push(`${unread} events could not be read`);
    if (this.#cacheFault !== '') notes.push(this.#cacheFault);
    return { condition: 'live', words: notes.join(' · ') };
  }
}

/** `14:05 UTC`. */
function timeText(us: number): string {
  return `${new Date(Math.floor(us / 1000)).toISOString().slice(11, 16)} UTC`;
}

function dateText(us: number): string {
  return new Date(Math.floor(us / 1000)).toISOString().slice(0, 10);
}

function nextMonthUs(us: number): number {
  const { year, month } = dateOfDay(Math.floor(us / DAY_US));
  return dayNumber(year, month + 1, 1) * DAY_US;
}
