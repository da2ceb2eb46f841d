import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type BrowserHost, PortTakenError, startBrowserHost } from '../../../main/entry/host/browser-host.ts';
import { PageMissingError } from '../../../main/entry/host/static-files.ts';
import { PROTOCOL_VERSION } from '../../../shared/contract/protocol.ts';
import { sectionsOf } from '../../core/publisher/client-replica.ts';
import { ask, say } from '../raw-http.ts';
import { smallTerminal } from '../small-terminal.ts';

const TOKEN = 'the-right-token';
const terminal = smallTerminal();
let root: string;
let host: BrowserHost;
let own: { readonly host: string; readonly origin: string };

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fathom-page-'));
  await mkdir(join(root, 'page', 'assets'), { recursive: true });
  await writeFile(join(root, 'page', 'index.html'), '<!doctype html><title>Fathom</title>');
  await writeFile(join(root, 'page', 'assets', 'main-1a2b.js'), 'export {};');
  await writeFile(join(root, 'secret.txt'), 'secret');
  host = await startBrowserHost(options(0));
  own = { host: `127.0.0.1:${host.port}`, origin: `http://127.0.0.1:${host.port}` };
});

afterAll(async () => {
  await host.close();
  await rm(root, { recursive: true });
});

function options(port: number) {
  return { terminal, port, token: TOKEN, cookieKey: 'key', rendererRoot: join(root, 'page') };
}

const json = { 'content-type': 'application/json' };

async function cookieOf(port: number, token = TOKEN): Promise<string> {
  const self = { host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` };
  const answer = await ask(port, 'POST', '/session', { ...self, ...json }, JSON.stringify({ token }));
  expect(answer.status).toBe(204);
  return answer.headers['set-cookie']![0]!.split(';')[0]!;
}

/** The status with which an upgrade is refused, or 101. */
function upgrade(headers: Readonly<Record<string, string>>, path = '/engine'): Promise<number> {
  return new Promise((resolve) => {
    const { origin, ...rest } = headers;
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}${path}`, {
      headers: rest,
      ...(origin === undefined ? {} : { origin }),
    });
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', () => undefined);
  });
}

describe('files', () => {
  test('the page comes with its types and a strict policy', async () => {
    const index = await ask(host.port, 'GET', '/', { host: own.host });
    expect(index).toMatchObject({ status: 200, body: '<!doctype html><title>Fathom</title>' });
    expect(index.headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = index.headers['content-security-policy'];
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|data:|blob:/);
    expect(index.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(index.headers['access-control-allow-origin']).toBeUndefined();
    const script = await ask(host.port, 'GET', '/assets/main-1a2b.js?v=1', { host: own.host });
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });

  test('no path leads out of the page', async () => {
    const paths = [
      '/../secret.txt',
      '/assets/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '//secret.txt',
    ];
    for (const path of [...paths, '/..\\secret.txt', '/__proto__', 'http://127.0.0.1/secret.txt']) {
      const heard = await say(host.port, `GET ${path} HTTP/1.1\r\nHost: ${own.host}\r\nConnection: close\r\n\r\n`);
      expect(heard).toMatch(/^HTTP\/1.1 40[04]/);
      expect(heard).not.toContain('secret\n');
    }
  });

  test('only GET and HEAD are answered', async () => {
    expect((await ask(host.port, 'HEAD', '/', { host: own.host })).body).toBe('');
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'POST']) {
      expect((await ask(host.port, method, '/', own)).status, method).toBe(405);
    }
  });

  test('a page that was not built is said so', async () => {
    await expect(startBrowserHost({ ...options(0), rendererRoot: join(root, 'none') })).rejects.toThrow(
      PageMissingError,
    );
  });
});

describe('who is let in', () => {
  const strangers = [
    'attacker.example',
    'localhost',
    '127.0.0.1',
    'attacker.example:PORT',
    'localhost:PORT',
    '127.0.0.1.:PORT',
  ];

  test('a name that was bent to this machine is refused everywhere', async () => {
    const cookie = await cookieOf(host.port);
    for (const name of strangers) {
      const stranger = name.replace('PORT', String(host.port));
      expect((await ask(host.port, 'GET', '/', { host: stranger })).status, stranger).toBe(421);
      expect(await upgrade({ host: stranger, origin: own.origin, cookie }), stranger).toBe(421);
    }
    expect(await say(host.port, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 4/);
  });

  test('foreign origins are refused, on files too, and a missing one where something is done', async () => {
    const cookie = await cookieOf(host.port);
    const body = JSON.stringify({ token: TOKEN });
    for (const origin of [
      'http://attacker.example',
      'null',
      `https://${own.host}`,
      'http://127.0.0.1',
      `${own.origin}.x`,
    ]) {
      expect((await ask(host.port, 'GET', '/', { host: own.host, origin })).status, origin).toBe(403);
      expect((await ask(host.port, 'POST', '/session', { host: own.host, origin, ...json }, body)).status).toBe(403);
      expect(await upgrade({ host: own.host, origin, cookie }), origin).toBe(403);
    }
    expect((await ask(host.port, 'POST', '/session', { host: own.host, ...json }, body)).status).toBe(403);
    expect(await upgrade({ host: own.host, cookie })).toBe(403);
  });

  test('the line needs the cookie; the token itself opens nothing', async () => {
    const cookie = await cookieOf(host.port);
    const name = cookie.split('=')[0]!;
    expect(await upgrade(own)).toBe(401);
    for (const wrong of [
      `${name}=`,
      `${name}=${TOKEN}`,
      cookie.slice(0, -1),
      `x${cookie}`,
      `${name}x=1; other=${cookie}`,
    ]) {
      expect(await upgrade({ ...own, cookie: wrong }), wrong).toBe(401);
    }
    expect(await upgrade({ ...own, cookie: `theme=dark; ${cookie}` })).toBe(101);
    expect(await upgrade({ ...own, cookie }, '/other')).toBe(404);
  });

  test('the cookie is out of reach of scripts and other sites, and outlives the engine but not the key', async () => {
    const answer = await ask(host.port, 'POST', '/session', { ...own, ...json }, JSON.stringify({ token: TOKEN }));
    expect(answer.headers['set-cookie']![0]).toMatch(/; HttpOnly; SameSite=Strict$/);
    const first = await startBrowserHost(options(0));
    const cookie = await cookieOf(first.port);
    await first.close();
    const second = await startBrowserHost(options(first.port));
    expect(await cookieOf(second.port)).toBe(cookie);
    await second.close();
    const third = await startBrowserHost({ ...options(first.port), cookieKey: 'another' });
    expect(await cookieOf(third.port)).not.toBe(cookie);
    await third.close();
  });

  test('a wrong token, rubbish and too long a body buy nothing', async () => {
    const post = (body: string, headers: Readonly<Record<string, string>> = json) =>
      ask(host.port, 'POST', '/session', { ...own, ...headers }, body);
    for (const token of ['', 'wrong', `${TOKEN}x`, TOKEN.slice(1)]) {
      expect((await post(JSON.stringify({ token }))).status).toBe(403);
    }
    for (const body of ['', '{', '[]', '{"token":1}', `{"token":"${TOKEN}","more":1}`]) {
      expect((await post(body)).status).toBe(400);
    }
    expect((await post(JSON.stringify({ token: TOKEN }), { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await post(JSON.stringify({ token: 'x'.repeat(2_000) }))).status).toBe(413);
  });
});

describe('the line', () => {
  async function join(): Promise<WebSocket> {
    const cookie = await cookieOf(host.port);
    const socket = new WebSocket(`ws://${own.host}/engine`, { origin: own.origin, headers: { cookie } });
    socket.binaryType = 'arraybuffer';
    await new Promise((resolve) => socket.once('open', resolve));
    return socket;
  }

  function closing(socket: WebSocket): Promise<number> {
    return new Promise((resolve) => socket.once('close', resolve));
  }

  test('carries welcome, snapshots, frames and answers', async () => {
    const socket = await join();
    const heard: unknown[] = [];
    const done = new Promise<void>((resolve) => {
      socket.on('message', (data, binary) => {
        if (binary) {
          const { sequence, sections } = sectionsOf(new Uint8Array(data as ArrayBuffer));
          heard.push({ frame: sequence, rows: sections.length });
          socket.send(JSON.stringify({ kind: 'ack', frame: sequence }));
          socket.send(JSON.stringify({ kind: 'command', id: 'command-1', name: 'lockDay', params: { reason: '' } }));
          return;
        }
        const message = JSON.parse(String(data)) as { kind: string };
        heard.push(message.kind);
        if (message.kind === 'result') resolve();
      });
    });
    socket.send(JSON.stringify({ kind: 'hello', protocol: PROTOCOL_VERSION }));
    socket.send(JSON.stringify({ kind: 'subscribe', topics: ['terminal', 'depth:0'] }));
    await done;
    expect(heard).toEqual(['welcome', 'record', { frame: 1, rows: 1 }, 'result']);
    socket.terminate();
  });

  test('an oversized, a binary or a foreign message ends it and nobody else', async () => {
    const other = await join();
    const oversized = await join();
    oversized.on('error', () => undefined);
    oversized.send(JSON.stringify({ kind: 'hello', protocol: PROTOCOL_VERSION, padding: 'x'.repeat(600_000) }));
    expect(await closing(oversized)).toBe(1009);
    const binary = await join();
    binary.send(Buffer.from([1]));
    expect(await closing(binary)).toBe(1003);
    const foreign = await join();
    foreign.send('GET / HTTP/1.1');
    expect(await closing(foreign)).toBe(1002);
    const welcome = new Promise((resolve) => other.once('message', (data) => resolve(JSON.parse(String(data)))));
    other.send(JSON.stringify({ kind: 'hello', protocol: PROTOCOL_VERSION }));
    expect(await welcome).toMatchObject({ kind: 'welcome', engineId: terminal.engineId });
    other.terminate();
  });

  test('a taken port is named with the way out; an orderly stop says goodbye and frees it', async () => {
    await expect(startBrowserHost(options(host.port))).rejects.toThrow(PortTakenError);
    await expect(startBrowserHost(options(host.port))).rejects.toThrow('--port');
    const second = await startBrowserHost(options(0));
    const cookie = await cookieOf(second.port);
    const socket = new WebSocket(`ws://127.0.0.1:${second.port}/engine`, {
      origin: `http://127.0.0.1:${second.port}`,
      headers: { cookie },
    });
    await new Promise((resolve) => socket.once('open', resolve));
    const [code] = await Promise.all([closing(socket), second.close()]);
    expect(code).toBe(1001);
    const again = await startBrowserHost(options(second.port));
    await again.close();
  });
});
