import { type TradingDay, tradingDayAt } from '../../core/calendar/trading-day.ts';
import { HEAD, MARKET_TABLES } from './market-tables.ts';
import type { RowBlock } from './row-block.ts';

/** Rows of one trading day. */
export interface DayBlocks {
  readonly day: TradingDay;
  readonly blocks: RowBlock[];
}

/** Parts rows by the trading day of their venue time. A block of one day is given as it is. */
export function blocksByDay(blocks: readonly RowBlock[]): readonly DayBlocks[] {
  const days = new Map<string, DayBlocks>();
  for (const block of blocks) {
    const { width } = MARKET_TABLES[block.table];
    for (let from = 0; from < block.rows; ) {
      const day = tradingDayAt(venueUs(block, width, from));
      let to = from + 1;
      while (to < block.rows && isOf(day, venueUs(block, width, to))) to++;
      const known = days.get(day.date) ?? { day, blocks: [] };
      days.set(day.date, known);
      known.blocks.push(
        from === 0 && to === block.rows
          ? block
          : { table: block.table, rows: to - from, values: block.values.subarray(from * width, to * width) },
      );
      from = to;
    }
  }
  return Array.from(days.values());
}

function venueUs({ values }: RowBlock, width: number, row: number): number {
  return values[row * width + HEAD.VENUE_US]!;
}

function isOf({ fromUs, toUs }: TradingDay, us: number): boolean {
  return us >= fromUs && us < toUs;
}
