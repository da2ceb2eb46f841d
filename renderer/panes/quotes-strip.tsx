import { memo } from 'react';
import type { WatchedQuote } from '../../shared/watched-quote.ts';
import { terminal } from '../engine/page-terminal.ts';
import { ageText, zonesText } from '../format/time-text.ts';
import { useTables } from '../stores/tables-store.ts';
import { LiveText } from './live-text.tsx';

/** Quotes to look at, in one line; none of them is a price that is traded on. There is no line where none are watched. */
export function QuotesStrip() {
  const quotes = useTables((state) => state.quotes);
  if (quotes.length === 0) return null;
  return (
    <ul className="scroll quotes-strip" aria-label="Quotes to look at, not to trade on">
      {quotes.map((quote) => (
        <Quote key={quote.id} quote={quote} />
      ))}
    </ul>
  );
}

const Quote = memo(function Quote({ quote }: { readonly quote: WatchedQuote }) {
  const { id, last, decimals, changePercent, atUs } = quote;
  const late = lateWords(quote.delaySeconds);
  const told = atUs === null ? 'no price yet' : `price of ${zonesText(atUs)}`;
  return (
    <li title={`${id} · ${told} · ${late === '' ? 'real time' : late} · InsightSentry, not traded on`}>
      <b>{id.slice(id.indexOf(':') + 1)}</b>
      {late === '' ? (
        <LiveText className="figure age" read={() => (atUs === null ? '—' : ageText(nowUs() - atUs))} />
      ) : (
        <span className="late">{late}</span>
      )}
      <span className="figure price">{last === null ? '—' : last.toFixed(decimals)}</span>
      <span className={`figure change ${toneOf(changePercent)}`}>{percentText(changePercent)}</span>
    </li>
  );
});

const nowUs = () => terminal.replica.clock.nowUs(performance.now());

/** By how much the source is late; empty for prices in real time. */
function lateWords(delaySeconds: number | null): string {
  if (delaySeconds === null) return 'delay not told';
  if (delaySeconds < 0) return 'end of day';
  if (delaySeconds === 0) return '';
  return delaySeconds < 60 ? `${delaySeconds} s late` : `${Math.round(delaySeconds / 60)} min late`;
}

function percentText(percent: number | null): string {
  if (percent === null) return '—';
  const size = Math.abs(percent).toFixed(2);
  return Number(size) === 0 ? `${size} %` : `${percent < 0 ? '−' : '+'}${size} %`;
}

function toneOf(percent: number | null): string {
  return percent === null || percent === 0 ? 'quiet' : percent > 0 ? 'profit' : 'loss';
}
