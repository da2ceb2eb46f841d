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
}

export const useScreen = create<ScreenState>(() => ({
  field: 'entry',
  dialog: null,
  capturing: false,
  recentre: 0,
  workspace: '1',
}));

export function openDialog(dialog: DialogName | null): void {
  useScreen.setState({ dialog, capturing: false });
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
