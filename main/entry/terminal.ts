import { join } from 'node:path';
import type { CommandName, CommandParams } from '../../shared/contract/messages.ts';
import type { HealthState } from '../../shared/contract/topics.ts';
import type { Instrument } from '../../shared/instruments.ts';
import { DEFAULT_LINKS } from '../../shared/links.ts';
import type { Settings } from '../../shared/settings.ts';
import { sessionAt } from '../core/calendar/session-calendar.ts';
import { LiveClock } from '../core/clock/live-clock.ts';
import { type Cancel, everyMs } from '../core/clock/wall-timer.ts';
import { Engine } from '../core/engine.ts';
import { JournalFile } from '../core/journal/journal-file.ts';
import { LatencyHistogram } from '../core/latency-histogram.ts';
import type { MarketStage } from '../core/ports.ts';
import { CommandRefusal } from '../core/publisher/command-refusal.ts';
import { MarketView } from '../core/publisher/market-view.ts';
import { TopicBoard } from '../core/publisher/topic-board.ts';
import type { TradeCommand } from '../execution/trading-desk.ts';
import { FeatureStage } from '../features/feature-stage.ts';
import { MinuteBars } from '../features/minute-bars.ts';
import { MarketRecorder } from '../storage/market-recorder.ts';
import { SqliteStore } from '../storage/sqlite-store.ts';
import { BarScreen } from './bar-screen.ts';
import { storePath } from './data-folder.ts';
import { saveCheckpoint, takeCheckpoint } from './engine-checkpoint.ts';
import { lockFolder } from './folder-lock.ts';
import { liveSource } from './live-source.ts';
import { replayingSource } from './replaying-source.ts';
import type { TerminalSource } from './source-port.ts';
import { StatusPublisher } from './status-publisher.ts';
import { StoreKeeper } from './store-keeper.ts';
import type { TerminalPort } from './terminal-port.ts';
import { createTradeLoop } from './trade-loop.ts';
import { TradeScreen } from './trade-screen.ts';
import { VERSION } from './version.ts';

export interface TerminalOptions {
  readonly settings: Settings;
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
/** A checkpoint older than this is not gone on with: the market of its moment is gone. */
const CHECKPOINT_AGE_US = 10 * 60 * 1_000_000;

/**
 * Builds a running terminal: engine with its stages, trade loop, topics, source. The one place where the rooms of main/
 * meet; every host (browser, Electron, tests) runs this.
 */
export async function createTerminal(options: TerminalOptions): Promise<Terminal> {
  const { settings, folder } = options;
  const replaying = options.replay !== undefined;
  const release = replaying ? async () => undefined : await lockFolder(folder);
  const clock = new LiveClock();
  const engine = new Engine({ continuity: 'live' });
  const board = new TopicBoard();
  const views = new MarketView(engine, {
    staleAfterUs: settings.risk.staleAfterMs * 1000,
    alwaysOpen: !replaying,
  });
  let journalFault: string | undefined;
  const { journal, entries } = await JournalFile.open({
    path: join(folder, 'journal', replaying ? 'replay.journal' : 'paper.journal'),
    position: () => ({ input: engine.inputSequence, atUs: engine.nowUs }),
    onFault: (words) => {
      journalFault = words;
      if (words !== undefined) board.announce('fault', words, engine.nowUs);
    },
  });
  const tell = (words: string) => board.announce('caution', words, engine.nowUs);
  const store = new SqliteStore({
    path: storePath(folder),
    runId: options.engineId,
    account: 'paper',
    onNotice: tell,
  });
  const screen = new TradeScreen(engine, board, replaying ? [] : [new StoreKeeper(engine, store, tell)]);
  const barScreen = new BarScreen(board, BARS_KEPT);
  const recorder = new MarketRecorder(store, 'simulated');
  const bars = new MinuteBars(engine.scheduler, {
    onBar: (market, bar, closed) => {
      barScreen.onBar(market, bar, closed);
      if (!replaying) recorder.onBar(market, bar, closed);
    },
  });

  engine.addStage(new FeatureStage(views));
  engine.addStage(bars);
  if (!replaying) engine.addStage(recorder);
  const loop = createTradeLoop(engine, settings, journal, screen);
  engine.addStage(
    bookkeeping((instrument) => journal.append('market', instrument), loop.desk.onTradeDate.bind(loop.desk), engine),
  );
  engine.addStage(views);

  const checkpointPath = join(folder, 'state', 'engine.checkpoint');
  const checkpoint = replaying
    ? undefined
    : await takeCheckpoint(checkpointPath, VERSION, clock.nowUs(), CHECKPOINT_AGE_US);
  if (checkpoint !== undefined) engine.restore(checkpoint.engine as Parameters<Engine['restore']>[0]);
  let notice = '';
  if (!replaying) {
    for (const instrument of marketsOf(entries)) engine.addMarket(instrument);
    const { working } = loop.recover(entries);
    loop.desk.onTradeDate(sessionAt('cme-globex-fx', clock.nowUs()).tradeDate);
    notice = noticeOf(
      loop.book.openDeals().filter((deal) => deal.stopTicks !== null).length,
      working.length,
      options.restarts,
    );
    for (const market of engine.markets) engine.gap(market, 'restart');
    journal.append('checkpoint', {
      account: loop.book.snapshot(),
      intents: working,
      markets: engine.markets.map((market) => market.instrument),
    });
    for (const order of loop.book.workingEntries()) screen.order(order);
    for (const deal of loop.book.openDeals()) screen.deal(deal);
  }

  const processing = new LatencyHistogram();
  const source: TerminalSource = replaying
    ? await replayingSource({ file: options.replay!, engine, clock, board, loop })
    : liveSource({ engine, clock, settings, processing, board, folder, resume: checkpoint?.source });
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
    alwaysOpen: true,
    standing: () => source.standing(),
  });
  board.setRecord('terminal', {
    id: 'terminal',
    mode: replaying ? 'REPLAY' : 'SIMULATED',
    paper: true,
    version: VERSION,
    startedUs: clock.nowUs(),
    restarts: options.restarts,
    notice,
    linkId: DEFAULT_LINKS[0]!.id,
    source: source.name,
  });
  board.setRecord('replay', source.replay());
  loop.desk.open();

  const publish = () => {
    status.publish();
    screen.publishAccount(loop.book, loop.risk);
    barScreen.publishOpen(engine.markets, bars);
    board.setRecord('replay', source.replay());
  };
  publish();
  const cancels: Cancel[] = [everyMs(STATUS_MS, publish)];
  let saving: Promise<void> = Promise.resolve();
  const save = () => {
    const state = { version: VERSION, savedUs: clock.nowUs(), engine: engine.snapshot(), source: source.snapshot() };
    saving = saving
      .then(() => saveCheckpoint(checkpointPath, state))
      .catch((error: Error) => tell(`State could not be saved (${error.message}); a restart would start afresh.`));
  };
  await source.start();
  publish();
  if (!replaying) {
    save();
    cancels.push(everyMs(CHECKPOINT_MS, save));
  }

  const command = async <N extends CommandName>(name: N, params: CommandParams<N>): Promise<unknown> => {
    engine.arrive(source.commandTimeUs());
    switch (name) {
      case 'selectLink':
        return selectLink(board, (params as CommandParams<'selectLink'>).linkId);
      case 'loadWorkspace':
        return {
          layout: (await store.settingGet(`workspace:${(params as CommandParams<'loadWorkspace'>).name}`)) ?? null,
        };
      case 'saveWorkspace': {
        const { name: workspace, layout } = params as CommandParams<'saveWorkspace'>;
        await store.settingPut(`workspace:${workspace}`, layout);
        return { words: 'Workspace saved.' };
      }
      default:
        break;
    }
    if (name.startsWith('replay'))
      return source.control(name, params as { speed?: number; events?: number; toUs?: number });
    const untradable = name === 'confirm' || name === 'stage' ? source.untradable() : undefined;
    if (untradable !== undefined) throw new CommandRefusal('not-now', untradable);
    journal.append('command', { name, params });
    const answer = loop.desk.command(name as TradeCommand, params as never);
    if ('refused' in answer) throw new CommandRefusal('refused', answer.refused);
    return answer;
  };

  return {
    board,
    views,
    engine,
    command,
    engineId: options.engineId,
    close: async () => {
      for (const cancel of cancels) cancel();
      await source.stop();
      await saving;
      await journal.close();
      await store.close();
      await release();
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

/** Instruments in the order in which their markets came, so that market numbers in orders keep their meaning. */
function marketsOf(entries: readonly { readonly type: string; readonly data: unknown }[]): readonly Instrument[] {
  const from = entries.findLastIndex((entry) => entry.type === 'checkpoint');
  const kept = from < 0 ? [] : (entries[from]!.data as { markets: readonly Instrument[] }).markets;
  const later = entries.slice(from + 1).filter((entry) => entry.type === 'market');
  return [...kept, ...later.map((entry) => entry.data as Instrument)];
}

function noticeOf(protectedDeals: number, working: number, restarts: number): string {
  if (protectedDeals === 0 && working === 0) return restarts > 0 ? 'The engine was restarted. It is disarmed.' : '';
  const deals = `${protectedDeals} open ${protectedDeals === 1 ? 'deal has its stop' : 'deals have their stops'} held by the paper broker`;
  const entries = working > 0 ? `, ${working} working ${working === 1 ? 'entry' : 'entries'}` : '';
  return `The engine was restarted and is disarmed: ${deals}${entries}.`;
}

function selectLink(board: TopicBoard, linkId: string): { readonly words: string } {
  if (!DEFAULT_LINKS.some((link) => link.id === linkId))
    throw new CommandRefusal('invalid', `There is no link ${linkId}.`);
  board.patchRecord('terminal', { linkId });
  return { words: linkId };
}
