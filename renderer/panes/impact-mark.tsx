import { IMPACTS, type Impact } from '../../shared/economic-calendar.ts';

const WORDS: Readonly<Record<Impact, string>> = { none: '—', low: 'Low', medium: 'Med', high: 'High' };
const FULL: Readonly<Record<Impact, string>> = {
  none: 'No impact told',
  low: 'Low impact',
  medium: 'Medium impact',
  high: 'High impact',
};

/** Impact as bars and a word, so that no colour is needed to tell it. */
export function ImpactMark({ impact }: { readonly impact: Impact }) {
  const bars = IMPACTS.indexOf(impact);
  return (
    <span className="impact" data-impact={impact} title={FULL[impact]}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        {[1, 2, 3].map((bar) => (
          <rect key={bar} x={bar * 4 - 4} y={12 - bar * 4} width="3" height={bar * 4} data-on={bar <= bars} />
        ))}
      </svg>
      {WORDS[impact]}
    </span>
  );
}
