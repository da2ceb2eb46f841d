import type { VenueLight } from '../../shared/contract/topics.ts';
import { terminal } from '../engine/page-terminal.ts';
import { compact, durationText } from '../format/quantity-text.ts';
import { LiveText } from '../panes/live-text.tsx';
import { StateIcon } from '../panes/state-icon.tsx';
import { useConnection } from '../stores/connection-store.ts';
import { useRecords } from '../stores/records-store.ts';

const SLOW_FRAME_MS = 50;

/** How the machine is: data ages, latencies, load, storage, and whether the screen itself keeps up. */
export function HealthBar() {
  const health = useRecords((state) => state.health);
  const source = useRecords((state) => state.terminal?.source);
  const gaps = useConnection((state) => state.sequenceGaps);
  const away = useConnection((state) => state.phase !== 'connected');
  return (
    <section className="health-bar" aria-label="Health" data-away={away}>
      {away && (
        <span className="health-item fault">
          <StateIcon tone="fault" /> as last heard
        </span>
      )}
      {health?.venues.map((venue) => (
        <Venue key={venue.name} venue={venue} />
      ))}
      <span className="hops">
        {health?.hops.map((hop) => (
          <span className="health-item" key={hop.name} title="p50 / p99 of the last 10 to 20 seconds">
            <i>{hop.name}</i>
            <span className="figure wide">
              {hop.p50Us === null || hop.p99Us === null
                ? '—'
                : `${durationText(hop.p50Us)} / ${durationText(hop.p99Us)}`}
            </span>
          </span>
        ))}
      </span>
      {health && (
        <>
          <span className="health-item">
            <i>events/s</i>
            <span className="figure">{compact(health.eventsPerSecond)}</span>
          </span>
          <span className={`health-item ${health.behindUs > 0 ? 'caution' : ''}`}>
            <i>behind</i>
            <span className="figure">{health.behindUs > 0 ? durationText(health.behindUs) : 'no'}</span>
          </span>
          <span className={`health-item ${health.gaps + gaps > 0 ? 'caution' : ''}`}>
            <i>gaps</i>
            <span className="figure short">{health.gaps + gaps}</span>
          </span>
          <Part name="store" part={health.storage} />
          <Part name="capture" part={health.capture} />
        </>
      )}
      <span className="health-item screen">
        <i>screen</i>
        <LiveText className="figure wide" read={screenText} classOf={screenClass} />
      </span>
      <div className="spacer" />
      <span className="source">
        <span className="health-item quiet">{source}</span>
      </span>
    </section>
  );
}

function Venue({ venue }: { readonly venue: VenueLight }) {
  const tone =
    venue.state === 'live' ? 'quiet' : venue.state === 'gap' || venue.state === 'error' ? 'fault' : 'caution';
  return (
    <span className={`health-item venue tone-${tone}`} title={venue.words}>
      <span className="light" data-state={venue.state} aria-hidden="true" />
      <StateIcon tone={tone} />
      <b>{venue.name}</b>
      {venue.ageUs !== null && <span className="figure">{durationText(venue.ageUs)}</span>}
      {venue.state !== 'live' && <span>{venue.label}</span>}
    </span>
  );
}

function Part({
  name,
  part,
}: {
  readonly name: string;
  readonly part: { readonly ok: boolean; readonly words: string };
}) {
  return (
    <span className={`health-item ${part.ok ? '' : 'fault worded'}`} title={part.words}>
      {!part.ok && <StateIcon tone="fault" />}
      <i>{name}</i>
      <span>{part.ok ? 'ok' : part.words.replace(`${name}: `, '')}</span>
    </span>
  );
}

let lookedMs = 0;
let frames = 0;
let text = '—';
let slow = false;

/** Frames per second and the worst script time of late, looked at once a second; late frames are said, not hidden. */
function screenText(): string {
  const now = performance.now();
  if (now - lookedMs < 1_000) return text;
  const { metrics } = terminal;
  const rate = ((metrics.framesTaken - frames) * 1000) / (now - lookedMs);
  const script = metrics.recentWorst(60);
  const late = metrics.takeLongTasks();
  frames = metrics.framesTaken;
  lookedMs = now;
  slow = script > SLOW_FRAME_MS || late > 0;
  text = `${Math.round(rate)} fps ${script.toFixed(1)} ms${late > 0 ? ` · ${late} late` : ''}`;
  return text;
}

function screenClass(): string {
  return slow ? 'caution' : '';
}
