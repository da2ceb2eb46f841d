import type { ReactNode } from 'react';
import type { MarketRow } from '../../shared/contract/topics.ts';
import { terminal } from '../engine/page-terminal.ts';
import { ageText } from '../format/time-text.ts';
import { useConnection } from '../stores/connection-store.ts';
import { LiveText } from './live-text.tsx';
import { type PaneState, paneState } from './pane-state.ts';
import { StateIcon } from './state-icon.tsx';

/**
 * What every pane stands in: it names the state of the pane's data and takes the colour out of what is not live.
 * `market` is null for panes that rest on the engine alone; `keeps` panes show their content in every state, since it
 * holds the way out of a position. `own` is the state of a pane whose data are of no market, while the engine is there.
 */
export function PaneFrame({
  name,
  market,
  waitsFor,
  keeps = false,
  own,
  children,
}: {
  readonly name: string;
  readonly market: MarketRow | null | undefined;
  readonly waitsFor: string;
  readonly keeps?: boolean;
  readonly own?: PaneState;
  readonly children: ReactNode;
}) {
  const connection = useConnection();
  const line = paneState(connection, market, waitsFor);
  const state = own !== undefined && line.kind === 'live' ? own : line;
  const covers = state.covers && !keeps;
  const band = !covers && state.word !== '';
  return (
    <section className="pane" data-pane={name} data-state={state.kind} data-band={band} aria-label={name}>
      <div className="pane-content">{children}</div>
      {covers && <Cover state={state} />}
      {band && <Band state={state} />}
    </section>
  );
}

function Cover({ state }: { readonly state: PaneState }) {
  return (
    <div className={`pane-cover tone-${state.tone}`}>
      <span className="pane-word">
        <StateIcon tone={state.tone} /> {state.word}
      </span>
      <span>{state.words}</span>
    </div>
  );
}

function Band({ state }: { readonly state: PaneState }) {
  return (
    <div className={`pane-band tone-${state.tone}`} role="status">
      <StateIcon tone={state.tone} />
      <span className="pane-word">{state.word}</span>
      {(state.sinceUs !== null || state.sinceMs !== null || state.ageUs !== undefined) && (
        <LiveText read={() => ageText(ageOf(state))} />
      )}
      <span className="pane-words">{state.words}</span>
    </div>
  );
}

function ageOf(state: PaneState): number {
  if (state.ageUs) return state.ageUs();
  const now = performance.now();
  if (state.sinceMs !== null) return (now - state.sinceMs) * 1000;
  return terminal.replica.clock.nowUs(now) - (state.sinceUs ?? 0);
}
