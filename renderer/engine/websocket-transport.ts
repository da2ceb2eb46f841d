import type { OpenTransport } from './transport.ts';

/** A line over WebSocket to the host that served the page; the session cookie travels with the upgrade. */
export function webSocketTransport(url: string): OpenTransport {
  return (events) => {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => events.opened();
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') events.text(data);
      else events.frame(data);
    };
    socket.onclose = ({ reason }) => events.closed(reason || 'the line to the engine closed');
    return {
      send: (text) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: () => socket.close(),
    };
  };
}
