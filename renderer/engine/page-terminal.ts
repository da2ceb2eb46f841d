import { portSource, portTransport } from './port-transport.ts';
import { Terminal } from './terminal.ts';
import { webSocketTransport } from './websocket-transport.ts';

/** In the shell's windows the engine's line is a port that the preload script hands over; everywhere else a WebSocket. */
const inShell = navigator.userAgent.includes(' Electron/');

export const needsSession = !inShell;

/** The page's one engine. */
export const terminal = new Terminal(
  inShell ? portTransport(portSource(window)) : webSocketTransport(`ws://${location.host}/engine`),
);
