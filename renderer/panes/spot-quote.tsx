import type { LinkRow, MarketRow } from '../../shared/contract/topics.ts';
import { signedText } from '../format/price-text.ts';
import { Quote } from './quote.tsx';
import { StateIcon } from './state-icon.tsx';

/** The quote that orders are filled at: bid and ask large, how far the spot is behind the future, and how surely. */
export function SpotQuote({ link, execution }: { readonly link: LinkRow; readonly execution: MarketRow }) {
  return (
    <Quote market={execution}>
      <dl className="spot-lead">
        <div>
          <dt>
            Lag<span className="unit"> ms</span>
          </dt>
          <dd className={link.lagGuessed ? 'caution' : ''}>{Math.round(link.lagUs / 1000)}</dd>
        </div>
        <div>
          <dt>
            Basis<span className="unit"> pips</span>
          </dt>
          <dd>{signedText(link.basisPips, 1)}</dd>
        </div>
        <div>
          <dt>
            Remaining<span className="unit"> pips</span>
          </dt>
          <dd className={remainingClass(link.remainingPips)}>{signedText(link.remainingPips, 1)}</dd>
        </div>
      </dl>
      <LagLine link={link} />
    </Quote>
  );
}

/** Where the lag comes from: the figures of its measurement, or why there is only a first guess. Its height never changes. */
function LagLine({ link }: { readonly link: LinkRow }) {
  const { lagGuessed, lagWords, lagConfidence, lagSamples, correlation } = link;
  return (
    <p className={lagGuessed ? 'spot-lag caution' : 'spot-lag'} title={lagWords}>
      {lagGuessed ? (
        <>
          <StateIcon tone="caution" />
          <span>{lagWords}</span>
        </>
      ) : (
        <>
          <span>
            <i>Confidence</i> {percent(lagConfidence)}
          </span>
          <span>
            <i>Correlation</i> {signedText(correlation, 2)}
          </span>
          <span>
            <i>Changes</i> {lagSamples}
          </span>
        </>
      )}
    </p>
  );
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

function remainingClass(pips: number | null): string {
  if (pips === null || Math.abs(pips) < 0.05) return '';
  return pips > 0 ? 'bid' : 'ask';
}
