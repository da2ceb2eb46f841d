import type { MarketRow } from '../../shared/contract/topics.ts';
import { FEATURE } from '../../shared/features.ts';
import { readFeature, SparklineDrawing, type SparkRow } from '../drawing/sparkline-drawing.ts';
import { terminal } from '../engine/page-terminal.ts';
import { lotText, lotUnit, signedLotText } from '../format/lot-text.ts';
import { signedText } from '../format/price-text.ts';
import { compact } from '../format/quantity-text.ts';
import type { FeatureHistory } from '../replica/feature-history.ts';
import { drawingKey, useSelection } from '../stores/selection.ts';
import { palette } from '../theme/palette.ts';
import { CanvasHost } from './canvas-host.tsx';
import { PaneFrame } from './pane-frame.tsx';

/** The features of the signal market: current value and the last minute. */
export function FeaturesPane() {
  const { signal } = useSelection();
  return (
    <PaneFrame name="Features" market={signal} waitsFor="features of the signal market">
      {signal && (
        <CanvasHost
          label={`Features of ${signal.label} over the last minute`}
          key={drawingKey(signal)}
          make={(canvas) =>
            new SparklineDrawing(canvas, palette(), terminal.replica.market(signal.index).features, rowsOf(signal))
          }
        />
      )}
    </PaneFrame>
  );
}

function rowsOf({ pipNano, hasPips, lotDecimals }: MarketRow): SparkRow[] {
  const lots = lotDecimals === 0 ? wholeLots : signedLotText(lotText(lotDecimals, 4));
  const unit = lotUnit(lotDecimals);
  const ratio = (value: number): string => signedText(value, 2);
  const plain =
    (decimals: number) =>
    (value: number): string =>
      value.toFixed(decimals);
  return [
    { label: 'OFI 1 s', unit, read: readFeature('ofi1s'), text: lots, signed: true },
    { label: 'OFI 5 s', unit, read: readFeature('ofi5s'), text: lots, signed: true },
    { label: 'MLOFI 5 s', unit, read: readFeature('mlofi5s'), text: lots, signed: true },
    { label: 'QI 1', unit: '', read: readFeature('qi1'), text: ratio, signed: true },
    { label: 'QI 5', unit: '', read: readFeature('qi5'), text: ratio, signed: true },
    { label: 'QI 10', unit: '', read: readFeature('qi10'), text: ratio, signed: true },
    {
      label: 'Micro \u2212 mid',
      unit: hasPips ? 'pips' : 'ticks',
      read: microToMid(pipNano),
      text: ratio,
      signed: true,
    },
    { label: 'CVD', unit, read: readFeature('cvd'), text: lots, signed: true },
    { label: 'Delta 5 s', unit, read: readFeature('signedVolume5s'), text: lots, signed: true },
    { label: 'Trades', unit: '/s', read: readFeature('intensityFast'), text: plain(1), signed: false },
    { label: 'Burst', unit: '×', read: readFeature('intensityRatio'), text: plain(2), signed: false },
    { label: 'C/A bid', unit: '', read: readFeature('ctaBid'), text: plain(2), signed: false },
    { label: 'C/A ask', unit: '', read: readFeature('ctaAsk'), text: plain(2), signed: false },
    { label: 'Vol 1 min', unit: 'bp', read: readBasisPoints, text: plain(2), signed: false },
  ];
}

function wholeLots(value: number): string {
  if (Math.abs(value) < 10_000) return signedText(value, 0);
  return `${value < 0 ? '\u2212' : '+'}${compact(Math.abs(Math.round(value)))}`;
}

/** Microprice minus mid, in pips. */
function microToMid(pipNano: number): SparkRow['read'] {
  const micro = readFeature('microprice');
  const mid = readFeature('mid');
  return (history, age) => ((micro(history, age) - mid(history, age)) * 1e9) / pipNano;
}

function readBasisPoints(history: FeatureHistory, age: number): number {
  const value = age < 0 ? history.current[FEATURE.volatility1m]! : history.sample(FEATURE.volatility1m, age);
  return value * 1e4;
}
