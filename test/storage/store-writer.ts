import { postgresAddress } from '../../main/storage/postgres/postgres-address.ts';
import { PostgresStore } from '../../main/storage/postgres/postgres-store.ts';
import { SqliteStore } from '../../main/storage/sqlite/sqlite-store.ts';
import { bar, EURO, EURUSD, order, putFeatures, putTrade } from './store-rows.ts';

/** Writes without end until it is killed, and tells on stdout which orders are durable. */
const [kind, place, spoolFolder] = process.argv.slice(2);
const run = { runId: 'killed', account: 'paper' };
const store =
  kind === 'postgres'
    ? new PostgresStore({ ...run, address: postgresAddress(place!, {}), spoolFolder: spoolFolder! })
    : new SqliteStore({ ...run, path: place!, spoolFolder: spoolFolder! });
store.instrument(0, EURO);
store.instrument(1, EURUSD);
for (let n = 1; ; n++) {
  store.bars(Array.from({ length: 50 }, (_, i) => bar(n * 50 + i)));
  for (let i = 0; i < 50; i++) {
    putFeatures(store, n * 50 + i);
    putTrade(store, n * 50 + i);
  }
  await store.orders([order(n)]);
  process.stdout.write(`${n}\n`);
}
