import { ipcRenderer } from 'electron';
import { PORT_MESSAGE } from '../shared/contract/shell-messages.ts';

/** Hands every new line to the engine to the page; the page gets nothing else of the shell. */
ipcRenderer.on(PORT_MESSAGE, ({ ports }) => {
  window.postMessage({ kind: PORT_MESSAGE }, window.location.origin, [...ports]);
});
