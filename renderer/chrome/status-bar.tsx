import { useEffect, useState } from 'react';
import type { TerminalState } from '../../shared/contract/topics.ts';
import { terminal } from '../engine/page-terminal.ts';
import { countdownText } from '../format/quantity-text.ts';
import { clockText, zonesText } from '../format/time-text.ts';
import { runAction } from '../keys/actions.ts';
import { LiveText } from '../panes/live-text.tsx';
import { StateIcon } from '../panes/state-icon.tsx';
import { useConnection } from '../stores/connection-store.ts';
import { useRecords } from '../stores/records-store.ts';
import { useScreen } from '../stores/screen-store.ts';
import { useSelection } from '../stores/selection.ts';
import { ReleaseCountdown } from './release-countdown.tsx';
import { SessionRibbon } from './session-ribbon.tsx';

const nowUs = (): number => terminal.replica.clock.nowUs(performance.now());

/** What is running and whether it can trade: the first place that the eye goes to. */
export function StatusBar() {
  const state = useRecords((records) => records.terminal);
  const account = useRecords((records) => records.account);
  const armed = useRecords((records) => records.ticket?.armed ?? false);
  const phase = useConnection((connection) => connection.phase);
  const workspace = useScreen((screen) => screen.workspace);
  const { signal, execution, link, watchOnly } = useSelection();
  const mode = state?.mode ?? '';
  const away = phase !== 'connected';
  const arm = away ? 'AWAY' : account?.locked ? 'LOCKED' : armed ? 'ARMED' : 'DISARMED';
  return (
    <header className="status-bar" data-mode={mode} data-away={away}>
      <div className="mode-word">
        <b>{away ? 'ENGINE AWAY' : mode}</b>
        {state && !away && <span>{state.paper ? 'paper account' : 'live account'}</span>}
      </div>
      <button type="button" className="link-name" title={state?.source} onClick={() => runAction('nextLink', null)}>
        <b>{signal?.label ?? '—'}</b>
        {watchOnly ? (
          <span className="quiet">watched only</span>
        ) : (
          <>
            <svg viewBox="0 0 6 10" aria-hidden="true">
              <path d="M1 1l4 4-4 4Z" fill="currentColor" />
            </svg>
            <b>{execution?.label ?? '—'}</b>
          </>
        )}
        {link?.inverted && <span className="quiet">inverted</span>}
      </button>
      {signal && <SessionRibbon session={signal.session} />}
      {signal && signal.session.changesUs > 0 && (
        <div className="next-event" title={zonesText(signal.session.changesUs)}>
          <span className="quiet">{signal.session.phase === 'open' ? 'closes in' : 'opens in'}</span>
          <LiveText className="figure" read={() => countdownText(signal.session.changesUs - nowUs())} />
        </div>
      )}
      {state && mode !== 'REPLAY' && <ReleaseCountdown />}
      {state && <RestartNotice state={state} armed={armed} />}
      <div className="spacer" />
      <div className="account-name">
        <span>{account?.name}</span>
      </div>
      <div className="workspace-name quiet">Workspace {workspace}</div>
      <div
        className="clock"
        onPointerEnter={(event) => {
          event.currentTarget.title = zonesText(nowUs());
        }}
      >
        <LiveText className="figure" read={() => clockText(nowUs())} />
      </div>
      <div className="armed-state" data-armed={armed && !away} data-locked={account?.locked ?? false}>
        <b>{arm}</b>
      </div>
    </header>
  );
}

/** What a restart left behind, until the trader arms: then he has read it, and it would say "disarmed" beside ARMED. */
function RestartNotice({ state, armed }: { readonly state: TerminalState; readonly armed: boolean }) {
  const { notice, restarts } = state;
  const key = `${restarts} ${notice}`;
  const [read, setRead] = useState('');
  useEffect(() => {
    if (armed) setRead(key);
  }, [armed, key]);
  if (notice === '' || read === key) return null;
  return (
    <div className="notice-words" title={notice}>
      <StateIcon tone="caution" />
      <span>{notice}</span>
    </div>
  );
}
