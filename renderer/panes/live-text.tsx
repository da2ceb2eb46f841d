import { useEffect, useRef } from 'react';
import { frameLoop } from '../drawing/page-frame-loop.ts';

/** A number that changes with data: written straight into the page once per animation frame, past React. */
export function LiveText({
  read,
  className,
  classOf,
  title,
}: {
  readonly read: () => string;
  readonly className?: string;
  /** Class beside `className` that follows the value, e.g. profit or loss. */
  readonly classOf?: () => string;
  readonly title?: string;
}) {
  const ref = useRef<HTMLSpanElement>(null);
  const latest = useRef({ read, classOf, className });
  latest.current = { read, classOf, className };
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    let shown = '';
    let shownClass = '';
    return frameLoop.add({
      element,
      draw: () => {
        const { read, classOf, className } = latest.current;
        const text = read();
        const names = classOf ? `${className ?? ''} ${classOf()}` : (className ?? '');
        if (text === shown && names === shownClass) return false;
        if (text !== shown) element.textContent = text;
        if (names !== shownClass) element.className = names;
        shown = text;
        shownClass = names;
        return true;
      },
    });
  }, []);
  return <span ref={ref} className={className} title={title} />;
}
