import { join } from 'node:path';
import { supervise } from '../../main/entry/supervisor.ts';

/** Arguments: port, and the module of the engine process where it is another than the small one. */
const [port, engine = 'small-engine-process.ts'] = process.argv.slice(2);

process.exitCode = await supervise({
  port: port === undefined ? undefined : Number(port),
  enginePath: join(import.meta.dirname, engine),
  answerWithinMs: 500,
  onReady: (url) => console.log(url),
  log: (words) => console.error(words),
});
