import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { SqliteWorkerData } from '../store-batch.ts';
import { faultOf } from '../store-fault.ts';
import { StoreWorker } from '../store-worker.ts';
import { openOrReplace } from './sqlite-database.ts';

if (parentPort === null) throw new Error('The store runs in a worker thread of its own.');
const data = workerData as SqliteWorkerData;
new StoreWorker(data, parentPort, (onNotice) => ({
  daysApart: true,
  open: () => openOrReplace(data, onNotice),
  faultOf: (error) => faultOf(error, basename(data.path)),
}));
