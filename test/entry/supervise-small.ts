import { join } from 'node:path';
import { supervise } from '../../main/entry/supervisor.ts';

const [port] = process.argv.slice(2);

process.exitCode = await supervise({
  port: port === undefined ? undefined : Number(port),
  enginePath: join(import.meta.dirname, 'small-engine-process.ts'),
  answerWithinMs: 500,
  onReady: (url) => console.log(url),
  log: (words) => console.error(words),
});
