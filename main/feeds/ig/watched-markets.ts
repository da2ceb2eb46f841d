import { SessionCalendar } from '../../core/calendar/session-calendar.ts';
import type { FeedState } from '../../core/feed-port.ts';
import { IgError } from './ig-error.ts';
import { type IgMarket, igMarketOf, pairOf, resolveMarket } from './ig-markets.ts';
import type { IgSession } from './ig-session.ts';
import { type FlagMeaning, meaningOfFlag } from './price-update.ts';

/** A market that is subscribed, and what is known of its trading. */
interface Watched {
  readonly market: IgMarket;
  meaning: FlagMeaning | undefined;
  refused: boolean;
}

/** Refusals that concern the one market that was asked for. */
const FOR_ONE_MARKET: ReadonlySet<string> = new Set(['not-found', 'request', 'account']);

/** The markets of a feed: which there are for this account, what may be done in them, and the words for it. */
export class WatchedMarkets {
  readonly #calendar = new SessionCalendar('fx-spot');
  readonly #list: Watched[] = [];
  /** What IG does not have for this account, in its words. */
  readonly #missing: string[] = [];

  get markets(): readonly IgMarket[] {
    return this.#list.map(({ market }) => market);
  }

  /** What is missing, and why. */
  get missing(): string {
    return this.#missing.join('; ');
  }

  /** Whether there is none left whose prices could come. */
  get none(): boolean {
    return this.#list.every(({ refused }) => refused);
  }

  /**
   * Looks the markets up, one by one; a market that is not there leaves the others.
   * @param onDetails takes the answer about each, as it came
   * @throws IgError when it is not the market that is the trouble
   */
  async learn(
    session: IgSession,
    symbols: readonly string[],
    onDetails: (epic: string, bytes: Uint8Array) => void,
  ): Promise<void> {
    this.#list.length = 0;
    this.#missing.length = 0;
    for (const symbol of symbols) {
      try {
        const { value, bytes } = await resolveMarket(session, symbol);
        const market = igMarketOf(value);
        if (this.#list.some((known) => known.market.epic === market.epic)) continue;
        onDetails(market.epic, bytes);
        const closed = market.status === 'CLOSED' || market.status === 'OFFLINE';
        this.#list.push({ market, meaning: closed ? 'close' : undefined, refused: false });
      } catch (error) {
        if (!(error instanceof IgError) || !FOR_ONE_MARKET.has(error.kind)) throw error;
        this.#missing.push(error.message);
      }
    }
  }

  epicOf(index: number): string {
    return this.#list[index]!.market.epic;
  }

  /** Places of the markets that a symbol means, be it an epic or a pair, whose prices are not refused. */
  placesOf(symbol: string): readonly number[] {
    const pair = pairOf(symbol);
    return this.#list.flatMap(({ market: { epic, instrument }, refused }, index) =>
      !refused && (symbol === epic || symbol === instrument.rawSymbol || pair === instrument.root) ? [index] : [],
    );
  }

  /** Takes in a dealing flag. @returns whether it is news */
  flag(index: number, flag: string): boolean {
    const watched = this.#list[index]!;
    const meaning = meaningOfFlag(flag);
    if (meaning === undefined || meaning === watched.meaning) return false;
    watched.meaning = meaning;
    return true;
  }

  refuse(index: number, code: number): void {
    const watched = this.#list[index]!;
    if (watched.refused) return;
    watched.refused = true;
    this.#missing.push(`${watched.market.epic}: IG refused its prices (code ${code})`);
  }

  /** Whether prices flow, of what, and what may be done. */
  state(nowUs: number): FeedState {
    const listed = this.#list.filter(({ refused }) => !refused);
    if (listed.length === 0) {
      return { condition: 'refused', words: `IG offers none of the markets asked for: ${this.missing}` };
    }
    const missing = this.#missing.length === 0 ? '' : ` Not there: ${this.missing}.`;
    if (listed.every(({ meaning }) => meaning === 'close')) {
      return { condition: 'closed', words: `${this.closedWords(nowUs)}${missing}` };
    }
    const labels = (some: readonly Watched[]) => some.map(({ market }) => market.instrument.label).join(', ');
    const halted = listed.filter(({ meaning }) => meaning === 'halt');
    const halts = halted.length === 0 ? '' : ` No dealing in ${labels(halted)}.`;
    return { condition: 'live', words: `Prices of ${labels(listed)}.${halts}${missing}` };
  }

  /** Whether the spot market trades at a time, by its calendar. */
  openAt(nowUs: number): boolean {
    return this.#calendar.sessionAt(nowUs).phase === 'open';
  }

  closedWords(nowUs: number): string {
    return this.openAt(nowUs)
      ? 'IG has closed trading in these markets; prices go on when it opens them.'
      : `Spot market ${this.#calendar.sessionAt(nowUs).words}.`;
  }
}
