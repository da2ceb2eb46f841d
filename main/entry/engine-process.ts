import { extname, join } from 'node:path';
import { runEngineChild } from './host/engine-child.ts';
import { startTerminal } from './start-terminal.ts';

/** The page is built into out/renderer; this file runs as main/entry/*.ts or as out/main/entry/*.js. */
const built = extname(import.meta.filename) === '.js' ? ['..', '..'] : ['..', '..', 'out'];

runEngineChild(startTerminal, join(import.meta.dirname, ...built, 'renderer'));
