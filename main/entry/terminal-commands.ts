import type { CommandName, CommandParams } from '../../shared/contract/messages.ts';
import { DEFAULT_LINKS } from '../../shared/links.ts';
import type { Engine } from '../core/engine.ts';
import { type CommandHandler, CommandRefusal } from '../core/publisher/command-refusal.ts';
import type { TopicBoard } from '../core/publisher/topic-board.ts';
import { type Store, StoreError } from '../core/store-port.ts';
import type { Journal } from '../core/trading-ports.ts';
import type { AccountBook } from '../execution/account-book.ts';
import type { TradeCommand } from '../execution/trading-desk.ts';
import type { SetupDesk } from './setup/setup-desk.ts';
import type { TerminalSource } from './source-port.ts';
import type { TradeLoop } from './trade-loop.ts';
import type { BackfillRequests } from './venues/backfill-requests.ts';

export interface CommandParts {
  readonly engine: Engine;
  readonly board: TopicBoard;
  readonly store: Store;
  readonly source: TerminalSource;
  readonly journal: Journal;
  readonly loop: TradeLoop;
  readonly setup: SetupDesk;
  /** Why the terminal must not be armed, or undefined. */
  readonly held: string | undefined;
  readonly backfills: BackfillRequests;
}

/**
 * Where commands of all clients go: those about screen, replay and settings are answered here, the rest is an input of the
 * trade loop, journalled with its place among the market data. A refusal is thrown with its words.
 */
export function terminalCommands(parts: CommandParts): CommandHandler {
  const { engine, board, store, source, journal, loop, setup, held, backfills } = parts;
  return async <N extends CommandName>(name: N, params: CommandParams<N>): Promise<unknown> => {
    engine.arrive(source.commandTimeUs());
    switch (name) {
      case 'selectLink':
        return selectLink(board, (params as CommandParams<'selectLink'>).linkId);
      case 'selectMarket':
        return selectMarket(engine, board, (params as CommandParams<'selectMarket'>).market);
      case 'settingsRead':
      case 'settingsCheck':
      case 'settingsWrite':
      case 'keySet':
      case 'keyForget':
      case 'testConnection':
        return setup.command(name, params, () => inMarket(loop.book));
      case 'confirmBackfill':
        return backfills.confirm((params as CommandParams<'confirmBackfill'>).id);
      case 'loadWorkspace': {
        const workspace = (params as CommandParams<'loadWorkspace'>).name;
        const layout = await kept('The saved workspace cannot be read', store.settingGet(`workspace:${workspace}`));
        return { layout: layout ?? null };
      }
      case 'saveWorkspace': {
        const { name: workspace, layout } = params as CommandParams<'saveWorkspace'>;
        await kept('The workspace cannot be saved', store.settingPut(`workspace:${workspace}`, layout));
        return { words: 'Workspace saved.' };
      }
      case 'replayPlay':
      case 'replayPause':
      case 'replayStep':
      case 'replaySpeed':
      case 'replaySeek':
        return source.control(name, params as { speed?: number; events?: number; toUs?: number });
      default:
        return trade(name as TradeCommand, params);
    }
  };

  function trade(name: TradeCommand, params: unknown): unknown {
    if (name === 'arm' && held !== undefined && (params as CommandParams<'arm'>).armed) {
      throw new CommandRefusal('not-now', held);
    }
    const untradable = name === 'confirm' || name === 'stage' ? source.untradable() : undefined;
    if (untradable !== undefined) throw new CommandRefusal('not-now', untradable);
    journal.append('command', { name, params });
    const answer = loop.desk.command(name, params as never);
    if ('refused' in answer) throw new CommandRefusal('refused', answer.refused);
    return answer;
  }
}

function selectLink(board: TopicBoard, linkId: string): { readonly words: string } {
  if (!DEFAULT_LINKS.some((link) => link.id === linkId)) {
    throw new CommandRefusal('invalid', `There is no link ${linkId}.`);
  }
  board.patchRecord('terminal', { linkId, marketIndex: null });
  return { words: linkId };
}

function selectMarket(engine: Engine, board: TopicBoard, index: number): { readonly words: string } {
  const market = engine.markets[index];
  if (market === undefined) throw new CommandRefusal('invalid', `There is no market ${index}.`);
  board.patchRecord('terminal', { marketIndex: index });
  return { words: `${market.instrument.label} is watched.` };
}

/** What keeps the trader in the market, or undefined when flat without working orders. */
function inMarket(book: AccountBook): string | undefined {
  const deals = book.openDeals().length;
  const entries = book.workingEntries().length;
  const parts = [
    ...(deals > 0 ? [`${deals} ${deals === 1 ? 'deal is' : 'deals are'} open`] : []),
    ...(entries > 0 ? [`${entries} ${entries === 1 ? 'entry works' : 'entries work'}`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(' and ');
}

/** What the store answers; what it can't do is refused with its words: nothing that was traded is in doubt. */
async function kept<T>(what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof StoreError) throw new CommandRefusal('not-now', `${what} (${error.message})`);
    throw error;
  }
}
