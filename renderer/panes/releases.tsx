import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { currenciesOf } from '../chrome/next-release.ts';
import { frameLoop } from '../drawing/page-frame-loop.ts';
import { terminal } from '../engine/page-terminal.ts';
import { clockText, dateText, zonesText } from '../format/time-text.ts';
import { useSelection } from '../stores/selection.ts';
import { useTables } from '../stores/tables-store.ts';
import { ImpactMark } from './impact-mark.tsx';
import { type NewsFeed, noReleasesWords } from './news-state.ts';
import { type ReleaseDay, type ReleaseLine, releaseDays, releaseStep } from './release-days.ts';
import { StateIcon } from './state-icon.tsx';

/** Time between two looks at what the time changed, ms. */
const LOOK_MS = 250;
const COLUMNS = 8;

/** The releases of today and tomorrow; the first that is to come stays in sight unless the trader looks elsewhere. */
export function Releases({ feed }: { readonly feed: NewsFeed }) {
  const events = useTables((state) => state.calendar);
  const { signal, execution } = useSelection();
  const currencies = useMemo(() => currenciesOf(signal, execution), [signal, execution]);
  const box = useRef<HTMLElement>(null);
  const nowUs = useSteppedTime(box, (atUs) => releaseStep(events, currencies, atUs));
  const days = useMemo(() => (nowUs === 0 ? [] : releaseDays(events, currencies, nowUs)), [events, currencies, nowUs]);
  const first = days.flatMap(({ lines }) => lines).find(({ phase }) => phase !== 'past')?.event.id;
  useEffect(() => {
    const element = box.current;
    if (first === undefined || !element) return;
    // Behind another tab there is nothing to scroll yet: told again when the pane gets its size.
    const sized = new ResizeObserver(() => showFrom(element, first));
    sized.observe(element);
    return () => sized.disconnect();
  }, [first]);
  const none = days.every(({ lines }) => lines.length === 0);
  return (
    <section className="scroll releases-box" aria-label="Releases" ref={box}>
      {none ? (
        <p className="empty">{noReleasesWords(feed)}</p>
      ) : (
        <table className="rows releases">
          <thead>
            <tr>
              <th className="mark" aria-label="Mark" />
              <th>Time</th>
              <th>Cur.</th>
              <th>Impact</th>
              <th className="what">Release</th>
              <th className="num">Forecast</th>
              <th className="num before">Previous</th>
              <th className="num">Actual</th>
            </tr>
          </thead>
          {days.map((day) => (
            <Day key={day.name} day={day} own={currencies} />
          ))}
        </table>
      )}
    </section>
  );
}

function Day({ day, own }: { readonly day: ReleaseDay; readonly own: readonly string[] }) {
  return (
    <tbody>
      <tr className="day">
        <th colSpan={COLUMNS} scope="rowgroup">
          {day.name} <i>{dateText(day.startUs)}</i>
          {day.lines.length === 0 && <i> · no releases</i>}
        </th>
      </tr>
      {day.lines.map(({ event, phase, next }) => (
        <Release
          key={event.id}
          event={event}
          phase={phase}
          next={next}
          own={event.currency !== null && own.includes(event.currency)}
        />
      ))}
    </tbody>
  );
}

const PHASE_WORDS = { past: '', now: 'now', soon: 'within 10 minutes', later: '' } as const;

const Release = memo(function Release({ event, phase, next, own }: ReleaseLine & { readonly own: boolean }) {
  const { title, country, source, forecast, previous, actual } = event;
  const urgent = event.impact === 'high' && (phase === 'soon' || phase === 'now');
  const words = [next ? 'next of high impact' : '', PHASE_WORDS[phase]].filter((word) => word !== '').join(', ');
  const told = `forecast ${forecast ?? '—'}, previous ${previous ?? '—'}, actual ${actual ?? '—'}`;
  return (
    <tr
      data-id={event.id}
      data-phase={phase}
      data-urgent={urgent}
      data-next={next}
      title={[title, country, words, told, source].filter((part) => part !== null && part !== '').join(' · ')}
    >
      <td className="mark">
        <span className="aside">{words}</span>
        {urgent ? <StateIcon tone="caution" /> : next && <NextMark />}
      </td>
      <td title={zonesText(event.atUs)}>{clockText(event.atUs).slice(0, 5)}</td>
      <td className={own ? 'strong' : 'quiet'}>{event.currency ?? '—'}</td>
      <td>
        <ImpactMark impact={event.impact} />
      </td>
      <td className="what">{title}</td>
      <td className="num">{forecast ?? '—'}</td>
      <td className="num before">{previous ?? '—'}</td>
      <td className="num actual">{actual ?? '—'}</td>
    </tr>
  );
});

function NextMark() {
  return (
    <svg className="next-mark" viewBox="0 0 12 12" aria-hidden="true">
      <path d="M2 1 10 6 2 11Z" fill="currentColor" />
    </svg>
  );
}

/** Brings a release under the table's head, with the one before it; not while pointer or focus are there. */
function showFrom(box: HTMLElement, id: string): void {
  if (box.matches(':hover, :focus, :focus-within')) return;
  const row = [...box.querySelectorAll<HTMLElement>('tr[data-id]')].find(({ dataset }) => dataset['id'] === id);
  const head = box.querySelector('thead');
  if (row && head) box.scrollTop = Math.max(0, row.offsetTop - head.offsetHeight - row.offsetHeight);
}

/** Engine time at which what `step` says of it changed last; 0 before the engine has told its time. */
function useSteppedTime(box: React.RefObject<HTMLElement | null>, step: (nowUs: number) => string): number {
  const [nowUs, setNowUs] = useState(0);
  const latest = useRef(step);
  latest.current = step;
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let lookedMs = Number.NEGATIVE_INFINITY;
    let shown = '';
    return frameLoop.add({
      element,
      draw: (frameMs) => {
        if (frameMs - lookedMs < LOOK_MS) return false;
        lookedMs = frameMs;
        const atUs = terminal.replica.clock.nowUs(frameMs);
        const now = atUs === 0 ? '' : latest.current(atUs);
        if (now === shown) return false;
        shown = now;
        setNowUs(atUs);
        return true;
      },
    });
  }, [box]);
  return nowUs;
}
