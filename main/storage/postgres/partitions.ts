import type { Client } from 'pg';
import type { TradingDay } from '../../core/calendar/trading-day.ts';
import { isoTime } from '../sql-dialect.ts';
import { blocksByDay } from '../tables/blocks-by-day.ts';
import type { RowBlock } from '../tables/row-block.ts';

/** Lock under which partitions are made: two programs may need the same one at once. */
const LOCK = 72_910_463;

/** Name of the part of a table that holds a trading day. */
function partitionName(table: string, date: string): string {
  return `${table}_${date.replaceAll('-', '')}`;
}

/** Statements that make the part of a table for a trading day where it is not there yet; in a transaction. */
export function partitionDdl(table: string, { date, fromUs, toUs }: TradingDay): readonly string[] {
  return [
    `select pg_advisory_xact_lock(${LOCK})`,
    `create table if not exists ${partitionName(table, date)} partition of ${table}
     for values from ('${isoTime(fromUs)}') to ('${isoTime(toUs)}')`,
  ];
}

/** Parts of tables that are known to be there; others are made as rows need them, in the transaction of the rows. */
export class Partitions {
  readonly #client: Client;
  readonly #known = new Set<string>();

  constructor(client: Client) {
    this.#client = client;
  }

  async make(blocks: readonly RowBlock[]): Promise<void> {
    for (const { day, blocks: ofDay } of blocksByDay(blocks)) {
      for (const { table } of ofDay) {
        const name = partitionName(table, day.date);
        if (this.#known.has(name)) continue;
        for (const statement of partitionDdl(table, day)) await this.#client.query(statement);
        this.#known.add(name);
      }
    }
  }

  /** The transaction in which some were made is undone. */
  forget(): void {
    this.#known.clear();
  }
}
