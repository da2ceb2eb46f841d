import { memo, useMemo } from 'react';
import type { NewsItem } from '../../shared/economic-calendar.ts';
import { terminal } from '../engine/page-terminal.ts';
import { ageText, zonesText } from '../format/time-text.ts';
import { useTables } from '../stores/tables-store.ts';
import { LiveText } from './live-text.tsx';
import { type NewsFeed, noHeadlinesWords } from './news-state.ts';

const SHOWN = 60;

/** The latest headlines. They are text: nothing here opens a page. */
export function Headlines({ feed, simulated }: { readonly feed: NewsFeed; readonly simulated: boolean }) {
  const news = useTables((state) => state.news);
  const calendar = useTables((state) => state.calendar.length > 0);
  const shown = useMemo(() => [...news].sort((a, b) => b.atUs - a.atUs).slice(0, SHOWN), [news]);
  return (
    <section className="headlines-box" aria-label="Headlines">
      <h3 className="news-head">
        Headlines
        {simulated && (calendar || shown.length > 0) && <i>real, beside a simulated market</i>}
      </h3>
      {shown.length === 0 ? (
        <p className="empty">{noHeadlinesWords(feed)}</p>
      ) : (
        <ul className="scroll headlines" aria-label="Headlines, newest first">
          {shown.map((item) => (
            <Headline key={item.id} item={item} />
          ))}
        </ul>
      )}
    </section>
  );
}

const Headline = memo(function Headline({ item }: { readonly item: NewsItem }) {
  const { atUs, title, source, symbols, link, sentiment } = item;
  return (
    <li
      title={[title, symbols.join(' '), zonesText(atUs), link]
        .filter((part) => part !== null && part !== '')
        .join('\n')}
    >
      <LiveText className="age" read={() => ageText(terminal.replica.clock.nowUs(performance.now()) - atUs)} />
      <span className="source">{source ?? 'no source'}</span>
      <span className="title">{title}</span>
      <span className="symbols">{symbols.length === 0 ? 'no symbols' : symbols.join(' ')}</span>
      <span className="sentiment" title="Sentiment">
        {sentimentWords(sentiment)}
      </span>
    </li>
  );
});

/** The supplier's score with the word that says whose it is; nothing is made up where there is none. */
function sentimentWords(sentiment: NewsItem['sentiment']): string {
  if (sentiment === null) return 'not supplied';
  const { value, label } = sentiment;
  return `${label} ${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}
