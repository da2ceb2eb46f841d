import { postgresAddress } from '../../main/storage/postgres/postgres-address.ts';
import { PostgresStore } from '../../main/storage/postgres/postgres-store.ts';
import { SqliteStore } from '../../main/storage/sqlite/sqlite-store.ts';
import { bar, EURO, EURUSD, FILL, order, putFeatures, putTrade } from './store-rows.ts';

/**
 * Writes without end until it is killed, and tells on stdout the numbers of which everything is durable: an order, a fill,
 * a bar, a row of features and fifty trades each.
 */
const [kind, place, spoolFolder, from = '1'] = process.argv.slice(2);
const options = { runId: `killed-${from}`, account: 'paper', spoolFolder: spoolFolder! };
const store =
  kind === 'postgres'
    ? new PostgresStore({ ...options, address: postgresAddress(place!, {}) })
    : new SqliteStore({ ...options, path: place! });
store.instrument(0, EURO);
store.instrument(1, EURUSD);
for (let n = Number(from); ; n++) {
  store.bars([bar(n)]);
  putFeatures(store, n);
  for (let i = 0; i < 50; i++) putTrade(store, n * 50 + i);
  await Promise.all([store.orders([order(n)]), store.fills([{ ...FILL, id: `F${n}`, orderId: `O${n}` }])]);
  process.stdout.write(`${n}\n`);
}
