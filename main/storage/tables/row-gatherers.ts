import type { MarketTable, RowPlace } from '../../core/store-port.ts';
import { MARKET_TABLE_NAMES, MARKET_TABLES } from './market-tables.ts';
import type { RowBlock } from './row-block.ts';

const FIRST_ROWS = 256;
const MOST_ROWS = 8_192;

/** Gathers rows of one table. Its arrays are given away when they are taken, and grow with what comes between. */
class RowGatherer implements RowPlace {
  /** The array and place of the row that was begun last. */
  values = new Float64Array(0);
  at = 0;
  readonly #table: MarketTable;
  readonly #width: number;
  readonly #full: RowBlock[] = [];
  #room = 0;
  #rows = 0;
  #next = FIRST_ROWS;

  constructor(table: MarketTable) {
    this.#table = table;
    this.#width = MARKET_TABLES[table].width;
  }

  /** Begins a row. */
  turn(): RowPlace {
    if (this.#rows === this.#room) this.#more();
    this.at = this.#rows++ * this.#width;
    return this;
  }

  take(into: RowBlock[]): void {
    this.#fill();
    into.push(...this.#full.splice(0));
  }

  #more(): void {
    if (this.#rows > 0) {
      this.#fill();
      this.#next = Math.min(MOST_ROWS, 2 * this.#next);
    }
    this.#room = this.#next;
    this.values = new Float64Array(this.#room * this.#width);
  }

  /** Sets the array aside with what it has. */
  #fill(): void {
    if (this.#rows > 0) this.#full.push({ table: this.#table, rows: this.#rows, values: this.values });
    this.#rows = 0;
    this.#room = 0;
  }
}

/** The market rows of all tables on their way to a batch. */
export class RowGatherers {
  readonly #gatherers: Readonly<Record<MarketTable, RowGatherer>>;
  /** Takes rows that are kept nowhere. */
  readonly nowhere: RowPlace;

  constructor() {
    const gatherers = MARKET_TABLE_NAMES.map((table) => [table, new RowGatherer(table)] as const);
    this.#gatherers = Object.fromEntries(gatherers) as Record<MarketTable, RowGatherer>;
    const widest = Math.max(...Object.values(MARKET_TABLES).map(({ width }) => width));
    this.nowhere = { values: new Float64Array(widest), at: 0 };
  }

  /** Begins a row of a table; the place is true until the next row of that table is begun. */
  place(table: MarketTable): RowPlace {
    return this.#gatherers[table].turn();
  }

  /** Gives away what was gathered. */
  take(into: RowBlock[]): void {
    for (const table of MARKET_TABLE_NAMES) this.#gatherers[table].take(into);
  }
}
