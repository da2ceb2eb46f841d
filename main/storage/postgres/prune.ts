import type { Client } from 'pg';
import { tradingDayOf } from '../../core/calendar/trading-day.ts';
import type { KeepDays, MarketTable } from '../../core/store-port.ts';
import { isoTime } from '../sql-dialect.ts';
import { keptFromUs, marketKeptFrom, type PruneReport, type Removal } from '../tables/retention.ts';

/** Who works in a part that is to go is waited for so long. */
const LOCK_WAIT = "set lock_timeout = '10s'";
const BARS_AT_ONCE = 20_000;
const PART = /_(\d{4})(\d{2})(\d{2})$/;

/**
 * Removes market rows of expired trading days, as whole partitions or chunks, and expired bars. A chunk that reaches into
 * what is kept stays. Throws what network and server throw.
 * @param nowUs the time now; the trading day that holds it is never touched
 * @param dryRun only looks
 */
export async function prunePostgres(
  client: Client,
  keep: KeepDays,
  nowUs: number,
  dryRun = false,
): Promise<PruneReport> {
  await client.query(LOCK_WAIT);
  try {
    return { removals: await removed(client, keep, nowUs, dryRun), files: [] };
  } finally {
    await client.query('reset lock_timeout');
  }
}

async function removed(client: Client, keep: KeepDays, nowUs: number, dryRun: boolean): Promise<readonly Removal[]> {
  const removals: Removal[] = [];
  for (const [table, fromUs] of marketKeptFrom(keep, nowUs)) {
    const parts = (await isParted(client, table))
      ? await dropPartitions(client, table, fromUs, dryRun)
      : await dropChunks(client, table, fromUs, dryRun);
    if (parts.length > 0) removals.push({ table, rows: undefined, parts });
  }
  const bars = await pruneBars(client, keptFromUs(keep.bars, nowUs), dryRun);
  if (bars > 0) removals.push({ table: 'bars', rows: bars, parts: [] });
  return removals;
}

async function isParted(client: Client, table: MarketTable): Promise<boolean> {
  const { rows } = await client.query<{ parted: boolean }>(
    "select relkind = 'p' as parted from pg_class where oid = $1::regclass",
    [table],
  );
  return rows[0]!.parted;
}

async function dropPartitions(client: Client, table: MarketTable, fromUs: number, dryRun: boolean): Promise<string[]> {
  const { rows } = await client.query<{ part: string }>(
    `select relname as part from pg_inherits join pg_class on pg_class.oid = inhrelid
     where inhparent = $1::regclass order by relname`,
    [table],
  );
  const expired = rows.flatMap(({ part }) => {
    const [, year, month, day] = PART.exec(part) ?? [];
    if (year === undefined) return [];
    const date = `${year}-${month}-${day}`;
    return tradingDayOf(date).toUs <= fromUs ? [{ part, date }] : [];
  });
  if (!dryRun) for (const { part } of expired) await client.query(`drop table ${part}`);
  return expired.map(({ date }) => date);
}

async function dropChunks(client: Client, table: MarketTable, fromUs: number, dryRun: boolean): Promise<string[]> {
  const { rows } = await client.query<{ chunk: string }>(
    `select ${dryRun ? 'show_chunks' : 'drop_chunks'}($1::regclass, older_than => $2::timestamptz)::text as chunk`,
    [table, isoTime(fromUs)],
  );
  return rows.map(({ chunk }) => chunk);
}

async function pruneBars(client: Client, keptUs: number | undefined, dryRun: boolean): Promise<number> {
  if (keptUs === undefined) return 0;
  if (dryRun) {
    const { rows } = await client.query<{ n: number }>('select count(*) as n from bars where ts_event_us < $1', [
      keptUs,
    ]);
    return rows[0]!.n;
  }
  let bars = 0;
  for (let last = BARS_AT_ONCE; last === BARS_AT_ONCE; bars += last) {
    const { rowCount } = await client.query(
      `delete from bars where (instrument_id, interval_us, ts_event_us) in
         (select instrument_id, interval_us, ts_event_us from bars where ts_event_us < $1 limit ${BARS_AT_ONCE})`,
      [keptUs],
    );
    last = rowCount ?? 0;
  }
  if (bars > 0) await client.query('analyze bars');
  return bars;
}
