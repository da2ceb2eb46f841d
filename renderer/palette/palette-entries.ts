import type { MarketRow } from '../../shared/contract/topics.ts';
import type { DealRow } from '../../shared/trading.ts';
import { terminal } from '../engine/page-terminal.ts';
import { REPLAY_SPEEDS, speedText } from '../format/replay-speeds.ts';
import { choose, runAction } from '../keys/actions.ts';
import { ACTIONS, chordText, type Keymap } from '../keys/keymap.ts';
import { useRecords } from '../stores/records-store.ts';
import { choices } from '../stores/selection.ts';
import { useTables } from '../stores/tables-store.ts';
import { PANES, type PaneId } from '../workspace/default-layout.ts';
import { arrange, popOut, showPane } from '../workspace/workspace-store.ts';

/** One line of the command palette. */
export interface PaletteEntry {
  readonly label: string;
  readonly hint: string;
  /** Whether it adds risk and so needs an armed terminal. */
  readonly risk: boolean;
  readonly run: () => void;
}

/** Everything that can be done, also what has no key of its own. */
export function paletteEntries(keymap: Keymap): PaletteEntry[] {
  const { links, deals, markets, backfills } = useTables.getState();
  const actions = ACTIONS.filter(({ id }) => id !== 'palette' && id !== 'press').map(({ id, label, risk }) => ({
    label,
    hint: chordText(keymap[id]),
    risk: risk === 'risk',
    run: () => runAction(id, null),
  }));
  const panes = Object.entries(PANES).flatMap(([id, name]) => [
    plain(`Show ${name}`, () => showPane(id as PaneId)),
    plain(`Open ${name} in a window of its own`, () => void popOut(id as PaneId)),
  ]);
  const instruments = choices({ links, markets }).map((choice) =>
    plain(`Instrument ${choice.label}`, () => choose(choice)),
  );
  const positions = deals.filter((deal) => deal.state === 'open').flatMap((deal) => dealEntries(deal, markets));
  const requests = backfills.map(({ id, words }) =>
    plain(`Fetch ${words}`, () => void terminal.command('confirmBackfill', { id })),
  );
  const speeds = useRecords.getState().replay?.active ? REPLAY_SPEEDS : [];
  return [
    ...actions,
    ...speeds.map((speed) =>
      plain(`Replay: speed ${speedText(speed)}`, () => void terminal.command('replaySpeed', { speed })),
    ),
    ...requests,
    ...positions,
    ...instruments,
    ...panes,
    plain('Arrange panes as delivered', arrange),
  ];
}

function dealEntries(deal: DealRow, markets: readonly MarketRow[]): PaletteEntry[] {
  const label = `${deal.id} ${deal.side === 'buy' ? 'long' : 'short'} ${deal.lots} ${markets.find((m) => m.index === deal.market)?.label ?? ''}`;
  const remove = (which: 'stop' | 'target') =>
    plain(`Remove ${which} of ${label}`, () => void terminal.command('removeProtection', { dealId: deal.id, which }));
  return [
    plain(`Close ${label}`, () => void terminal.command('closeDeal', { dealId: deal.id })),
    ...(deal.stopTicks === null ? [] : [remove('stop')]),
    ...(deal.targetTicks === null ? [] : [remove('target')]),
  ];
}

function plain(label: string, run: () => void): PaletteEntry {
  return { label, hint: '', risk: false, run };
}
