import {
  DockviewReact,
  type DockviewTheme,
  type IDockviewHeaderActionsProps,
  type IDockviewPanelHeaderProps,
} from 'dockview-react';
import { useEffect, useState } from 'react';
import { frameLoop } from '../drawing/page-frame-loop.ts';
import { AgentsPane } from '../panes/agents-pane.tsx';
import { ChartPane } from '../panes/chart-pane.tsx';
import { FeaturesPane } from '../panes/features-pane.tsx';
import { HeatmapPane } from '../panes/heatmap-pane.tsx';
import { LadderPane } from '../panes/ladder-pane.tsx';
import { NewsPane } from '../panes/news-pane.tsx';
import { modeMark } from '../panes/pane-state.ts';
import { PositionsPane } from '../panes/positions-pane.tsx';
import { SignalsPane } from '../panes/signals-pane.tsx';
import { TapePane } from '../panes/tape-pane.tsx';
import { TicketPane } from '../panes/ticket-pane.tsx';
import { useRecords } from '../stores/records-store.ts';
import { windowOpened } from '../stores/screen-store.ts';
import type { PaneId } from './default-layout.ts';
import { attachDock, followSize, popOut } from './workspace-store.ts';

const COMPONENTS = {
  ladder: LadderPane,
  tape: TapePane,
  heatmap: HeatmapPane,
  chart: ChartPane,
  features: FeaturesPane,
  ticket: TicketPane,
  agents: AgentsPane,
  positions: PositionsPane,
  signals: SignalsPane,
  news: NewsPane,
} satisfies Record<PaneId, () => React.ReactNode>;

const THEME: DockviewTheme = {
  name: 'fathom',
  className: 'dockview-theme-fathom',
  colorScheme: 'dark',
  tabGroupIndicator: 'none',
};

/** The panes of the workspace, docked. `listen` attaches the terminal's keys to every window that a pane pops out to. */
export function Dock({ listen }: { readonly listen: (target: Window) => () => void }) {
  useEffect(() => {
    window.addEventListener('resize', followSize);
    return () => window.removeEventListener('resize', followSize);
  }, []);
  return (
    <DockviewReact
      className="dock"
      theme={THEME}
      components={COMPONENTS}
      defaultTabComponent={Tab}
      rightHeaderActionsComponent={HeaderActions}
      disableFloatingGroups
      announcements={false}
      scrollbars="native"
      onReady={({ api }) => {
        attachDock(api);
        api.onDidAddPopoutGroup(({ window: opened }) => {
          const stop = listen(opened);
          const forget = windowOpened(opened);
          opened.addEventListener('pagehide', () => {
            stop();
            forget();
          });
          frameLoop.rehome();
        });
        api.onDidLayoutChange(() => frameLoop.rehome());
      }}
    />
  );
}

function Tab({ api }: IDockviewPanelHeaderProps) {
  const [title, setTitle] = useState(api.title);
  useEffect(() => {
    const listener = api.onDidTitleChange((event) => setTitle(event.title));
    return () => listener.dispose();
  }, [api]);
  return <div className="pane-tab">{title}</div>;
}

/** Mark of simulated or replayed data, and the way to a window of its own. */
function HeaderActions({ activePanel, api }: IDockviewHeaderActionsProps) {
  const mark = useRecords((state) => modeMark(state.terminal?.mode));
  const [away, setAway] = useState(api.location.type === 'popout');
  useEffect(() => {
    const listener = api.onDidLocationChange(({ location }) => setAway(location.type === 'popout'));
    return () => listener.dispose();
  }, [api]);
  return (
    <div className="pane-actions">
      {mark !== '' && <span className="mode-mark">{mark}</span>}
      {!away && activePanel && (
        <button
          type="button"
          title="To a window of its own"
          aria-label={`Open ${activePanel.title ?? 'pane'} in a window of its own`}
          onClick={() => void popOut(activePanel.id as PaneId)}
        >
          <svg viewBox="0 0 12 12" aria-hidden="true">
            <path d="M5 2H2v8h8V7M7 2h3v3M10 2 6 6" />
          </svg>
        </button>
      )}
    </div>
  );
}
