import { join } from 'node:path';
import { runEngineChild } from '../../main/entry/host/engine-child.ts';
import { smallTerminal } from './small-terminal.ts';

/** An engine process with the smallest terminal; the page is the folder of the tests' own. */
runEngineChild(
  ({ restarts, restart }) => Promise.resolve(smallTerminal(restarts, restart)),
  join(import.meta.dirname, 'page'),
);
