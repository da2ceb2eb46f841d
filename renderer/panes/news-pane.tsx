import { useShallow } from 'zustand/react/shallow';
import type { HealthState } from '../../shared/contract/topics.ts';
import { VENDOR_INFO } from '../../shared/vendors.ts';
import { useRecords } from '../stores/records-store.ts';
import { Headlines } from './headlines.tsx';
import { type NewsFeed, newsState } from './news-state.ts';
import { PaneFrame } from './pane-frame.tsx';
import { QuotesStrip } from './quotes-strip.tsx';
import { Releases } from './releases.tsx';

/** What moves markets from outside: the releases of today and tomorrow, headlines, and quotes to look at. */
export function NewsPane() {
  const mode = useRecords((state) => state.terminal?.mode);
  const feed = useRecords(useShallow((state) => newsFeed(state.health)));
  return (
    <PaneFrame name="News" market={null} waitsFor="the engine" own={newsState(mode, feed, ageUs)}>
      <div className="news-box stack">
        <QuotesStrip />
        <div className="news">
          <Releases feed={feed} />
          <Headlines feed={feed} simulated={mode === 'SIMULATED'} />
        </div>
      </div>
    </PaneFrame>
  );
}

const lightOf = (health: HealthState | null) =>
  health?.venues.find(({ name }) => name === VENDOR_INFO.insightsentry.label);

/** The feed without its age, so that the pane is not drawn anew with every second. */
function newsFeed(health: HealthState | null): NewsFeed {
  const light = lightOf(health);
  return light === undefined ? null : { state: light.state, label: light.label, words: light.words };
}

function ageUs(): number {
  return lightOf(useRecords.getState().health)?.ageUs ?? Number.NaN;
}
