import { join } from 'node:path';
import type { HealthState } from '../../shared/contract/topics.ts';
import type { Instrument } from '../../shared/instruments.ts';
import { DEFAULT_LINKS } from '../../shared/links.ts';
import type { Settings } from '../../shared/settings.ts';
import { LiveClock } from '../core/clock/live-clock.ts';
import { Random } from '../core/clock/random.ts';
import { type Cancel, everyMs } from '../core/clock/wall-timer.ts';
import { Engine } from '../core/engine.ts';
import { LatencyHistogram } from '../core/latency-histogram.ts';
import type { MarketStage } from '../core/ports.ts';
import { MarketView } from '../core/publisher/market-view.ts';
import { TopicBoard } from '../core/publisher/topic-board.ts';
import { FeatureStage } from '../features/feature-stage.ts';
import { LagThread } from '../features/lag-thread.ts';
import { MinuteBars } from '../features/minute-bars.ts';
import { MarketRecorder } from '../storage/tables/market-recorder.ts';
import { keyOf } from '../storage/tables/table-rows.ts';
import { BarScreen } from './bar-screen.ts';
import { resumeEarlierRun } from './earlier-run.ts';
import { saveCheckpoint, takeCheckpoint } from './engine-checkpoint.ts';
import { lockFolder } from './folder-lock.ts';
import { openPaperJournal, openReplayJournal } from './journal-of-day.ts';
import { NO_REPLAY } from './no-replay.ts';
import { openStore } from './open-store.ts';
import { replayingSource } from './replaying-source.ts';
import type { FeedKeys } from './setup/feed-keys.ts';
import type { SetupDesk } from './setup/setup-desk.ts';
import { simulatedSource } from './simulated-source.ts';
import type { TerminalSource } from './source-port.ts';
import { StatusPublisher } from './status-publisher.ts';
import { StoreKeeper } from './store-keeper.ts';
import { terminalCommands } from './terminal-commands.ts';
import type { TerminalPort } from './terminal-port.ts';
import { createTradeLoop } from './trade-loop.ts';
import { TradeScreen } from './trade-screen.ts';
import { BackfillRequests } from './venues/backfill-requests.ts';
import { startInformation } from './venues/information.ts';
import { pastOutlet } from './venues/past-outlet.ts';
import { venueSource } from './venues/venue-source.ts';
import { VERSION } from './version.ts';

export interface TerminalOptions {
  readonly settings: Settings;
  /** Why the terminal must not be armed with these settings, with the way out; undefined = it may. */
  readonly held: string | undefined;
  /** Keys of the venues. */
  readonly keys: FeedKeys;
  /** Answers commands about settings and keys. */
  readonly setup: SetupDesk;
  /** Folder for journal, checkpoint, captures and database. */
  readonly folder: string;
  /** File to replay instead of the live source. */
  readonly replay?: string | undefined;
  /** Times that the supervisor restarted this engine. */
  readonly restarts: number;
  /** Random name of this run. */
  readonly engineId: string;
}

export interface Terminal extends TerminalPort {
  /** Stops source and timers, writes what waits, closes files. */
  close(): Promise<void>;
}

const STATUS_MS = 200;
/** Engine state is a convenience of restarts; what must not be lost is in the journal. */
const CHECKPOINT_MS = 5_000;
const BARS_KEPT = 1_500;
const PRUNE_MS = 6 * 60 * 60 * 1_000;
/** A checkpoint older than this is not gone on with: the market of its moment is gone. */
const CHECKPOINT_AGE_US = 10 * 60 * 1_000_000;

/**
 * Builds a running terminal: engine with its stages, trade loop, topics, source. The one place where the rooms of main/
 * meet; every host (browser, Electron, tests) runs this.
 */
export async function createTerminal(options: TerminalOptions): Promise<Terminal> {
  const { settings, folder } = options;
  const replaying = options.replay !== undefined;
  const simulated = settings.source.kind === 'simulated';
  // Prices that were made up and prices of a venue never meet in one account.
  const account = simulated ? 'paper' : 'paper-live';
  const release = replaying ? async () => undefined : await lockFolder(folder);
  const clock = new LiveClock();
  const engine = new Engine({ continuity: 'live' });
  const board = new TopicBoard();
  const views = new MarketView(engine, {
    staleAfterUs: settings.risk.staleAfterMs * 1000,
    alwaysOpen: !replaying && simulated,
  });
  let journalFault: string | undefined;
  const watched = {
    position: () => ({ input: engine.inputSequence, atUs: engine.nowUs }),
    onFault: (words: string | undefined) => {
      journalFault = words;
      if (words !== undefined) board.announce('fault', words, engine.nowUs);
    },
  };
  const journals = simulated ? join(folder, 'journal') : join(folder, 'journal', 'live');
  const opened = replaying
    ? await openReplayJournal(journals, options.engineId, watched)
    : await openPaperJournal(journals, new Date(clock.nowUs() / 1000).toISOString().slice(0, 10), watched);
  const { journal, entries } = opened;
  const tell = (words: string) => board.announce('caution', words, engine.nowUs);
  const store = openStore(
    { url: settings.store.url, folder, alone: !replaying, environment: process.env },
    { runId: options.engineId, account, onNotice: tell },
  );
  const keeper = replaying ? undefined : new StoreKeeper(engine, store, tell);
  const screen = new TradeScreen(engine, board, keeper === undefined ? [] : [keeper]);
  const barScreen = new BarScreen(board, BARS_KEPT);
  const recorder = new MarketRecorder(store, engine, settings.store);
  const bars = new MinuteBars(engine.scheduler, {
    onBar: (market, bar, closed) => {
      barScreen.onBar(market, bar, closed);
      if (!replaying) recorder.onBar(market, bar, closed);
    },
  });

  engine.addStage(new FeatureStage(views));
  engine.addStage(bars);
  if (!replaying) engine.addStage(recorder);
  let ownTime = () => true;
  const lags = new LagThread({ atOnce: () => ownTime(), onFault: tell });
  const loop = createTradeLoop(engine, settings, journal, screen, {
    calculator: lags,
    told: ({ linkId }) => {
      const tracker = loop.signals.trackers().find(({ link }) => link.id === linkId);
      if (tracker !== undefined) keeper?.link(tracker);
    },
  });
  engine.addStage(
    bookkeeping((instrument) => journal.append('market', instrument), loop.desk.onTradeDate.bind(loop.desk), engine),
  );
  engine.addStage(views);

  // What a run with another source had in hand is nothing to continue from.
  const continuity = `${VERSION} ${JSON.stringify(simulated ? settings.source : settings.feeds)}`;
  const checkpointPath = join(folder, 'state', simulated ? 'engine.checkpoint' : 'live.checkpoint');
  const checkpoint = replaying
    ? undefined
    : await takeCheckpoint(checkpointPath, continuity, clock.nowUs(), CHECKPOINT_AGE_US);
  const notice = replaying
    ? ''
    : resumeEarlierRun({
        engine,
        loop,
        screen,
        journal,
        entries,
        checkpoint,
        nowUs: clock.nowUs(),
        restarts: options.restarts,
      });

  const backfills = new BackfillRequests(board);
  const past = pastOutlet({
    engine,
    board,
    backfills,
    folder,
    record: settings.capture.record,
    bars: (market, filled) =>
      store.bars(barScreen.fill(market, filled).map((bar) => ({ ...bar, market: market.index }))),
  });
  const processing = new LatencyHistogram();
  const source: TerminalSource = replaying
    ? await replayingSource({ file: options.replay!, engine, clock, board, loop })
    : simulated
      ? simulatedSource({ engine, clock, settings, processing, board, folder, resume: checkpoint?.source })
      : venueSource({ engine, clock, settings, keys: options.keys, processing, board, folder, past });
  ownTime = () => source.standing() !== undefined;
  const information = replaying
    ? undefined
    : startInformation({
        settings,
        keys: options.keys,
        store,
        clock,
        random: new Random(clock.nowUs()),
        folder,
        board,
      });
  const status = new StatusPublisher({
    engine,
    board,
    clock,
    staleAfterUs: settings.risk.staleAfterMs * 1000,
    trackers: loop.signals.trackers(),
    hops: [{ name: 'receive to features', histogram: processing }],
    oldestInputUs: () => source.oldestInputUs(),
    storage: (): HealthState['storage'] =>
      journalFault === undefined ? store.state : { ok: false, words: journalFault },
    capture: () => source.capture(),
    feeds: () => source.feeds(),
    information: () => information?.lights() ?? [],
    alwaysOpen: source.simulated,
    standing: () => source.standing(),
  });
  board.setRecord('terminal', {
    id: 'terminal',
    mode: replaying ? 'REPLAY' : source.simulated ? 'SIMULATED' : 'PAPER',
    paper: true,
    version: VERSION,
    startedUs: clock.nowUs(),
    restarts: options.restarts,
    notice: [options.held, notice].filter((words) => words !== undefined && words !== '').join(' '),
    linkId: DEFAULT_LINKS[0]!.id,
    marketIndex: null,
    source: source.name,
    presetLots: settings.proposal.sizePresetsLots,
  });
  board.setRecord('replay', source.replay() ?? NO_REPLAY);
  loop.desk.open();
  const startedUs = clock.nowUs();
  const noteRun = (endedUs: number | null) => {
    if (replaying) return;
    const mode = source.simulated ? 'SIMULATED' : 'PAPER';
    // The health bar says why the store takes nothing; a run that is missing there is in the journal.
    store.session({ startedUs, endedUs, mode, source: source.name, version: VERSION }).catch(() => undefined);
  };
  noteRun(null);
  const prune = () => {
    // What cannot be removed now is tried again; the health bar says why the store does nothing.
    store.prune(settings.store.keepDays, clock.nowUs()).then(
      (words) => words !== '' && tell(words),
      () => undefined,
    );
  };

  const publish = () => {
    status.publish();
    screen.publishAccount(loop.book, loop.risk);
    loop.desk.showGates();
    barScreen.publishOpen(engine.markets, bars, engine.nowUs);
    board.setRecord('replay', source.replay() ?? NO_REPLAY);
  };
  publish();
  const cancels: Cancel[] = [everyMs(STATUS_MS, publish)];
  let saving: Promise<void> = Promise.resolve();
  const save = () => {
    const state = { version: continuity, savedUs: clock.nowUs(), engine: engine.snapshot(), source: source.snapshot() };
    saving = saving
      .then(() => saveCheckpoint(checkpointPath, state))
      .catch((error: Error) => tell(`State could not be saved (${error.message}); a restart would start afresh.`));
  };
  await source.start();
  publish();
  if (checkpoint !== undefined) {
    for (const market of engine.markets) {
      // Not waited for: after a crash the trader needs prices and orders first, the chart's past comes when it comes.
      store.latestBars(keyOf(market.instrument), BARS_KEPT).then(
        (bars) => barScreen.recall(market, bars),
        () => undefined,
      );
    }
  }
  if (!replaying) {
    save();
    cancels.push(everyMs(CHECKPOINT_MS, save), everyMs(PRUNE_MS, prune, { unref: true }));
    prune();
  }

  return {
    board,
    views,
    engine,
    command: terminalCommands({
      engine,
      board,
      store,
      source,
      journal,
      loop,
      setup: options.setup,
      held: options.held,
      backfills,
    }),
    engineId: options.engineId,
    close: async () => {
      for (const cancel of cancels) cancel();
      await source.stop();
      // All that has come is in the engine now: what a start in order goes on from.
      if (!replaying) save();
      await information?.stop();
      await lags.close();
      await saving;
      await opened.close();
      noteRun(clock.nowUs());
      // A store that could not write all of its rows says so here; the folder is free all the same.
      await store.close().finally(release);
    },
  };
}

/** A stage that only keeps the books in order: new markets into the journal, trade dates to the desk. */
function bookkeeping(
  onInstrument: (instrument: Instrument) => void,
  onTradeDate: (tradeDate: string) => void,
  engine: Engine,
): MarketStage {
  return {
    name: 'bookkeeping',
    onMarket: (market) => onInstrument(market.instrument),
    onTradeDate: (market) => onTradeDate(engine.session(market, market.tsEventUs).tradeDate),
    snapshot: () => undefined,
    restore: () => undefined,
  };
}
