import { useEffect, useRef } from 'react';
import { HeatmapDrawing } from '../drawing/heatmap-drawing.ts';
import { toSignalTicks } from '../drawing/own-marks.ts';
import { frameLoop } from '../drawing/page-frame-loop.ts';
import { groupingOf } from '../drawing/page-groupings.ts';
import { terminal } from '../engine/page-terminal.ts';
import { lotText, lotUnit } from '../format/lot-text.ts';
import { gatheredWords } from '../format/venue-words.ts';
import { isKeyHeld } from '../keys/dispatch.ts';
import { useScreen } from '../stores/screen-store.ts';
import { currentSelection, drawingKey, useSelection } from '../stores/selection.ts';
import { useTables } from '../stores/tables-store.ts';
import { palette } from '../theme/palette.ts';
import { currentMarks } from './ladder-pane.tsx';
import { LiveText } from './live-text.tsx';
import { PaneFrame } from './pane-frame.tsx';
import { rememberLast } from './remember-last.ts';
import { useRowWords } from './row-words.ts';

/** Depth of the signal market over time, with trades, the inside, and the trader's own prices. */
export function HeatmapPane() {
  const { signal } = useSelection();
  const recentre = useScreen((state) => state.recentre);
  const rows = useRowWords(signal);
  const base = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<HeatmapDrawing | null>(null);
  useEffect(() => {
    if (recentre > 0) drawing.current?.recentre();
  }, [recentre]);
  const drawn = signal && drawingKey(signal);
  useEffect(() => {
    const market = currentSelection().signal;
    if (drawn === undefined || !market || !base.current || !over.current) return;
    const made = new HeatmapDrawing(base.current, over.current, palette(), {
      market: terminal.replica.market(market.index),
      style: market,
      lotText: lotText(market.lotDecimals, 4),
      grouping: groupingOf(market),
      keyHeld: isKeyHeld,
      marks: currentMarks(),
      markers: currentMarkers(),
    });
    drawing.current = made;
    const remove = frameLoop.add(made);
    return () => {
      remove();
      made.dispose();
      drawing.current = null;
    };
  }, [drawn]);
  return (
    <PaneFrame name="Heatmap" market={signal} waitsFor="depth of the signal market">
      <canvas ref={base} className="fill-canvas" />
      <canvas
        ref={over}
        className="fill-canvas"
        role="img"
        aria-label={`Depth of ${signal?.label ?? 'the signal market'} over time with trades`}
      />
      <div className="legend" aria-hidden="true">
        <span className="bid">bids</span>
        <span className="ask">asks</span>
        <span className="caution">{signal && gatheredWords(signal)}</span>
        {rows !== '' && <span className="row-words">{rows}</span>}
        <span>
          bubbles: {lotUnit(signal?.lotDecimals ?? 0)} per 0.25 s and {rows === '' ? 'price' : 'row'}
        </span>
        <LiveText read={() => brightest(drawing.current?.loudLots ?? 0, signal?.lotDecimals ?? 0)} />
        <LiveText read={() => (drawing.current?.showsEstimates ? 'own prices: est. through the basis' : '')} />
      </div>
    </PaneFrame>
  );
}

/** What the scale of intensity means at its bright end. */
function brightest(lots: number, lotDecimals: number): string {
  if (!(lots > 0)) return '';
  const unit = lotDecimals === 0 ? ' lots' : '';
  return `brightest: ${lotText(lotDecimals, 3)(lots)}${unit} or more`;
}

/** Markers of both markets of the link, at prices of the signal market. */
function currentMarkers() {
  return rememberLast(
    () => {
      const { link, signal, execution } = currentSelection();
      return [useTables.getState().markers, link, signal, execution] as const;
    },
    ([markers, link, signal, execution]) => {
      if (!link || !signal || !execution) return [];
      return markers
        .filter((marker) => marker.market === signal.index || marker.market === execution.index)
        .map((marker) => ({
          marker,
          ticks: marker.market === signal.index ? marker.ticks : toSignalTicks(marker.ticks, link, signal, execution),
        }));
    },
  );
}
