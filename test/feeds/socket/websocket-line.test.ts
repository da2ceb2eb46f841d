import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { LiveClock } from '../../../main/core/clock/live-clock.ts';
import { Random } from '../../../main/core/clock/random.ts';
import { WebSocketLine, type WebSocketLineOptions } from '../../../main/feeds/socket/websocket-line.ts';

let server: Server | undefined;
let line: WebSocketLine | undefined;
let sockets: WebSocket[] = [];

afterEach(async () => {
  await line?.stop();
  for (const socket of sockets) socket.terminate();
  server?.closeAllConnections();
  await new Promise((done) => (server === undefined ? done(undefined) : server.close(done)));
  sockets = [];
});

/** A server on a port of its own. @param admit refuses a handshake by giving a status */
async function serve(onSocket: (socket: WebSocket) => void, admit = () => 0, headers = {}): Promise<string> {
  server = createServer((_: IncomingMessage, response: ServerResponse) => response.writeHead(404).end());
  const upgrade = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    const status = admit();
    if (status > 0) {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 ${status} no\r\n${lines.join('')}Content-Length: 0\r\n\r\n`);
      return;
    }
    upgrade.handleUpgrade(request, socket, head, (opened) => {
      sockets.push(opened);
      onSocket(opened);
    });
  });
  await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done));
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function keepUp(url: string, options: Partial<WebSocketLineOptions> = {}) {
  const heard: string[] = [];
  const downs: string[] = [];
  const opens: number[] = [];
  const clock = new LiveClock();
  line = new WebSocketLine({
    address: () => url,
    clock,
    random: new Random(7),
    silenceMs: 5_000,
    baseMs: 20,
    mostMs: 50,
    onOpen: () => opens.push(clock.nowUs()),
    onMessage: (bytes) => heard.push(new TextDecoder().decode(bytes)),
    onDown: (why) => downs.push(why),
    ...options,
  });
  line.start();
  return { heard, downs, opens };
}

describe('a WebSocket line', () => {
  test('gives messages as they came and sends while it is up', async () => {
    const url = await serve((socket) => socket.on('message', (text) => socket.send(`heard ${text}`)));
    const { heard, opens } = keepUp(url);
    expect(line!.send('too early')).toBe(false);
    await expect.poll(() => opens.length).toBe(1);
    line!.send('a');
    await expect.poll(() => heard).toEqual(['heard a']);
  });

  test('comes back after every close, and counts it', async () => {
    let left = 4;
    const url = await serve((socket) => {
      if (left-- > 0) socket.close(1012);
      else socket.send('here');
    });
    const { heard, downs } = keepUp(url);
    await expect.poll(() => heard).toEqual(['here']);
    expect(downs).toHaveLength(4);
    expect(downs[0]).toContain('1012');
    expect(line!.reconnects).toBe(4);
  });

  test('comes back soon to a server that gives something and closes, and waits longer for one that only closes', async () => {
    let gives = true;
    const url = await serve((socket) => {
      if (gives) socket.send('here');
      socket.close(1012);
    });
    const waits: number[] = [];
    const { heard } = keepUp(url, {
      baseMs: 5,
      mostMs: 100_000,
      mostAfterUpMs: 20,
      onDown: (_why, nextMs) => waits.push(nextMs),
    });
    await expect.poll(() => heard.length).toBeGreaterThan(12);
    expect(Math.max(...waits)).toBeLessThanOrEqual(20);
    gives = false;
    await expect.poll(() => Math.max(...waits)).toBeGreaterThan(20);
  });

  test('takes silence for death when no FIN ever comes', async () => {
    let first = true;
    const url = await serve((socket) => {
      if (!first) socket.send('here');
      first = false;
    });
    const { heard, downs } = keepUp(url, { silenceMs: 60 });
    await expect.poll(() => heard).toContain('here');
    expect(downs[0]).toMatch(/nothing came for 0\.06 s/);
  });

  test('tells a refused handshake, waits as asked, or ends', async () => {
    let statuses = [429, 403];
    const refusals: [number, number | undefined][] = [];
    const url = await serve(
      () => undefined,
      () => statuses.shift() ?? 0,
      { 'Retry-After': '0.05' },
    );
    const { opens } = keepUp(url, {
      onRefused: (status, retryMs) => {
        refusals.push([status, retryMs]);
        return status === 403 ? 'stop' : undefined;
      },
    });
    await expect
      .poll(() => refusals)
      .toEqual([
        [429, 50],
        [403, 50],
      ]);
    statuses = [];
    expect(opens).toHaveLength(0);
  });

  test('an address that cannot be had is a failed attempt', async () => {
    const url = await serve((socket) => socket.send('here'));
    let asked = 0;
    const { heard, downs } = keepUp(url, {
      address: () => {
        asked++;
        if (asked === 1) throw new Error('no token was given');
        return url;
      },
    });
    await expect.poll(() => heard).toEqual(['here']);
    expect(downs).toEqual(['no token was given']);
  });

  test('pings, and is renewed when asked', async () => {
    const pings: string[] = [];
    const url = await serve((socket) => socket.on('message', (text) => pings.push(String(text))));
    const { downs, opens } = keepUp(url, { ping: { everyMs: 10, text: () => 'ping' } });
    await expect.poll(() => pings.length).toBeGreaterThan(2);
    line!.renew('the book is wrong');
    await expect.poll(() => opens.length).toBe(2);
    expect(downs).toEqual(['the book is wrong']);
  });

  test('stopped, it says nothing more, even where the server does not close', async () => {
    const url = await serve((socket) => {
      socket.on('close', () => undefined);
      (socket as unknown as { _socket: { pause(): void } })._socket.pause();
    });
    const { downs, opens } = keepUp(url);
    await expect.poll(() => opens.length).toBe(1);
    await line!.stop();
    expect(downs).toEqual([]);
  });
});
