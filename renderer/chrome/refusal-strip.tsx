import { StateIcon } from '../panes/state-icon.tsx';
import { useNotice } from '../stores/refusal-store.ts';

/** One short sentence over the status bar's free space, spoken by assistive technology as well. */
export function RefusalStrip() {
  const notice = useNotice((state) => state.notice);
  const tone =
    notice?.kind === 'fault' ? 'fault' : notice?.kind === 'caution' || notice?.kind === 'refusal' ? 'caution' : 'quiet';
  return (
    <div className="refusal-strip" data-shown={notice !== null} data-kind={notice?.kind}>
      <div aria-live={tone === 'fault' ? 'assertive' : 'polite'} role="status" className={`refusal-words tone-${tone}`}>
        {notice && (
          <span key={notice.id}>
            <StateIcon tone={tone} /> {notice.words}
          </span>
        )}
      </div>
    </div>
  );
}
