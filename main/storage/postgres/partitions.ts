import type { TradingDay } from '../../core/calendar/trading-day.ts';
import { isoTime } from '../sql-dialect.ts';

/** Lock under which partitions are made: two programs may need the same one at once. */
const LOCK = 72_910_463;

/** Name of the part of a table that holds a trading day. */
export function partitionName(table: string, date: string): string {
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
