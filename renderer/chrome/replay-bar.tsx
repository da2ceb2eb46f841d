import { useState } from 'react';
import type { ReplayState } from '../../shared/contract/topics.ts';
import { SECOND_US } from '../../shared/units.ts';
import { terminal } from '../engine/page-terminal.ts';
import { REPLAY_SPEEDS, speedText } from '../format/replay-speeds.ts';
import { clockText, preciseClockText, zonesText } from '../format/time-text.ts';
import { runAction } from '../keys/actions.ts';
import { chordText } from '../keys/keymap.ts';
import { useKeymap } from '../keys/keymap-store.ts';
import { seekReplay, useSeek } from '../keys/replay-seek.ts';
import { useRecords } from '../stores/records-store.ts';

/** Least steps of the slider, so that it can also be moved over a recording of few seconds. */
const STEPS = 100;

/** Play, pause, step, speed and seek of the recording that is being replayed. */
export function ReplayBar() {
  const replay = useRecords((state) => state.replay);
  if (!replay?.active) return null;
  return <Controls replay={replay} />;
}

function Controls({ replay }: { readonly replay: ReplayState }) {
  const keymap = useKeymap((state) => state.keymap);
  const [dragged, setDragged] = useState<number | null>(null);
  const seekUs = useSeek((state) => state.toUs);
  const at = dragged ?? seekUs ?? replay.nowUs;
  const commit = (): void => {
    if (dragged === null) return;
    void seekReplay(dragged);
    setDragged(null);
  };
  return (
    <section className="replay-bar" aria-label="Replay">
      <b>REPLAY</b>
      <button type="button" onClick={() => runAction('replayBack', null)}>
        Back 1 s <kbd>{chordText(keymap.replayBack)}</kbd>
      </button>
      <button type="button" className="play" onClick={() => runAction('replayToggle', null)}>
        {replay.playing ? 'Pause' : 'Play'} <kbd>{chordText(keymap.replayToggle)}</kbd>
      </button>
      <button type="button" disabled={replay.playing} onClick={() => runAction('replayStep', null)}>
        Step <kbd>{chordText(keymap.replayStep)}</kbd>
      </button>
      <label className="speed">
        <span className="quiet">Speed</span>
        <select
          value={replay.speed}
          onChange={(event) => void terminal.command('replaySpeed', { speed: Number(event.target.value) })}
        >
          {REPLAY_SPEEDS.map((speed) => (
            <option key={speed} value={speed}>
              {speedText(speed)}
            </option>
          ))}
        </select>
      </label>
      <span className="figure" title={zonesText(replay.startUs)}>
        {clockText(replay.startUs)}
      </span>
      <input
        type="range"
        aria-label="Time of the replay"
        aria-valuetext={clockText(at)}
        min={replay.startUs}
        max={replay.endUs}
        step={Math.min(SECOND_US, (replay.endUs - replay.startUs) / STEPS)}
        value={at}
        onChange={(event) => setDragged(Number(event.target.value))}
        onPointerUp={commit}
        onKeyUp={commit}
      />
      <span className="figure" title={zonesText(replay.endUs)}>
        {clockText(replay.endUs)}
      </span>
      <b className="figure now" title={zonesText(at)}>
        {preciseClockText(at)}
      </b>
      <span className="quiet file">
        {seekUs === null ? '' : 'on its way · '}
        {replay.finished && 'at the end · '}
        {replay.file}
      </span>
    </section>
  );
}
