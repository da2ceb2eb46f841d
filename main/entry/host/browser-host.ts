import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { afterMs } from '../../core/clock/wall-timer.ts';
import type { TerminalPort } from '../terminal-port.ts';
import { ClientHub } from './client-hub.ts';
import { HttpGuard, LOOPBACK, type Refusal } from './http-guard.ts';
import { SessionCookie } from './session-cookie.ts';
import { readStaticFiles, type StaticFile } from './static-files.ts';
import { WebSocketGateway } from './websocket-gateway.ts';

const SESSION_BODY_BYTES_MAX = 1_024;
const sessionBody = z.strictObject({ token: z.string().max(256) });

/** How long an orderly stop waits for pages to say goodbye. */
const GOODBYE_MS = 500;

export interface BrowserHostOptions {
  readonly terminal: TerminalPort;
  /** 0 = any free one. */
  readonly port: number;
  readonly token: string;
  /** Key that the session cookie is derived from; the same after a restart of the engine. */
  readonly cookieKey: string;
  /** Folder of the built page. */
  readonly rendererRoot: string;
}

export interface BrowserHost {
  readonly port: number;
  /** Address with the token, for the trader's own browser. */
  readonly url: string;
  close(): Promise<void>;
}

/** The port is in use by another program. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';

  constructor(port: number) {
    super(
      `Port ${port} on ${LOOPBACK} is taken, perhaps by another Fathom. Close that, or choose another with --port, e.g. --port ${port + 1}.`,
    );
  }
}

/**
 * Serves the page and the line to the engine on 127.0.0.1.
 * @throws PortTakenError, PageMissingError
 */
export async function startBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const files = await readStaticFiles(options.rendererRoot);
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 });
  const port = await listen(server, options.port);
  const guard = new HttpGuard(port);
  const cookie = new SessionCookie(options.token, options.cookieKey, port);
  const gateway = new WebSocketGateway(new ClientHub(options.terminal));

  server.on('request', (request, response) => {
    for (const [name, value] of Object.entries(guard.headers())) response.setHeader(name, value!);
    const path = pathOf(request);
    const exchange = request.method === 'POST' && path === '/session';
    const refusal = guard.refusal(request, exchange);
    if (refusal !== undefined) refuse(response, refusal);
    else if (exchange) openSession(request, response, cookie);
    else serveFile(request, response, files.get(path));
  });
  server.on('upgrade', (request, socket, head) => {
    const refusal = guard.refusal(request, true) ?? upgradeRefusal(request, cookie, gateway);
    if (refusal === undefined) gateway.admit(request, socket, head);
    else refuseUpgrade(socket, refusal);
  });

  return {
    port,
    url: `http://${LOOPBACK}:${port}/#token=${options.token}`,
    close: () => close(server, gateway),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortTakenError(port) : error);
    });
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server, gateway: WebSocketGateway): Promise<void> {
  return new Promise((resolve) => {
    const cancel = afterMs(GOODBYE_MS, () => {
      gateway.terminate();
      server.closeAllConnections();
    });
    server.close(() => {
      cancel();
      resolve();
    });
    gateway.close();
    server.closeIdleConnections();
  });
}

/** Path without the query; an address that is no path is none of ours. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0]!;
}

function upgradeRefusal(
  request: IncomingMessage,
  cookie: SessionCookie,
  gateway: WebSocketGateway,
): Refusal | undefined {
  if (pathOf(request) !== '/engine') return { status: 404, words: 'There is no line here.' };
  if (!cookie.admits(request.headers.cookie))
    return { status: 401, words: 'Open the address that the engine printed.' };
  if (gateway.full) return { status: 503, words: 'Too many pages are open.' };
  return undefined;
}

function refuse(response: ServerResponse, { status, words }: Refusal): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`${words}\n`);
}

function refuseUpgrade(socket: Duplex, { status, words }: Refusal): void {
  const body = `${words}\n`;
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function serveFile(request: IncomingMessage, response: ServerResponse, file: StaticFile | undefined): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, { status: 405, words: 'Only GET and HEAD are answered here.' });
  } else if (file === undefined) {
    refuse(response, { status: 404, words: 'There is no such file.' });
  } else {
    response.writeHead(200, {
      'content-type': file.type,
      'content-length': file.body.length,
      'cache-control': file.cacheControl,
    });
    response.end(request.method === 'HEAD' ? undefined : file.body);
  }
}

function openSession(request: IncomingMessage, response: ServerResponse, cookie: SessionCookie): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('error', () => response.destroy());
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= SESSION_BODY_BYTES_MAX) chunks.push(chunk);
    else if (!response.headersSent) refuse(response, { status: 413, words: 'The request is too long.' });
    else request.destroy();
  });
  request.on('end', () => {
    if (response.headersSent) return;
    const body = request.headers['content-type'] === 'application/json' ? parse(Buffer.concat(chunks)) : undefined;
    if (body === undefined) {
      refuse(response, { status: 400, words: 'Expected {"token": …} as application/json.' });
      return;
    }
    const setCookie = cookie.exchange(body.token);
    if (setCookie === undefined) refuse(response, { status: 403, words: 'The token is not the one of this run.' });
    else response.writeHead(204, { 'set-cookie': setCookie, 'cache-control': 'no-store' }).end();
  });
}

function parse(body: Buffer): z.infer<typeof sessionBody> | undefined {
  try {
    return sessionBody.safeParse(JSON.parse(body.toString())).data;
  } catch {
    return undefined;
  }
}
