import { useRef, useState } from 'react';
import { TapeDrawing } from '../drawing/tape-drawing.ts';
import { terminal } from '../engine/page-terminal.ts';
import { lotText } from '../format/lot-text.ts';
import { drawingKey, useSelection } from '../stores/selection.ts';
import { palette } from '../theme/palette.ts';
import { CanvasHost } from './canvas-host.tsx';
import { largePrint } from './large-print.ts';
import { LiveText } from './live-text.tsx';
import { PaneFrame } from './pane-frame.tsx';

/** Every trade of the signal market as it printed. */
export function TapePane() {
  const { signal } = useSelection();
  const drawing = useRef<TapeDrawing | null>(null);
  const [held, setHeld] = useState(false);
  const market = signal && terminal.replica.market(signal.index);
  return (
    <PaneFrame name="Tape" market={signal} waitsFor="trades of the signal market">
      <div className="stack" onWheel={() => setHeld(drawing.current?.held ?? false)}>
        <div className="tape-head">
          <span className="time">Time</span>
          <span className="price">Price</span>
          <span className="skipped">
            {market && (
              <LiveText
                className="caution"
                read={() => (market.tradesSkipped > 0 ? `${market.tradesSkipped} skipped` : '')}
              />
            )}
            {signal && (
              <button
                type="button"
                className="link-button"
                hidden={!held}
                onClick={() => {
                  drawing.current?.follow();
                  setHeld(false);
                  terminal.askAgain(`trades:${signal.index}`);
                }}
              >
                held · follow
              </button>
            )}
          </span>
          <span className="lots">{signal && signal.lotDecimals > 0 ? 'Size' : 'Lots'}</span>
        </div>
        <div className="fill">
          {signal && market && (
            <CanvasHost<TapeDrawing>
              label={`Trades of ${signal.label}`}
              key={drawingKey(signal)}
              onDrawing={(made) => {
                drawing.current = made;
              }}
              make={(canvas) =>
                new TapeDrawing(
                  canvas,
                  palette(),
                  market,
                  signal,
                  lotText(signal.lotDecimals, 4),
                  largePrint(market.trades),
                )
              }
            />
          )}
        </div>
      </div>
    </PaneFrame>
  );
}
