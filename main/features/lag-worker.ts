import { parentPort } from 'node:worker_threads';
import type { LagAnswer, LagRequest } from './lag-thread.ts';
import { estimateLag } from './lead-lag.ts';

const port = parentPort;
if (port === null) throw new Error('Lags are measured in a worker thread of their own.');
port.on('message', ({ id, signal, execution }: LagRequest) => {
  const answer: LagAnswer = { id, estimate: estimateLag(signal, execution) };
  port.postMessage(answer);
});
