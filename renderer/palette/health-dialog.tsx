import type { VenueLight } from '../../shared/contract/topics.ts';
import { durationText } from '../format/quantity-text.ts';
import { StateIcon } from '../panes/state-icon.tsx';
import { useRecords } from '../stores/records-store.ts';
import { openDialog } from '../stores/screen-store.ts';
import { Dialog } from './dialog.tsx';

/** Everything that the health bar shows by light and figure, in words, for those who read by keyboard. */
export function HealthDialog() {
  const health = useRecords((state) => state.health);
  const source = useRecords((state) => state.terminal?.source);
  return (
    <Dialog label="Health">
      <div className="health-dialog">
        <header>
          <b>Health</b>
          <span className="quiet">{source}</span>
          <button type="button" onClick={() => openDialog(null)}>
            Close
          </button>
        </header>
        <table className="rows">
          <thead>
            <tr>
              <th>Part</th>
              <th>State</th>
              <th className="num">Age</th>
              <th>What it means</th>
            </tr>
          </thead>
          <tbody>
            {health?.venues.map((venue) => (
              <Venue key={venue.name} venue={venue} />
            ))}
            {health && (
              <>
                <Part name="Store" ok={health.storage.ok} words={health.storage.words} />
                <Part name="Capture" ok={health.capture.ok} words={health.capture.words} />
                <Part name="Engine" ok={health.behindUs === 0} words={engineWords(health.behindUs, health.gaps)} />
              </>
            )}
          </tbody>
        </table>
      </div>
    </Dialog>
  );
}

function Venue({ venue }: { readonly venue: VenueLight }) {
  const tone =
    venue.state === 'live' ? 'quiet' : venue.state === 'gap' || venue.state === 'error' ? 'fault' : 'caution';
  return (
    <tr>
      <td className="strong">{venue.name}</td>
      <td className={`tone-${tone}`}>
        <StateIcon tone={tone} /> {venue.label}
      </td>
      <td className="num">{venue.ageUs === null ? '—' : durationText(venue.ageUs)}</td>
      <td className="health-words">{venue.words}</td>
    </tr>
  );
}

function Part({ name, ok, words }: { readonly name: string; readonly ok: boolean; readonly words: string }) {
  return (
    <tr>
      <td className="strong">{name}</td>
      <td className={ok ? 'quiet' : 'tone-fault'}>
        {!ok && <StateIcon tone="fault" />} {ok ? 'ok' : 'fault'}
      </td>
      <td />
      <td className="health-words">{words}</td>
    </tr>
  );
}

function engineWords(behindUs: number, gaps: number): string {
  const pace = behindUs === 0 ? 'keeps up with the data' : `is ${durationText(behindUs)} behind the data`;
  return `${pace}; ${gaps === 0 ? 'no gap since its start' : `${gaps} gaps since its start`}`;
}
