import { useEffect, useRef } from 'react';
import { StateIcon } from '../panes/state-icon.tsx';
import { type Notice, type NoticeKind, useNotices } from '../stores/refusal-store.ts';
import { useScreen } from '../stores/screen-store.ts';

type Tone = Parameters<typeof StateIcon>[0]['tone'];

const TONES: Readonly<Record<NoticeKind, Tone>> = {
  order: 'quiet',
  info: 'quiet',
  refusal: 'caution',
  caution: 'caution',
  fault: 'fault',
};

/**
 * Short sentences over the upper edge of the panes, spoken by assistive technology as well; faults at once. Rendered after
 * the dialogs, so that a dialog that opens is below it: a rejection must be seen over the settings too.
 */
export function RefusalStrip() {
  const notices = useNotices((state) => state.notices);
  const dialog = useScreen((state) => state.dialog);
  const strip = useRef<HTMLDivElement>(null);
  const fault = notices.some(({ kind }) => kind === 'fault');
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shown last lies on top, so it is shown again with every dialog
  useEffect(() => {
    strip.current?.hidePopover();
    strip.current?.showPopover();
  }, [dialog]);
  return (
    <div
      ref={strip}
      popover="manual"
      aria-live={fault ? 'assertive' : 'polite'}
      role="status"
      className="refusal-words"
      data-shown={notices.length > 0}
    >
      {notices.map((notice) => (
        <Line key={notice.id} notice={notice} />
      ))}
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
