import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EconomicEvent } from '../../../shared/economic-calendar.ts';
import type { Settings } from '../../../shared/settings.ts';
import { MINUTE_US } from '../../../shared/units.ts';
import { VENDOR_INFO } from '../../../shared/vendors.ts';
import type { Clock } from '../../core/clock/clock.ts';
import type { Random } from '../../core/clock/random.ts';
import { everyMs } from '../../core/clock/wall-timer.ts';
import type { FeedState } from '../../core/feed-port.ts';
import type { InformationFeed, InformationOutlet } from '../../core/information-port.ts';
import type { TopicBoard } from '../../core/publisher/topic-board.ts';
import type { CalendarSpan, Store, TimeSpan } from '../../core/store-port.ts';
import type { KeptText } from '../../feeds/insightsentry/answer-cache.ts';
import { InsightSentryFeed } from '../../feeds/insightsentry/insightsentry-feed.ts';
import { newsWindows } from '../../risk/news-windows.ts';
import type { FeedKeys } from '../setup/feed-keys.ts';
import { replaceFile } from '../setup/replace-file.ts';
import type { InformationLight } from '../status-publisher.ts';
import { InformationScreen } from './information-screen.ts';

export interface InformationParts {
  readonly settings: Settings;
  readonly keys: FeedKeys;
  readonly store: Pick<Store, 'calendar' | 'calendarBetween' | 'news' | 'latestNews' | 'newsGates'>;
  readonly clock: Clock;
  readonly random: Random;
  /** The program's data folder. */
  readonly folder: string;
  readonly board: TopicBoard;
}

/** Calendar and news of a running terminal. */
export interface Information {
  /** How the feeds are that are enabled. */
  lights(): readonly InformationLight[];
  stop(): Promise<void>;
}

/** How often the store is looked at for what the command line imported, and for what the time brought into view. */
const LOOK_MS = 10_000;

/**
 * Calendar and news on their way: from InsightSentry, where it is enabled, into the store, and from the store to the
 * screen, whoever put them there.
 */
export function startInformation(parts: InformationParts): Information {
  const { store, clock, board } = parts;
  const screen = new InformationScreen(board);
  let feedState: FeedState | undefined;
  let lossTold = false;
  /** Events that the store did not take. */
  const unkept = new Map<string, EconomicEvent>();
  const tellLoss = (error: Error) => {
    if (lossTold) return;
    lossTold = true;
    board.announce('caution', `Calendar and news are shown but not stored: ${error.message}`, clock.nowUs());
  };
  const windows = new NewsWindows(parts);
  const look = async () => {
    const span = InformationScreen.spanAt(clock.nowUs());
    const rows = await store.calendarBetween(span);
    screen.events(rows);
    await windows.keep(rows, span);
  };
  // The store says itself, in the health bar, when it can't be read; what is shown stays meanwhile.
  const lookAgain = () => void look().catch(() => undefined);

  const outlet: InformationOutlet = {
    events: (rows: readonly EconomicEvent[], told?: CalendarSpan) => {
      store.calendar(rows, told).then(lookAgain, (error: Error) => {
        for (const row of rows) unkept.set(row.id, row);
        const { fromUs, toUs } = InformationScreen.spanAt(clock.nowUs());
        screen.events([...unkept.values()].filter(({ atUs }) => atUs >= fromUs && atUs < toUs));
        tellLoss(error);
      });
    },
    news: (rows) => {
      screen.news(rows);
      store.news(rows).catch(tellLoss);
    },
    quotes: (rows) => screen.quotes(rows),
    state: (state) => {
      if (state.condition === 'bad-credentials' || state.condition === 'quota') {
        board.announce('fault', `InsightSentry: ${state.words}`, clock.nowUs());
      }
      feedState = state;
    },
  };
  const feed = informationFeed(parts, outlet);
  lookAgain();
  const begun = store.latestNews(100).then(
    (rows) => screen.news(rows),
    () => undefined,
  );
  let stopped = false;
  void begun.then(() => {
    if (!stopped) feed?.start();
  });
  const cancel = everyMs(LOOK_MS, lookAgain, { unref: true });
  return {
    lights: () =>
      feedState === undefined
        ? []
        : [{ venue: VENDOR_INFO.insightsentry.label, heardUs: feed?.heardUs ?? 0, ...feedState }],
    stop: async () => {
      stopped = true;
      cancel();
      await feed?.stop();
    },
  };
}

/** Windows around releases on their way to the store, told again when they change. */
class NewsWindows {
  readonly #parts: Pick<InformationParts, 'settings' | 'store'>;
  #kept = '[]';

  constructor(parts: Pick<InformationParts, 'settings' | 'store'>) {
    this.#parts = parts;
  }

  async keep(events: readonly EconomicEvent[], span: TimeSpan): Promise<void> {
    const { settings, store } = this.#parts;
    const { windowBeforeMinutes: beforeMinutes, windowAfterMinutes: afterMinutes } = settings.news;
    const windows = newsWindows(events, { beforeMinutes, afterMinutes });
    const text = JSON.stringify(windows);
    if (text === this.#kept) return;
    const earlier = beforeMinutes * MINUTE_US;
    await store.newsGates(windows, { fromUs: span.fromUs - earlier, toUs: span.toUs - earlier });
    this.#kept = text;
  }
}

/** The feed that the settings ask for; without its key it only says that the key is missing. */
function informationFeed(
  { settings, keys, clock, random, folder }: InformationParts,
  outlet: InformationOutlet,
): InformationFeed | undefined {
  const { enabled, ...wanted } = settings.feeds.insightsentry;
  if (!enabled) return undefined;
  const key = keys('INSIGHTSENTRY_API_KEY');
  if (key === undefined) {
    outlet.state({
      condition: 'bad-credentials',
      words: 'there is no key; set INSIGHTSENTRY_API_KEY and start again.',
    });
    return undefined;
  }
  const file = keptFile(join(folder, 'state', 'insightsentry.json'));
  return new InsightSentryFeed({ ...wanted, key, file, clock, random, outlet });
}

/** A text file that is replaced as a whole. */
function keptFile(path: string): KeptText {
  return {
    read: () => readFile(path, 'utf8').catch(() => undefined),
    write: async (text) => {
      await mkdir(dirname(path), { recursive: true });
      await replaceFile(path, text);
    },
  };
}
