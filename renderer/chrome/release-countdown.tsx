import { useEffect, useRef } from 'react';
import { frameLoop } from '../drawing/page-frame-loop.ts';
import { terminal } from '../engine/page-terminal.ts';
import { zonesText } from '../format/time-text.ts';
import { StateIcon } from '../panes/state-icon.tsx';
import { currentSelection } from '../stores/selection.ts';
import { useTables } from '../stores/tables-store.ts';
import { currenciesOf, releaseWords } from './next-release.ts';

const UNKNOWN = 'No events of the next 48 hours are known. Import a calendar, or enable InsightSentry in the settings.';

/** The next release of high impact for the pair in hand, with the time left. Written past React, as all that runs with time. */
export function ReleaseCountdown() {
  const box = useRef<HTMLDivElement>(null);
  const what = useRef<HTMLSpanElement>(null);
  const left = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element || !what.current || !left.current) return;
    const [whatText, leftText] = [what.current, left.current];
    let shown = '';
    return frameLoop.add({
      element,
      draw: () => {
        const { signal, execution } = currentSelection();
        const nowUs = terminal.replica.clock.nowUs(performance.now());
        const words = releaseWords(useTables.getState().calendar, currenciesOf(signal, execution), nowUs);
        const key = `${words.what} ${words.left}`;
        if (key === shown) return false;
        shown = key;
        whatText.textContent = words.what;
        leftText.textContent = words.left;
        element.dataset['soon'] = String(words.soon);
        element.title = words.atUs > 0 ? `${words.what}, ${zonesText(words.atUs)}` : UNKNOWN;
        return true;
      },
    });
  }, []);
  return (
    <div className="next-release" ref={box}>
      <StateIcon tone="caution" />
      <span className="quiet" ref={what} />
      <span className="figure" ref={left} />
    </div>
  );
}
