import { parentPort, workerData } from 'node:worker_threads';
import type { PostgresWorkerData } from '../store-batch.ts';
import { StoreWorker } from '../store-worker.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { postgresFaultOf } from './postgres-fault.ts';

if (parentPort === null) throw new Error('The store runs in a worker thread of its own.');
const data = workerData as PostgresWorkerData;
new StoreWorker(data, parentPort, (onNotice) => {
  const taken = new Set<string>();
  const earlier: number[] = [];
  const onTaken = (line: string) => {
    if (taken.has(line)) return;
    taken.add(line);
    onNotice(
      `store: another engine at work on this database stores market data of ${line}; this one does when that ends.`,
    );
  };
  return {
    daysApart: false,
    open: (onLost) => PostgresDatabase.open(data.address, onLost, onTaken, earlier),
    faultOf: (error) => postgresFaultOf(error, data.address),
  };
});
