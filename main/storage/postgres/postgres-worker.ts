import { parentPort, workerData } from 'node:worker_threads';
import type { PostgresWorkerData } from '../store-batch.ts';
import { StoreWorker } from '../store-worker.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { postgresFaultOf } from './postgres-fault.ts';

if (parentPort === null) throw new Error('The store runs in a worker thread of its own.');
const data = workerData as PostgresWorkerData;
new StoreWorker(data, parentPort, () => ({
  open: (onLost) => PostgresDatabase.open(data.address, onLost),
  faultOf: (error) => postgresFaultOf(error, data.address),
}));
