import { useEffect, useRef, useState } from 'react';
import type { MarketRow } from '../../shared/contract/topics.ts';
import type { Gate, Proposal } from '../../shared/trading.ts';
import { frameLoop } from '../drawing/page-frame-loop.ts';
import { terminal } from '../engine/page-terminal.ts';
import { resultText } from '../format/money-text.ts';
import { pipsText } from '../format/price-text.ts';
import { runAction } from '../keys/actions.ts';
import { chordText } from '../keys/keymap.ts';
import { useKeymap } from '../keys/keymap-store.ts';
import { type TicketField, useScreen } from '../stores/screen-store.ts';
import { useSelection } from '../stores/selection.ts';
import { PriceText } from './live-price.tsx';
import { LiveText } from './live-text.tsx';
import { StateIcon } from './state-icon.tsx';

/** Every number that the trader sees before pressing Enter. */
export function TicketProposal({
  proposal,
  market,
  armed,
}: {
  readonly proposal: Proposal;
  readonly market: MarketRow;
  readonly armed: boolean;
}) {
  const confirmKey = useKeymap(({ keymap }) => chordText(keymap.confirm));
  const dismissKey = useKeymap(({ keymap }) => chordText(keymap.escape));
  const failed = proposal.gates.filter((gate) => !gate.passed);
  return (
    <div className="proposal" data-side={proposal.side}>
      <div className="proposal-title">
        <b className={proposal.side === 'buy' ? 'bid' : 'ask'}>{proposal.side === 'buy' ? 'BUY' : 'SELL'}</b>
        <span className="strong">{market.label}</span>
        <span className="quiet">{proposal.type === 'market' ? 'at market' : 'limit'}</span>
        <span className="quiet origin">{proposal.origin === 'signal' ? 'signal' : 'by key'}</span>
        <Lots proposal={proposal} />
      </div>
      <Expiry proposal={proposal} />
      <Elsewhere market={market} />
      {proposal.opensLots === 0 ? (
        <Closing proposal={proposal} market={market} />
      ) : (
        <Opening proposal={proposal} market={market} />
      )}
      <div className="proposal-why scroll">
        {failed.length > 0 && (
          <ul className="gates" aria-label="Gates that fail">
            {failed.map((gate) => (
              <GateLine key={gate.name} gate={gate} />
            ))}
          </ul>
        )}
        <ul className="reasons-list">
          {proposal.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
        <PassedGates gates={proposal.gates} />
      </div>
      <div className="confirm-row">
        <button
          type="button"
          className={`confirm ${proposal.side}`}
          data-ready={armed && failed.length === 0}
          onClick={() => runAction('confirm', null)}
        >
          {proposal.words} <kbd>{confirmKey}</kbd>
        </button>
        <button type="button" className="dismiss" onClick={() => runAction('escape', null)}>
          Dismiss <kbd>{dismissKey}</kbd>
        </button>
      </div>
    </div>
  );
}

interface Offer {
  readonly proposal: Proposal;
  readonly market: MarketRow;
}

/** Prices of what would be opened, and what it may cost and bring. */
function Opening({ proposal, market }: Offer) {
  return (
    <>
      <div className="fields">
        <PriceField field="entry" label="Entry" proposal={proposal} market={market} />
        <PriceField field="stop" label="Stop" proposal={proposal} market={market} />
        <PriceField field="target" label="Target" proposal={proposal} market={market} />
      </div>
      <dl className="figures">
        <div>
          <dt>Risk {proposal.currency}</dt>
          <dd>{resultText(-proposal.riskMinor, proposal.currency)}</dd>
        </div>
        <div>
          <dt>Reward {proposal.currency}</dt>
          <dd>{resultText(proposal.rewardMinor, proposal.currency)}</dd>
        </div>
        <div>
          <dt>R:R</dt>
          <dd>{proposal.rewardToRisk.toFixed(1)}</dd>
        </div>
        <div>
          <dt>Edge pips</dt>
          <dd>{proposal.netEdgePips === null ? '—' : proposal.netEdgePips.toFixed(1)}</dd>
        </div>
      </dl>
    </>
  );
}

/** A ticket that only closes has a price to go out at: stop, target and risk would be of a deal that is never opened. */
function Closing({ proposal, market }: Offer) {
  return (
    <div className="fields closing">
      <div className="price-field">
        <span className="quiet">Exit, about</span>
        <PriceText ticks={proposal.entryTicks} style={market} />
      </div>
      <p>Closes {proposal.closesLots} and opens nothing. Stops and targets of what it closes go with it.</p>
    </div>
  );
}

/** Says that the ticket trades something else than what the other panes show, and which key brings it there. */
function Elsewhere({ market }: { readonly market: MarketRow }) {
  const { execution, signal, watchOnly } = useSelection();
  const shown = watchOnly ? signal : execution;
  const key = useKeymap(({ keymap }) => chordText(keymap.nextLink));
  if (!shown || shown.index === market.index) return null;
  return (
    <p className="elsewhere">
      <StateIcon tone="caution" /> The other panes show {shown.label}, not {market.label}. <kbd>{key}</kbd> goes to the
      next.
    </p>
  );
}

/** One price that can have the focus and be moved by ticks. */
function PriceField({
  field,
  label,
  proposal,
  market,
}: {
  readonly field: TicketField;
  readonly label: string;
  readonly proposal: Proposal;
  readonly market: MarketRow;
}) {
  const focused = useScreen((state) => state.field === field);
  const ticks = proposal[`${field}Ticks`];
  const away = (ticks - proposal.entryTicks) * (proposal.side === 'buy' ? 1 : -1);
  return (
    <div
      className="price-field"
      role="spinbutton"
      tabIndex={0}
      aria-label={`${label} price`}
      aria-valuenow={ticks}
      aria-valuetext={String((ticks * market.tickNano) / 1e9)}
      data-chosen={focused}
      onFocus={() => useScreen.setState({ field })}
    >
      <span className="quiet">{label}</span>
      <PriceText ticks={ticks} style={market} />
      <span className="distance">{field === 'entry' ? '' : pipsText(away, market)}</span>
    </div>
  );
}

/** Lots as a text field: presets 1 to 5 change it too. Enter and leaving it take what was typed, Esc forgets it. */
function Lots({ proposal }: { readonly proposal: Proposal }) {
  const [typed, setTyped] = useState<string | null>(null);
  const forgotten = useRef(false);
  const commit = (): void => {
    const lots = Number(typed);
    if (forgotten.current) forgotten.current = false;
    else if (typed !== null && Number.isInteger(lots) && lots > 0 && lots !== proposal.lots) {
      void terminal.command('setLots', { ticketId: proposal.id, revision: proposal.revision, lots });
    }
    setTyped(null);
  };
  return (
    <label className="lots-field">
      <input
        type="text"
        inputMode="numeric"
        aria-label="Lots"
        data-ends="itself"
        value={typed ?? String(proposal.lots)}
        onChange={(event) => setTyped(event.target.value.replace(/\D/g, '').slice(0, 6))}
        onKeyDown={(event) => {
          if (event.code !== 'Escape' && event.code !== 'Enter' && event.code !== 'NumpadEnter') return;
          forgotten.current = event.code === 'Escape';
          event.currentTarget.blur();
        }}
        onBlur={commit}
      />
      <span className="quiet">lots</span>
    </label>
  );
}

/** A quiet bar that runs out with the proposal. */
function Expiry({ proposal }: { readonly proposal: Proposal }) {
  const bar = useRef<HTMLDivElement>(null);
  const left = (): number => proposal.expiresUs - terminal.replica.clock.nowUs(performance.now());
  useEffect(() => {
    const element = bar.current;
    if (!element) return;
    const life = Math.max(1, proposal.expiresUs - proposal.createdUs);
    let shown = -1;
    return frameLoop.add({
      element,
      draw: () => {
        const remaining = proposal.expiresUs - terminal.replica.clock.nowUs(performance.now());
        const share = Math.round(Math.max(0, Math.min(1, remaining / life)) * 400) / 400;
        if (share === shown) return false;
        shown = share;
        element.style.transform = `scaleX(${share})`;
        return true;
      },
    });
  }, [proposal.createdUs, proposal.expiresUs]);
  return (
    <div className="expiry">
      <div className="expiry-track">
        <div className="expiry-bar" ref={bar} />
      </div>
      <LiveText className="expiry-time" read={() => `${Math.max(0, left() / 1e6).toFixed(1)} s`} />
    </div>
  );
}

/** Gates that pass, counted; their words show where there is room, else under the pointer or the focus. */
function PassedGates({ gates }: { readonly gates: readonly Gate[] }) {
  const passed = gates.filter((gate) => gate.passed);
  return (
    <section className="gates passed" aria-label="Gates">
      <button type="button" aria-describedby="gates-that-pass">
        {passed.length} of {gates.length} gates pass
      </button>
      <ul id="gates-that-pass">
        {passed.map((gate) => (
          <GateLine key={gate.name} gate={gate} />
        ))}
      </ul>
    </section>
  );
}

function GateLine({ gate }: { readonly gate: Gate }) {
  return (
    <li data-passed={gate.passed}>
      <span className="gate-sign">{gate.passed ? 'pass' : 'FAIL'}</span>
      <span className="gate-name">{gate.name}</span>
      <span className="gate-words">{gate.words}</span>
    </li>
  );
}
