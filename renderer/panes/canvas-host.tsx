import { useEffect, useRef } from 'react';
import type { Drawable } from '../drawing/frame-loop.ts';
import { frameLoop } from '../drawing/page-frame-loop.ts';

/** A canvas with its drawing: made when the pane opens, driven by the frame loop, disposed with it. Another `key` makes it anew. */
export function CanvasHost<D extends Drawable & { dispose(): void }>({
  label,
  make,
  onDrawing,
}: {
  readonly label: string;
  readonly make: (canvas: HTMLCanvasElement) => D;
  readonly onDrawing?: (drawing: D | null) => void;
}) {
  const ref = useRef<HTMLCanvasElement>(null);
  const latest = useRef({ make, onDrawing });
  latest.current = { make, onDrawing };
  useEffect(() => {
    const canvas = ref.current;
    if (!canvas) return;
    const drawing = latest.current.make(canvas);
    latest.current.onDrawing?.(drawing);
    const remove = frameLoop.add(drawing);
    return () => {
      remove();
      drawing.dispose();
      latest.current.onDrawing?.(null);
    };
  }, []);
  return <canvas ref={ref} className="fill-canvas" role="img" aria-label={label} />;
}
