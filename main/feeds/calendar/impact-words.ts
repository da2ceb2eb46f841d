import type { Impact } from '../../../shared/economic-calendar.ts';

const WORDS: Readonly<Record<Impact, readonly string[]>> = {
  none: ['none', 'no', 'holiday', 'bank holiday', 'non-economic', 'noneconomic', '0', 'grey', 'gray'],
  low: ['low', 'l', '1', 'yellow', '★', '*', '!', 'minor'],
  medium: ['medium', 'med', 'm', 'moderate', '2', 'orange', '★★', '**', '!!'],
  high: ['high', 'h', '3', 'red', '★★★', '***', '!!!', 'major'],
};

const IMPACT_OF = new Map(
  (Object.keys(WORDS) as Impact[]).flatMap((impact) => WORDS[impact].map((word) => [word, impact] as const)),
);

/** Impact that a calendar's word, figure, colour or row of stars stands for; undefined for one that is not known. */
export function impactOf(text: string): Impact | undefined {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/☆/g, '')
    .replace(/⭐/g, '★')
    .replace(/\s+(impact|importance|volatility)(\s+expected)?$/, '');
  return IMPACT_OF.get(word);
}
