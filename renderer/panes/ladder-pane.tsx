import { useEffect, useRef } from 'react';
import { extraPriceRoom } from '../drawing/canvas-text.ts';
import { PRICE_WIDTH } from '../drawing/ladder-columns.ts';
import { LadderDrawing } from '../drawing/ladder-drawing.ts';
import { ownMarks } from '../drawing/own-marks.ts';
import { groupingOf } from '../drawing/page-groupings.ts';
import { terminal } from '../engine/page-terminal.ts';
import { gatheredWords } from '../format/venue-words.ts';
import { isKeyHeld } from '../keys/dispatch.ts';
import { useScreen } from '../stores/screen-store.ts';
import { currentSelection, drawingKey, useSelection } from '../stores/selection.ts';
import { useTables } from '../stores/tables-store.ts';
import { palette } from '../theme/palette.ts';
import { CanvasHost } from './canvas-host.tsx';
import { PaneFrame } from './pane-frame.tsx';
import { Quote } from './quote.tsx';
import { rememberLast } from './remember-last.ts';
import { useRowWords } from './row-words.ts';
import { SpotQuote } from './spot-quote.tsx';

/** The price ladder of the signal market, with the quote of the market that is traded below it. */
export function LadderPane() {
  const { signal, execution, link, watchOnly } = useSelection();
  const recentre = useScreen((state) => state.recentre);
  const estimated = link !== undefined && link.signalMarket !== link.executionMarket;
  const gathered = signal ? gatheredWords(signal) : '';
  const rows = useRowWords(signal);
  const extra = signal ? extraPriceRoom(signal.tickNano) : 0;
  const drawing = useRef<LadderDrawing | null>(null);
  useEffect(() => {
    if (recentre > 0) drawing.current?.recentre();
  }, [recentre]);
  return (
    <div className="stack">
      <div className="fill">
        <PaneFrame name="Ladder" market={signal} waitsFor="the book of the signal market">
          <div className="stack">
            <div
              className="ladder-head"
              data-long-figures={extra > 0 || (signal?.lotDecimals ?? 0) > 0}
              aria-hidden="true"
            >
              <span
                className="own"
                title="Own prices are estimates: prices of the market that is traded, less the basis"
              >
                {estimated ? (
                  <>
                    <span className="own-word">Own </span>est.
                  </>
                ) : (
                  'Own'
                )}
              </span>
              <span className="sold">Sold</span>
              <span className="flow">±</span>
              <span className="bid">Bid</span>
              <span className="price" style={{ width: PRICE_WIDTH + extra }}>
                {signal?.rawSymbol ?? ''}
              </span>
              <span className="ask">Ask</span>
              <span className="flow">±</span>
              <span className="bought">Bought</span>
            </div>
            {(rows !== '' || gathered !== '') && (
              <p className="ladder-note">
                {rows !== '' && <span className="row-words">{rows}</span>}
                {gathered}
              </p>
            )}
            <div className="fill">
              {signal && (
                <CanvasHost<LadderDrawing>
                  label={`Price ladder of ${signal.label}`}
                  key={drawingKey(signal)}
                  onDrawing={(made) => {
                    drawing.current = made;
                  }}
                  make={(canvas) =>
                    new LadderDrawing(canvas, palette(), {
                      market: terminal.replica.market(signal.index),
                      style: signal,
                      grouping: groupingOf(signal),
                      marks: currentMarks(),
                      keyHeld: isKeyHeld,
                    })
                  }
                />
              )}
            </div>
          </div>
        </PaneFrame>
      </div>
      {link && execution && <SpotQuote link={link} execution={execution} />}
      {watchOnly && signal && <Quote market={signal} />}
    </div>
  );
}

/** Reads the trader's own marks; the same array again while nothing changed. */
export function currentMarks(): () => ReturnType<typeof ownMarks> {
  return rememberLast(
    () => {
      const { orders, deals } = useTables.getState();
      const { link, signal, execution } = currentSelection();
      return [orders, deals, link, signal, execution] as const;
    },
    ([orders, deals, link, signal, execution]) =>
      link && signal && execution ? ownMarks({ orders, deals }, link, signal, execution) : [],
  );
}
