import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PostgresBackend } from './postgres-backend.ts';
import { postgresBackend } from './postgres-backend.ts';
import { bar, EURO, NOON, put, putTrade } from './store-rows.ts';

const server = process.env['FATHOM_TEST_TIMESCALE_URL'];
const MBP_TABLES = ['cme_mbp10_events', 'cme_mbp10_book'];

describe.skipIf(server === undefined)('Timescale', () => {
  let backend: PostgresBackend;
  let community: boolean;

  beforeEach(async () => {
    backend = await postgresBackend(server!, 'timescaledb');
    await backend.open().close();
    const [row] = (await backend.sql("select current_setting('timescaledb.license') as license")) as {
      license: string;
    }[];
    community = row!.license === 'timescale';
  });

  afterEach(() => backend.remove());

  const rows = async (sql: string) => (await backend.sql(sql)) as Record<string, unknown>[];

  test('market tables are hypertables, those of depth in chunks of half an hour that are compressed after another', async () => {
    const chunks = await rows(
      `select hypertable_name as name, extract(epoch from time_interval)::int as seconds from timescaledb_information.dimensions
       where column_name = 'provider_event_ts' order by hypertable_name`,
    );
    const day = 86_400;
    expect(chunks).toEqual([
      { name: 'cme_mbp10_book', seconds: 1_800 },
      { name: 'cme_mbp10_events', seconds: 1_800 },
      { name: 'cme_trades', seconds: day },
      { name: 'crypto_book', seconds: day },
      { name: 'crypto_trades', seconds: day },
      { name: 'features', seconds: day },
      { name: 'ig_spot_ticks', seconds: day },
    ]);
    const policies = await rows(
      `select hypertable_name as name, config->>'compress_after' as after from timescaledb_information.jobs
       where proc_name in ('policy_compression', 'policy_columnstore') order by hypertable_name`,
    );
    expect(policies).toEqual(community ? MBP_TABLES.toSorted().map((name) => ({ name, after: '00:30:00' })) : []);
  });

  test('late rows go into chunks that are compressed, each once, and are compressed with them', async ({ skip }) => {
    if (!community) skip();
    const store = backend.open();
    store.instrument(0, EURO);
    const event = (n: number) =>
      put(store, 'cme_mbp10_events', { venueUs: NOON + n, sequence: n }, [65, 66, 0, 1.1, 5, 128, 3]);
    for (let n = 0; n < 1_000; n++) event(n);
    await store.settingPut('written', 1);
    const compress = () => rows("select count(compress_chunk(c)) as n from show_chunks('cme_mbp10_events') as c");
    expect(await compress()).toEqual([{ n: 1 }]);
    for (let n = 1_000; n < 1_500; n++) event(n);
    await store.settingPut('written', 2);
    const counted = () =>
      rows('select count(*) as n, count(distinct sequence) as once, sum(size) as size from cme_mbp10_events');
    expect(await counted()).toEqual([{ n: 1_500, once: 1_500, size: '7500' }]);
    await compress();
    expect(await counted()).toEqual([{ n: 1_500, once: 1_500, size: '7500' }]);
    expect(
      await rows(
        "select sum(after_compression_total_bytes) < sum(before_compression_total_bytes) as smaller from chunk_compression_stats('cme_mbp10_events')",
      ),
    ).toEqual([{ smaller: true }]);
    await store.close();
  });

  test('longer bars answer the same before and after they are gathered', async ({ skip }) => {
    if (!community) skip();
    const store = backend.open();
    store.instrument(0, EURO);
    store.bars(Array.from({ length: 90 }, (_, minute) => bar(minute, { open: minute, close: minute + 1, volume: 2 })));
    await store.settingPut('written', 1);
    const hours = () => rows('select start_us, open, close, volume from bars_1h order by start_us');
    const before = await hours();
    expect(before).toEqual([
      { start_us: NOON, open: 0, close: 60, volume: 120 },
      { start_us: NOON + 3_600_000_000, open: 60, close: 90, volume: 60 },
    ]);
    await rows("call refresh_continuous_aggregate('bars_1h', null, null)");
    expect(await hours()).toEqual(before);
    // A bar of the past that is filled later is seen at once where it is new, and after the next gathering where it is not.
    store.bars([bar(5, { open: 5, close: 6, volume: 102 })]);
    putTrade(store, 1);
    await store.settingPut('written', 2);
    await rows("call refresh_continuous_aggregate('bars_1h', null, null)");
    expect((await hours())[0]).toMatchObject({ volume: 220 });
    await store.close();
  });
});
