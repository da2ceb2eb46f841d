import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

/** Columns that a table can give up, one after the other. */
const STEPS = 2;

/**
 * How many of the columns that it can do without a table has to give up, so that it fits into its box; what a deal is and
 * what it brings stay. One that was given up comes back only with fewer rows or a wider box: nothing flickers at an edge.
 */
export function useTightness(table: RefObject<HTMLTableElement | null>, rows: number): number {
  const [tight, setTight] = useState(0);
  const before = useRef(0);
  useLayoutEffect(() => {
    const element = table.current;
    const box = element?.parentElement;
    if (!element || !box || rows === 0) return;
    if (rows < before.current) setTight(0);
    before.current = rows;
    let boxWidth = box.clientWidth;
    const look = (): void => {
      if (box.clientWidth > boxWidth) setTight(0);
      else if (element.offsetWidth > box.clientWidth) setTight((step) => Math.min(STEPS, step + 1));
      boxWidth = box.clientWidth;
    };
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    sizes.observe(box);
    return () => sizes.disconnect();
  }, [table, rows]);
  return tight;
}
