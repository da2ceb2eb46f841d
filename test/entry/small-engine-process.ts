import { join } from 'node:path';
import { runEngineChild } from '../../main/entry/engine-child.ts';
import { smallTerminal } from './small-terminal.ts';

/** An engine process with the smallest terminal; the page is the folder of the tests' own. */
runEngineChild(({ restarts }) => Promise.resolve(smallTerminal(restarts)), join(import.meta.dirname, 'page'));
