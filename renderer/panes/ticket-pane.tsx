import { useLayoutEffect } from 'react';
import type { TicketState } from '../../shared/trading.ts';
import { runAction } from '../keys/actions.ts';
import { chordText } from '../keys/keymap.ts';
import { useKeymap } from '../keys/keymap-store.ts';
import { useConnection } from '../stores/connection-store.ts';
import { useRecords } from '../stores/records-store.ts';
import { paintTicket, useScreen } from '../stores/screen-store.ts';
import { marketAt, useSelection, watchOnlyWords } from '../stores/selection.ts';
import { useTables } from '../stores/tables-store.ts';
import { PaneFrame } from './pane-frame.tsx';
import { TicketProposal } from './ticket-proposal.tsx';

const SIZES = ['size1', 'size2', 'size3', 'size4', 'size5'] as const;

/** The one ticket under the trader's finger, and whether confirming it would do anything. */
export function TicketPane() {
  const ticket = useRecords((state) => state.ticket);
  const account = useRecords((state) => state.account);
  const { execution, signal, watchOnly } = useSelection();
  const markets = useTables((state) => state.markets);
  const active = ticket?.active ?? null;
  useLayoutEffect(() => {
    paintTicket(active?.id ?? null, active?.revision ?? 0);
  }, [active?.id, active?.revision]);
  // A market order has no entry to move, so that the arrows begin at the stop.
  const first = active?.type === 'limit' ? 'entry' : 'stop';
  useLayoutEffect(() => {
    if (active?.id !== undefined) useScreen.setState({ field: first });
  }, [active?.id, first]);
  // Only leaving the screen forgets it: a ticket that the trader revised has not just appeared.
  useLayoutEffect(() => () => paintTicket(null, 0), []);
  const market = active ? marketAt(markets, active.market) : execution;
  const waiting = ticket?.waiting;
  return (
    <PaneFrame name="Ticket" market={watchOnly ? null : execution} waitsFor="the market that is traded" keeps>
      <div className="ticket" data-armed={ticket?.armed ?? false}>
        {ticket && <ArmRow ticket={ticket} locked={account?.locked ?? false} reason={account?.lockReason ?? ''} />}
        {active && market ? (
          <TicketProposal key={active.id} proposal={active} market={market} armed={ticket?.armed ?? false} />
        ) : watchOnly ? (
          <p className="empty">{watchOnlyWords(signal)}</p>
        ) : (
          <EmptyTicket label={execution?.label ?? ''} preset={ticket?.sizePreset ?? 1} />
        )}
        {waiting && (
          <div className="ticket-waiting">
            <span className="quiet">Waits beside</span> <span>{waiting.words}</span>
            <span className="quiet">
              {waiting.netEdgePips === null ? '' : `edge ${waiting.netEdgePips.toFixed(1)} pips`}
            </span>
          </div>
        )}
      </div>
    </PaneFrame>
  );
}

function ArmRow({
  ticket,
  locked,
  reason,
}: {
  readonly ticket: TicketState;
  readonly locked: boolean;
  readonly reason: string;
}) {
  const key = useKeymap(({ keymap }) => chordText(keymap.arm));
  const away = useConnection((state) => state.phase !== 'connected');
  const armed = ticket.armed && !away;
  const word = away ? 'ENGINE AWAY' : locked ? 'LOCKED' : armed ? 'ARMED' : 'DISARMED';
  const words = away
    ? 'nothing is sent'
    : locked
      ? reason || 'for the day'
      : armed
        ? 'Enter sends orders'
        : 'nothing is sent';
  return (
    <div className="arm-row" data-armed={armed} data-locked={locked}>
      <b>{word}</b>
      <span>{words}</span>
      {!locked && (
        <button type="button" onClick={() => runAction('arm', null)}>
          {ticket.armed ? 'Disarm' : 'Arm'} <kbd>{key}</kbd>
        </button>
      )}
    </div>
  );
}

/** Before there is a proposal: what can be staged, and of what size that would be. */
function EmptyTicket({ label, preset }: { readonly label: string; readonly preset: number }) {
  const keymap = useKeymap((state) => state.keymap);
  const presetLots = useRecords((state) => state.terminal?.presetLots);
  return (
    <div className="ticket-empty">
      <p className="empty">No proposal. A signal brings one, or stage one by key.</p>
      <div className="stage-buttons">
        <button type="button" className="buy" onClick={() => runAction('buyMarket', null)}>
          Stage buy {label} <kbd>{chordText(keymap.buyMarket)}</kbd>
        </button>
        <button type="button" className="sell" onClick={() => runAction('sellMarket', null)}>
          Stage sell {label} <kbd>{chordText(keymap.sellMarket)}</kbd>
        </button>
      </div>
      <fieldset className="presets" aria-label="Lots of what is staged by key">
        <span className="quiet">Lots by key</span>
        {SIZES.map((action, i) => (
          <button type="button" key={action} aria-pressed={preset === i + 1} onClick={() => runAction(action, null)}>
            <kbd>{chordText(keymap[action])}</kbd> {presetLots?.[i]}
          </button>
        ))}
      </fieldset>
    </div>
  );
}
