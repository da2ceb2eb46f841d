import { type PriceStyle, priceParts } from '../format/price-text.ts';
import { LiveText } from './live-text.tsx';

/** A price that follows the replica, its pips emphasised. */
export function LivePrice({
  read,
  style,
  className = '',
}: {
  readonly read: () => number;
  readonly style: PriceStyle;
  readonly className?: string;
}) {
  return (
    <span className={`price-text ${className}`} data-whole={!style.hasPips}>
      <LiveText read={() => priceParts(read(), style).head} />
      <LiveText className="pips" read={() => priceParts(read(), style).pips} />
      <LiveText read={() => priceParts(read(), style).tail} />
    </span>
  );
}

/** A price that stands, its pips emphasised. */
export function PriceText({
  ticks,
  style,
  className = '',
}: {
  readonly ticks: number;
  readonly style: PriceStyle;
  readonly className?: string;
}) {
  const { head, pips, tail } = priceParts(ticks, style);
  return (
    <span className={`price-text ${className}`} data-whole={!style.hasPips}>
      {head}
      <b className="pips">{pips}</b>
      {tail}
    </span>
  );
}
