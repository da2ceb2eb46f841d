import { FEATURE, FEATURES } from '../../../shared/features.ts';
import type { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';

/** The columns that every feature file has, between the market's own and its state. */
const USUAL = ['mid', 'spread', 'microprice', 'qi1', 'qi5', 'qi10', 'ofi', 'mlofi', 'cvd'] as const;
const MARKET_COLUMNS = ['ts_recv_us', 'instrument_id', 'bid', 'ask'] as const;
const NUMBERS = MARKET_COLUMNS.length + FEATURES.length;

/** Writes a number with all its digits; absent is empty. Values that repeat, as prices do, are put into words once. */
class NumberColumn {
  #value = Number.NaN;
  #text = '';

  text(value: number): string {
    if (value === this.#value) return this.#text;
    this.#value = value;
    this.#text = Number.isNaN(value) ? '' : String(value);
    return this.#text;
  }
}

/** Rows of the features table: one market after one of its events. */
export class FeatureCsv {
  readonly header: string;
  readonly #engine: Engine;
  readonly #places: readonly number[];
  /** Columns of each market: what repeats, repeats within one. */
  readonly #columns: NumberColumn[][] = [];
  readonly #rest: readonly number[];

  /** @param all every feature, those beyond the usual ones behind the state */
  constructor(engine: Engine, all: boolean) {
    this.#engine = engine;
    this.#places = USUAL.map((name) => FEATURE[name]);
    const rest = all ? FEATURES.filter(({ name }) => !(USUAL as readonly string[]).includes(name)) : [];
    this.#rest = rest.map(({ name }) => FEATURE[name]);
    const restNames = rest.map(({ name }) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
    this.header = `${[...MARKET_COLUMNS, ...USUAL, 'state', ...restNames].join(',')}\n`;
  }

  /** The row of a market as it stands, newline included. */
  row(market: Market): string {
    const { depth, features } = market;
    this.#columns[market.index] ??= Array.from({ length: NUMBERS }, () => new NumberColumn());
    const columns = this.#columns[market.index]!;
    let at = 0;
    let row = columns[at++]!.text(market.tsRecvUs);
    row += `,${market.instrument.venueId}`;
    row += `,${columns[at++]!.text(depth.hasBid ? market.price(depth.bidPrice[0]!) : Number.NaN)}`;
    row += `,${columns[at++]!.text(depth.hasAsk ? market.price(depth.askPrice[0]!) : Number.NaN)}`;
    for (const place of this.#places) row += `,${columns[at++]!.text(features[place]!)}`;
    row += `,${this.#state(market)}`;
    for (const place of this.#rest) row += `,${columns[at++]!.text(features[place]!)}`;
    return `${row}\n`;
  }

  /** Words for the book: what it looks like, and in front what stands in the way of trusting it. */
  #state(market: Market): string {
    const book = bookState(market);
    const gap = market.gapped ? 'gap ' : '';
    if (market.venueStatus === 'close') return `closed ${gap}${book}`;
    switch (this.#engine.session(market, market.tsEventUs).phase) {
      case 'halted':
        return `halted ${gap}${book}`;
      case 'break':
      case 'closed':
      case 'holiday':
        return `pre-open ${gap}${book}`;
      case 'open':
      case 'unknown':
        return gap + book;
    }
  }
}

function bookState({ depth }: Market): string {
  if (!depth.hasBid && !depth.hasAsk) return 'empty';
  if (!depth.twoSided) return 'one-sided';
  if (depth.crossed) return 'crossed';
  return depth.bidPrice[0] === depth.askPrice[0] ? 'locked' : 'normal';
}
