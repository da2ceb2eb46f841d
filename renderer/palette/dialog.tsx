import { type ReactNode, useEffect, useRef } from 'react';
import { openDialog } from '../stores/screen-store.ts';

/** A modal box over the terminal; Esc closes it and the focus goes back to where it was. */
export function Dialog({ label, children }: { readonly label: string; readonly children: ReactNode }) {
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
      onCancel={(event) => {
        event.preventDefault();
        openDialog(null);
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) openDialog(null);
      }}
    >
      {children}
    </dialog>
  );
}
