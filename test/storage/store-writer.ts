import { postgresAddress } from '../../main/storage/postgres/postgres-address.ts';
import { PostgresStore } from '../../main/storage/postgres/postgres-store.ts';
import { SqliteStore } from '../../main/storage/sqlite/sqlite-store.ts';
import { bar, EURO, EURUSD, features, order } from './store-rows.ts';

/** Writes without end until it is killed, and tells on stdout which orders are durable. */
const [kind, place, spoolFolder] = process.argv.slice(2);
const run = { runId: 'killed', account: 'paper' };
const store =
  kind === 'postgres'
    ? new PostgresStore({ ...run, address: postgresAddress(place!, {}), spoolFolder: spoolFolder! })
    : new SqliteStore({ ...run, path: place! });
store.instrument(0, EURO, 'simulated');
store.instrument(1, EURUSD, 'simulated');
for (let n = 1; ; n++) {
  store.bars(Array.from({ length: 50 }, (_, i) => bar(n * 50 + i)));
  store.features(Array.from({ length: 50 }, (_, i) => features(n * 50 + i)));
  await store.orders([order(n)]);
  process.stdout.write(`${n}\n`);
}
