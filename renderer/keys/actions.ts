import type { CommandName, CommandParams } from '../../shared/contract/messages.ts';
import type { Proposal } from '../../shared/trading.ts';
import { SECOND_US } from '../../shared/units.ts';
import { groupingOf } from '../drawing/page-groupings.ts';
import type { RowGrouping } from '../drawing/row-grouping.ts';
import { terminal } from '../engine/page-terminal.ts';
import { useRecords } from '../stores/records-store.ts';
import { dropRefusal, notify } from '../stores/refusal-store.ts';
import { openDialog, paintedTicket, type TicketField, useScreen } from '../stores/screen-store.ts';
import { type Choice, choiceAfter, currentSelection, watchOnlyWords } from '../stores/selection.ts';
import { useTables } from '../stores/tables-store.ts';
import { openWorkspace } from '../workspace/workspace-store.ts';
import type { ActionId } from './keymap.ts';
import { seekReplay, useSeek } from './replay-seek.ts';

/** Enter is deaf for this long after a proposal appears; the engine enforces the same. */
const DEAF_MS = 300;

/** The ticket follows the answer to a staging within this. */
const TICKET_FOLLOWS_MS = 1_000;

/** Stagings that the engine has not answered yet: until then Enter would be for what was on the ticket before. */
let staging = 0;
/** The trader's own proposal of which he was told, on Enter, that it only waits beside the ticket. */
let toldBeside = '';

type Handler = (event: KeyboardEvent | null) => void;

const size =
  (preset: number): Handler =>
  () =>
    tell('sizePreset', { preset });
const nudge =
  (ticks: number): Handler =>
  () =>
    nudgeField(useScreen.getState().field, ticks);
const workspace =
  (name: string): Handler =>
  () =>
    void openWorkspace(name);

/** What every action does. One place for keys, palette and buttons. */
const HANDLERS: Readonly<Record<ActionId, Handler>> = {
  confirm: (event) => confirm(event?.repeat ?? false),
  escape: () => dismissOrCancel(),
  buyMarket: () => stage('buy', 'market'),
  sellMarket: () => stage('sell', 'market'),
  buyBid: () => stage('buy', 'limit'),
  sellAsk: () => stage('sell', 'limit'),
  reverse: () => stageReversal(),
  size1: size(1),
  size2: size(2),
  size3: size(3),
  size4: size(4),
  size5: size(5),
  nudgeUp: nudge(1),
  nudgeDown: nudge(-1),
  nudgeUp5: nudge(5),
  nudgeDown5: nudge(-5),
  stopCloser: () => move('stop', -1),
  stopWider: () => move('stop', 1),
  targetCloser: () => move('target', -1),
  targetWider: () => move('target', 1),
  flatten: () => flattenHere(),
  flattenAll: () => tell('flatten', {}),
  cancelAll: () => tell('cancelEntries', {}),
  breakEven: () => withExecution((market) => tell('breakEven', { market })),
  lockDay: () => openDialog('lock'),
  arm: () => void terminal.command('arm', { armed: !(useRecords.getState().ticket?.armed ?? false) }),
  recentre: () => useScreen.setState((state) => ({ recentre: state.recentre + 1 })),
  coarserRows: () => regroup((rows) => rows.coarser()),
  finerRows: () => regroup((rows) => rows.finer()),
  adaptRows: () => regroup((rows) => rows.adapt()),
  nextLink: () => nextInstrument(),
  settings: () => openDialog('settings'),
  health: () => openDialog('health'),
  palette: () => openDialog('palette'),
  cheatSheet: () => openDialog('cheat-sheet'),
  press: (event) => pressFocused(event),
  replayToggle: () => forward((playing) => void terminal.command(playing ? 'replayPause' : 'replayPlay', {})),
  replayBack: () =>
    replay((_playing, nowUs, startUs) => {
      void seekReplay(Math.max(startUs, (useSeek.getState().toUs ?? nowUs) - SECOND_US));
    }),
  replayStep: () => forward(() => void terminal.command('replayStep', { events: 1 })),
  workspace1: workspace('1'),
  workspace2: workspace('2'),
  workspace3: workspace('3'),
  workspace4: workspace('4'),
  workspace5: workspace('5'),
  workspace6: workspace('6'),
  workspace7: workspace('7'),
  workspace8: workspace('8'),
  workspace9: workspace('9'),
};

/** Runs an action; `event` is null when it was clicked or chosen in the palette. */
export function runAction(id: ActionId, event: KeyboardEvent | null): void {
  dropRefusal();
  HANDLERS[id](event);
}

/** Confirms the ticket as it is painted; a held key, a hidden ticket and the first moments after it appeared refuse. */
function confirm(heldKey: boolean): void {
  if (heldKey) return;
  const ticket = paintedTicket();
  if (!ticket) {
    const hidden = useRecords.getState().ticket?.active != null;
    notify(
      'refusal',
      hidden ? 'The ticket is not on screen; open its pane to confirm.' : 'There is no proposal to confirm.',
    );
    return;
  }
  if (staging > 0) {
    notify('refusal', 'What you staged is not on the ticket yet; look, then confirm.');
    return;
  }
  const beside = ownBeside();
  if (beside && beside.waiting.id !== toldBeside) {
    toldBeside = beside.waiting.id;
    notify('refusal', `Not sent. ${besideWords(beside)} Confirm again to send that, or dismiss it.`);
    return;
  }
  if (performance.now() - ticket.appearedMs < DEAF_MS) {
    notify('refusal', 'This proposal has only just appeared; read it, then press Enter.');
    return;
  }
  void terminal.command('confirm', { ticketId: ticket.ticketId, revision: ticket.revision, heldKey });
}

/** What the trader staged while a proposal of a signal had the ticket: his own waits beside it. */
function ownBeside(): { readonly active: Proposal; readonly waiting: Proposal } | undefined {
  const { active, waiting } = useRecords.getState().ticket ?? {};
  return active?.origin === 'signal' && waiting?.origin === 'manual' ? { active, waiting } : undefined;
}

function besideWords({ active, waiting }: { readonly active: Proposal; readonly waiting: Proposal }): string {
  return `The ticket holds "${active.words}" of a signal; your "${waiting.words}" waits beside it.`;
}

function dismissOrCancel(): void {
  const active = useRecords.getState().ticket?.active;
  if (active) {
    void terminal.command('dismiss', { ticketId: active.id });
    return;
  }
  withExecution((market) => tell('cancelEntries', { market }));
}

function stage(side: 'buy' | 'sell', type: 'market' | 'limit'): void {
  const { link, signal, watchOnly } = currentSelection();
  if (link) void sendStage({ linkId: link.id, side, type });
  else notify('refusal', watchOnly ? watchOnlyWords(signal) : 'No instrument yet; nothing was staged.');
}

async function sendStage(params: CommandParams<'stage'>): Promise<void> {
  staging++;
  await terminal.command('stage', params);
  staging--;
  // The ticket as it is now may come a moment after the answer.
  const tellOnce = (): void => {
    const beside = ownBeside();
    if (!beside) return;
    stop();
    notify('refusal', besideWords(beside));
  };
  const stop = useRecords.subscribe(tellOnce);
  tellOnce();
  window.setTimeout(stop, TICKET_FOLLOWS_MS);
}

/** Stages what closes the position in hand and opens one on the other side, of the size that is chosen. */
function stageReversal(): void {
  const { link, execution } = currentSelection();
  const open = useTables
    .getState()
    .deals.filter(({ market, state }) => market === execution?.index && state === 'open');
  const net = open.reduce((sum, { side, lots }) => sum + (side === 'buy' ? lots : -lots), 0);
  if (!link || net === 0) {
    notify('refusal', 'There is no open position here to reverse.');
    return;
  }
  void sendStage({ linkId: link.id, side: net > 0 ? 'sell' : 'buy', type: 'market', reverse: true });
}

/** Sends a command and tells what the engine answers: much of it changes nothing on screen at once, and some never. */
async function tellAnswer<N extends CommandName>(name: N, params: CommandParams<N>): Promise<void> {
  const answer = await terminal.command(name, params);
  const words = answer.ok ? (answer.value as { readonly words?: string } | null)?.words : undefined;
  if (words) notify('info', words);
}

function tell<N extends CommandName>(name: N, params: CommandParams<N>): void {
  void tellAnswer(name, params);
}

/** Moves a price of the active ticket by ticks up (+) or down (−). */
function nudgeField(field: TicketField, ticks: number): void {
  const active = useRecords.getState().ticket?.active;
  if (!active) {
    notify('refusal', 'There is no proposal to change.');
    return;
  }
  if (active.opensLots === 0) {
    notify('refusal', 'This ticket only closes, at market: it has no price to move.');
    return;
  }
  void terminal.command('nudge', { ticketId: active.id, revision: active.revision, field, ticks });
}

/** Moves stop or target away from (+) or towards (−) the entry, whichever side that is. */
function move(field: 'stop' | 'target', away: 1 | -1): void {
  const side = useRecords.getState().ticket?.active?.side;
  const below = (field === 'stop') === (side === 'buy');
  nudgeField(field, below ? -away : away);
}

function flattenHere(): void {
  withExecution((market) => tell('flatten', { market }));
}

function withExecution(act: (market: number) => void): void {
  const { execution, signal, watchOnly } = currentSelection();
  if (execution) act(execution.index);
  else notify('refusal', watchOnly ? watchOnlyWords(signal) : 'No instrument yet; nothing was sent.');
}

/** Changes what a row of the watched market stands for. */
function regroup(change: (rows: RowGrouping) => void): void {
  const { signal } = currentSelection();
  if (signal) change(groupingOf(signal));
}

function nextInstrument(): void {
  const next = choiceAfter(currentSelection(), useTables.getState());
  if (next) choose(next);
}

/** Takes a link or a market under hand. */
export function choose(choice: Choice): void {
  if ('linkId' in choice) void terminal.command('selectLink', { linkId: choice.linkId });
  else void terminal.command('selectMarket', { market: choice.market });
}

function replay(act: (playing: boolean, nowUs: number, startUs: number) => void): void {
  const state = useRecords.getState().replay;
  if (state?.active) act(state.playing, state.nowUs, state.startUs);
  else notify('refusal', 'Nothing is being replayed.');
}

/** What goes on from where a replay stands; at its end there is nothing to go on with. */
function forward(act: (playing: boolean) => void): void {
  replay((playing) => {
    if (useRecords.getState().replay?.finished) notify('refusal', 'The recording is at its end; go back to play on.');
    else act(playing);
  });
}

function pressFocused(event: KeyboardEvent | null): void {
  const focused = (event?.target as HTMLElement | null)?.ownerDocument.activeElement as HTMLElement | null;
  if (focused && focused.tagName !== 'BODY') focused.click();
}
