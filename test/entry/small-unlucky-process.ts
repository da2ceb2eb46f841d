import { join } from 'node:path';
import { runEngineChild } from '../../main/entry/host/engine-child.ts';
import { smallTerminal } from './small-terminal.ts';

/** An engine process that has something to say at its start, and that cannot keep all at its end. */
runEngineChild(
  ({ restarts, restart, tell }) => {
    tell?.('Arming is refused.');
    const close = () => Promise.reject(new Error('store: the disk is full.'));
    return Promise.resolve({ ...smallTerminal(restarts, restart), close });
  },
  join(import.meta.dirname, 'page'),
);
