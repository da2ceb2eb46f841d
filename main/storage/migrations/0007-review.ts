import { type Kysely, sql } from 'kysely';
import type { SqlDialect } from '../sql-dialect.ts';
import { timescaleOf } from './0006-market-rows.ts';

const MINUTE_US = 60_000_000;
/** Longer bars, made of those of a minute. */
const LONGER_BARS = [
  ['bars_5m', 5],
  ['bars_15m', 15],
  ['bars_1h', 60],
] as const;

/**
 * What is asked for in review: verdicts, gates, notes, runs and views, shown times beside the whole microseconds, and the
 * names by which calendar and news are known to users of SQL.
 */
export async function makeReview(db: Kysely<unknown>, dialect: SqlDialect): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(db);
  await run('alter table calendar_events rename to iss_econ_calendar');
  await run('alter table news rename to iss_news');
  const { shownTime } = dialect;
  const shown: readonly (readonly [table: string, name: string, us: string])[] = [
    ['iss_econ_calendar', 'scheduled_time', 'at_us'],
    ['iss_news', 'published_time', 'at_us'],
    ['bars', 'provider_event_ts', 'ts_event_us'],
    ['signals', 'at_ts', 'at_us'],
    ['proposals', 'at_ts', 'at_us'],
    ['orders', 'created_ts', 'created_us'],
    ['fills', 'at_ts', 'at_us'],
    ['deals', 'opened_ts', 'opened_us'],
  ];
  for (const [table, name, us] of shown) await run(`alter table ${table} add column ${shownTime(name, us)}`);
  await run('create index iss_econ_calendar_at on iss_econ_calendar (scheduled_time)');
  await makeTables(db, dialect);
  await makeViews(db, dialect);
}

async function makeTables(db: Kysely<unknown>, { whole, decimal, tableEnd, shownTime }: SqlDialect): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(db);
  await db.schema
    .createTable('news_gates')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('event_id', 'text')
    .addColumn('currency', 'text')
    .addColumn('from_us', whole, (column) => column.notNull())
    .addColumn('to_us', whole, (column) => column.notNull())
    .addColumn('effect', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute();
  await run(`alter table news_gates add column ${shownTime('from_time', 'from_us')}`);
  await run(`alter table news_gates add column ${shownTime('to_time', 'to_us')}`);
  await db.schema
    .createTable('agent_verdicts')
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('proposal_id', 'text', (column) => column.notNull())
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('at_us', whole, (column) => column.notNull())
    .addColumn('vote', 'text', (column) => column.notNull())
    .addColumn('confidence', decimal, (column) => column.notNull())
    .addColumn('reasons', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('agent_verdicts_key', ['run_id', 'proposal_id', 'agent'])
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createTable('journal_notes')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('at_us', whole, (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('tags', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('journal_notes_key', ['account', 'id'])
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createTable('sessions')
    .addColumn('run_id', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('started_us', whole, (column) => column.notNull())
    .addColumn('ended_us', whole)
    .addColumn('mode', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute();
}

async function makeViews(db: Kysely<unknown>, dialect: SqlDialect): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(db);
  await run(
    `create view v_current_gating as select * from news_gates
     where from_time <= ${dialect.now} and to_time > ${dialect.now}`,
  );
  await run(
    `create view decisions as select * from proposals
     where event in ('confirmed', 'dismissed', 'expired', 'refused')`,
  );
  await run(
    `create view positions as select account, instrument_id, count(*) as deals,
       sum(case side when 'buy' then lots else -lots end) as net_lots,
       sum(lots * open_price) / sum(lots) as average_open_price, min(opened_us) as since_us
     from deals where state = 'open' group by account, instrument_id`,
  );
  const edition = dialect.name === 'postgres' ? await timescaleOf(db) : 'none';
  if (edition === 'community') await makeContinuousBars(db);
  else
    for (const [name, minutes] of LONGER_BARS) await run(`create view ${name} as ${longerBars(minutes * MINUTE_US)}`);
}

const SUMS = 'max(high) as high, min(low) as low, sum(volume) as volume, sum(delta) as delta';

function longerBars(lengthUs: number): string {
  const edge = (name: string, us: string) =>
    `join bars as ${name} on ${name}.instrument_id = span.instrument_id and ${name}.interval_us = ${MINUTE_US}
      and ${name}.ts_event_us = span.${us}`;
  return `select span.instrument_id, span.interval_us, span.start_us, opening.open, closing.close, span.high, span.low,
      span.volume, span.delta
    from (select instrument_id, ${lengthUs} as interval_us, ts_event_us - ts_event_us % ${lengthUs} as start_us,
        min(ts_event_us) as first_us, max(ts_event_us) as last_us, ${SUMS}
      from bars where interval_us = ${MINUTE_US} group by instrument_id, ts_event_us - ts_event_us % ${lengthUs}) as span
    ${edge('opening', 'first_us')} ${edge('closing', 'last_us')}`;
}

/** Continuous aggregates of Timescale, which answer for what is not yet gathered too. */
async function makeContinuousBars(db: Kysely<unknown>): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(db);
  const dayUs = 24 * 60 * MINUTE_US;
  await run(`select create_hypertable('bars', by_range('ts_event_us', ${7 * dayUs}::bigint), migrate_data => true)`);
  await run(
    `create function fathom_now_us() returns bigint language sql stable
     as $$ select (extract(epoch from now()) * 1000000)::bigint $$`,
  );
  await run(`select set_integer_now_func('bars', 'fathom_now_us')`);
  for (const [name, minutes] of LONGER_BARS) {
    const lengthUs = minutes * MINUTE_US;
    await run(
      `create materialized view ${name} with (timescaledb.continuous, timescaledb.materialized_only = false) as
       select instrument_id, ${lengthUs}::bigint as interval_us, time_bucket(${lengthUs}::bigint, ts_event_us) as start_us,
         first(open, ts_event_us) as open, last(close, ts_event_us) as close, ${SUMS}
       from bars where interval_us = ${MINUTE_US}
       group by instrument_id, time_bucket(${lengthUs}::bigint, ts_event_us) with no data`,
    );
    await run(
      `select add_continuous_aggregate_policy('${name}', start_offset => ${3 * dayUs}::bigint,
       end_offset => ${2 * lengthUs}::bigint, schedule_interval => interval '5 minutes')`,
    );
  }
}
