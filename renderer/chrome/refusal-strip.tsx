import { StateIcon } from '../panes/state-icon.tsx';
import { type Notice, type NoticeKind, useNotices } from '../stores/refusal-store.ts';

type Tone = Parameters<typeof StateIcon>[0]['tone'];

const TONES: Readonly<Record<NoticeKind, Tone>> = {
  order: 'quiet',
  info: 'quiet',
  refusal: 'caution',
  caution: 'caution',
  fault: 'fault',
};

/** Short sentences over the upper edge of the panes, spoken by assistive technology as well; faults at once. */
export function RefusalStrip() {
  const notices = useNotices((state) => state.notices);
  const fault = notices.some(({ kind }) => kind === 'fault');
  return (
    <div className="refusal-strip" data-shown={notices.length > 0}>
      <div aria-live={fault ? 'assertive' : 'polite'} role="status" className="refusal-words">
        {notices.map((notice) => (
          <Line key={notice.id} notice={notice} />
        ))}
      </div>
    </div>
  );
}

function Line({ notice: { kind, words } }: { readonly notice: Notice }) {
  const tone = TONES[kind];
  return (
    <span className={`tone-${tone}`}>
      <StateIcon tone={tone} /> {words}
    </span>
  );
}
