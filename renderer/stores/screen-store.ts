import { create } from 'zustand';

export type TicketField = 'entry' | 'stop' | 'target';
export type DialogName = 'palette' | 'cheat-sheet' | 'lock' | 'settings' | 'health';

/** What only this page knows: the focused price of the ticket, open dialogs, and asks to recentre. */
export interface ScreenState {
  readonly field: TicketField;
  readonly dialog: DialogName | null;
  /** Whether the next key is to be bound to an action rather than to act. */
  readonly capturing: boolean;
  /** Grows with every press of the recentre key. */
  readonly recentre: number;
  readonly workspace: string;
  /** Windows that panes were popped out to. */
  readonly opened: readonly Window[];
  /** The one of them that the trader used last, null for the main window; and the one in which a dialog is open. */
  readonly hand: Window | null;
  readonly home: Window | null;
}

export const useScreen = create<ScreenState>(() => ({
  field: 'entry',
  dialog: null,
  capturing: false,
  recentre: 0,
  workspace: '1',
  opened: [],
  hand: null,
  home: null,
}));

/** Opens a dialog in the window that the trader has before him, or closes the one that is open. */
export function openDialog(dialog: DialogName | null): void {
  useScreen.setState(({ hand }) => ({ dialog, capturing: false, home: hand }));
}

/** A pane has a window of its own now. @returns a function that forgets the window, with a dialog that is open in it */
export function windowOpened(opened: Window): () => void {
  useScreen.setState((state) => ({ opened: [...state.opened, opened] }));
  return () =>
    useScreen.setState((state) => ({
      opened: state.opened.filter((one) => one !== opened),
      hand: state.hand === opened ? null : state.hand,
      ...(state.home === opened && { dialog: null, capturing: false, home: null }),
    }));
}

/** The ticket as it was last painted, which is what a confirmation may name; null while no ticket is on screen. */
export interface PaintedTicket {
  readonly ticketId: string;
  readonly revision: number;
  /** When this proposal first appeared, on the page's clock. */
  readonly appearedMs: number;
}

let painted: PaintedTicket | null = null;

/** The ticket pane says what it has painted. */
export function paintTicket(ticketId: string | null, revision: number): void {
  if (ticketId === null) painted = null;
  else if (painted?.ticketId !== ticketId) painted = { ticketId, revision, appearedMs: performance.now() };
  else painted = { ...painted, revision };
}

export function paintedTicket(): PaintedTicket | null {
  return painted;
}
