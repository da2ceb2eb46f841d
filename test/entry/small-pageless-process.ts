import { join } from 'node:path';
import { runEngineChild } from '../../main/entry/host/engine-child.ts';

/** An engine process whose page was not built; its terminal would take for ever to start. */
runEngineChild(() => new Promise(() => undefined), join(import.meta.dirname, 'no-page'));
