import type { Proposal, TicketState } from '../../shared/trading.ts';

/** Why a confirmation was not taken; words for the trader. */
export interface Refusal {
  readonly refused: string;
}

export interface TicketRules {
  /** Enter is deaf for this long after a proposal appears, µs. */
  readonly deafUs: number;
}

/**
 * The ticket under the trader's finger. At most one proposal is active; it is never replaced by a newer one, which waits
 * beside it until the active one is gone. The arm switch lives here and starts off.
 */
export class Ticket {
  readonly #rules: TicketRules;
  #armed = false;
  #active: Proposal | null = null;
  #waiting: Proposal | null = null;
  #appearedUs = 0;
  #sizePreset = 1;

  constructor(rules: TicketRules) {
    this.#rules = rules;
  }

  get state(): TicketState {
    return {
      id: 'ticket',
      armed: this.#armed,
      active: this.#active,
      waiting: this.#waiting,
      sizePreset: this.#sizePreset,
    };
  }

  get armed(): boolean {
    return this.#armed;
  }

  get active(): Proposal | null {
    return this.#active;
  }

  get waiting(): Proposal | null {
    return this.#waiting;
  }

  get sizePreset(): number {
    return this.#sizePreset;
  }

  setPreset(preset: number): void {
    this.#sizePreset = preset;
  }

  /** Switches arming; disarming takes every proposal off the ticket and returns them. */
  arm(armed: boolean): readonly Proposal[] {
    this.#armed = armed;
    if (armed) return [];
    const dropped = [this.#active, this.#waiting].filter((proposal) => proposal !== null);
    this.#active = null;
    this.#waiting = null;
    return dropped;
  }

  /** Puts a proposal on the ticket, or beside it when there is one already. */
  propose(proposal: Proposal, nowUs: number): 'active' | 'waiting' {
    if (this.#active === null) {
      this.#activate(proposal, nowUs);
      return 'active';
    }
    this.#waiting = proposal;
    return 'waiting';
  }

  /**
   * Puts the trader's own new wish where an earlier one of his lies; what waits beside stays there. Any other active
   * proposal keeps its place and the wish waits. Returns what was taken off.
   */
  stage(
    proposal: Proposal,
    nowUs: number,
  ): { readonly place: 'active' | 'waiting'; readonly replaced: Proposal | null } {
    const replaced = this.#active?.origin === 'manual' ? this.#active : null;
    if (replaced !== null) this.#active = null;
    return { place: this.propose(proposal, nowUs), replaced };
  }

  /** Replaces the numbers of the active proposal; the revision grows, so that an older confirmation no longer fits. */
  revise(changes: Partial<Omit<Proposal, 'id' | 'revision'>>): Proposal | Refusal {
    if (this.#active === null) return { refused: 'There is no ticket to change.' };
    this.#active = { ...this.#active, ...changes, revision: this.#active.revision + 1 };
    return this.#active;
  }

  /** Checks that an id and revision are the ones on the ticket. */
  matches(ticketId: string, revision: number): Refusal | undefined {
    if (this.#active === null) return { refused: 'There is no ticket: it was taken, dismissed or it expired.' };
    if (this.#active.id !== ticketId)
      return { refused: 'The ticket on screen is no longer the one armed; look again.' };
    if (this.#active.revision !== revision) return { refused: 'The ticket changed after it was drawn; look again.' };
    return undefined;
  }

  /** Why a confirmation cannot be taken now, or undefined when it can. */
  refusal(ticketId: string, revision: number, heldKey: boolean, nowUs: number): Refusal | undefined {
    if (heldKey) return { refused: 'A held key confirms nothing; press it once.' };
    if (!this.#armed) return { refused: 'Disarmed: nothing is sent. Press Space to arm.' };
    const mismatch = this.matches(ticketId, revision);
    if (mismatch !== undefined) return mismatch;
    if (nowUs >= this.#active!.expiresUs) return { refused: 'The ticket has expired; nothing was sent.' };
    const deafForUs = this.#appearedUs + this.#rules.deafUs - nowUs;
    if (deafForUs > 0) return { refused: 'The ticket only just appeared; read it, then confirm.' };
    return undefined;
  }

  /** Takes the active proposal for execution, or says why not. The waiting one moves up. */
  confirm(ticketId: string, revision: number, heldKey: boolean, nowUs: number): Proposal | Refusal {
    const refusal = this.refusal(ticketId, revision, heldKey, nowUs);
    if (refusal !== undefined) return refusal;
    const proposal = this.#active!;
    this.#next(nowUs);
    return proposal;
  }

  /** Takes the active proposal off unexecuted. */
  dismiss(ticketId: string, nowUs: number): Proposal | Refusal {
    const proposal = this.#active;
    if (proposal === null || proposal.id !== ticketId) return { refused: 'That ticket is no longer there.' };
    this.#next(nowUs);
    return proposal;
  }

  /** Drops what has expired and returns it. */
  expire(nowUs: number): readonly Proposal[] {
    const dropped: Proposal[] = [];
    if (this.#waiting !== null && nowUs >= this.#waiting.expiresUs) {
      dropped.push(this.#waiting);
      this.#waiting = null;
    }
    if (this.#active !== null && nowUs >= this.#active.expiresUs) {
      dropped.push(this.#active);
      this.#next(nowUs);
    }
    return dropped;
  }

  snapshot(): TicketSnapshot {
    return { state: this.state, appearedUs: this.#appearedUs };
  }

  restore(snapshot: TicketSnapshot): void {
    this.#armed = snapshot.state.armed;
    this.#active = snapshot.state.active;
    this.#waiting = snapshot.state.waiting;
    this.#sizePreset = snapshot.state.sizePreset;
    this.#appearedUs = snapshot.appearedUs;
  }

  #next(nowUs: number): void {
    this.#active = null;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting !== null) this.#activate(waiting, nowUs);
  }

  #activate(proposal: Proposal, nowUs: number): void {
    this.#active = proposal;
    this.#appearedUs = nowUs;
  }
}

export interface TicketSnapshot {
  readonly state: TicketState;
  readonly appearedUs: number;
}
