import { useEffect, useRef } from 'react';
import type { TradingSession } from '../../shared/sessions.ts';
import { frameLoop } from '../drawing/page-frame-loop.ts';
import { terminal } from '../engine/page-terminal.ts';

/** How far the trading day has come: a line from its start to its end, with the phase in words. */
export function SessionRibbon({ session }: { readonly session: TradingSession }) {
  const hand = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = hand.current;
    if (!element) return;
    let shown = -1;
    return frameLoop.add({
      element,
      draw: () => {
        const now = terminal.replica.clock.nowUs(performance.now());
        const length = session.changesUs - session.startedUs;
        const share = length > 0 ? Math.max(0, Math.min(1, (now - session.startedUs) / length)) : 0;
        const pixel = Math.round(share * 960) / 960;
        if (pixel === shown) return false;
        shown = pixel;
        element.style.transform = `scaleX(${pixel})`;
        return true;
      },
    });
  }, [session.startedUs, session.changesUs]);
  return (
    <div className="session" data-phase={session.phase} title={`Trade date ${session.tradeDate}`}>
      <span>{session.words}</span>
      <div className="session-track">
        <div className="session-hand" ref={hand} />
      </div>
    </div>
  );
}
