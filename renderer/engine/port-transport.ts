import type { OpenTransport } from './transport.ts';

/** Latest port that the shell handed over and whoever waits for one. */
export interface PortSource {
  /** Calls back with the next port that has not been used yet. */
  take(receive: (port: MessagePort) => void): void;
}

/**
 * Listens for the ports that the shell's preload script posts into the page, `{kind: 'fathom-port'}`. The shell posts a
 * new one whenever the engine was started again.
 */
export function portSource(target: Window): PortSource {
  let ready: MessagePort | undefined;
  let waiting: ((port: MessagePort) => void) | undefined;
  target.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.source !== target || !isPortMessage(event.data)) return;
    const port = event.ports[0];
    if (!port) return;
    if (waiting) {
      const receive = waiting;
      waiting = undefined;
      receive(port);
    } else {
      ready = port;
    }
  });
  return {
    take(receive) {
      const port = ready;
      ready = undefined;
      if (port) receive(port);
      else waiting = receive;
    },
  };
}

/** A line over a MessagePort. Ports do not say when the other end dies in every runtime, so `close` may come late. */
export function portTransport(source: PortSource): OpenTransport {
  return (events) => {
    let port: MessagePort | undefined;
    let closed = false;
    const close = (reason: string): void => {
      if (closed) return;
      closed = true;
      port?.close();
      events.closed(reason);
    };
    source.take((taken) => {
      if (closed) return;
      port = taken;
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (typeof data === 'string') events.text(data);
        else if (data instanceof ArrayBuffer) events.frame(data);
        else if (data instanceof Uint8Array) events.frame(wholeBuffer(data));
      };
      port.addEventListener('close', () => close('the engine went away'));
      port.start();
      events.opened();
    });
    return { send: (text) => port?.postMessage(text), close: () => close('closed by the terminal') };
  };
}

function isPortMessage(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'fathom-port';
}

function wholeBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer;
  return bytes.slice().buffer as ArrayBuffer;
}
