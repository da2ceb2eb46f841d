import { type KeyboardEventHandler, type ReactNode, useEffect, useRef } from 'react';
import { openDialog } from '../stores/screen-store.ts';

/**
 * A modal box over the terminal; Esc closes it and the focus goes back to where it was. `onLeave` is called in place of
 * closing, for boxes that have something to ask first.
 */
export function Dialog({
  label,
  onLeave = () => openDialog(null),
  onKeyDown,
  children,
}: {
  readonly label: string;
  readonly onLeave?: () => void;
  readonly onKeyDown?: KeyboardEventHandler<HTMLDialogElement>;
  readonly children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-label={label}
      className="dialog"
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault();
        onLeave();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onLeave();
      }}
    >
      {children}
    </dialog>
  );
}
