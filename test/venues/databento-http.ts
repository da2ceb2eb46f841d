import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { zstdCompressSync } from 'node:zlib';
import { encodeMetadata, MIXED_STREAM } from '../../main/codec/dbn/metadata.ts';
import type { GatewayRecord } from './databento-gateway.ts';

/** An answer that a test wants instead of the usual one. */
export interface CannedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request as it came. */
export interface HistoryRequest {
  readonly method: string;
  readonly verb: string;
  readonly fields: ReadonlyMap<string, string>;
}

export interface HistoryScript {
  readonly key: string;
  /** What history has. */
  readonly records?: readonly GatewayRecord[];
  readonly rangeEnd?: string;
  readonly costUsd?: number;
  /** Instead of the size of what would be sent. */
  readonly bytes?: number;
  /** Given out first, in this order. */
  canned?: CannedAnswer[];
  /** Ends the body of a range after so many of its compressed bytes, without a word. */
  breakAfter?: number;
}

/** Stand-in of Databento's historical HTTP interface on 127.0.0.1. Ranges are sent as several zstd frames. */
export class DatabentoHttp {
  readonly requests: HistoryRequest[] = [];
  readonly script: HistoryScript;
  readonly #server: Server;

  private constructor(script: HistoryScript) {
    this.script = script;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async listen(script: HistoryScript): Promise<DatabentoHttp> {
    const server = new DatabentoHttp(script);
    await new Promise<void>((done) => {
      server.#server.listen(0, '127.0.0.1', done);
    });
    return server;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((done) => {
      this.#server.close(() => done());
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: Buffer[] = [];
    for await (const part of request) body.push(part as Buffer);
    const url = new URL(request.url ?? '/', this.url);
    const form = request.method === 'GET' ? url.searchParams : new URLSearchParams(Buffer.concat(body).toString());
    const method = url.pathname.replace('/v0/', '');
    const fields = new Map(form);
    this.requests.push({ method, verb: request.method ?? '', fields });
    const canned = this.script.canned?.shift();
    const wanted = `Basic ${Buffer.from(`${this.script.key}:`).toString('base64')}`;
    if (canned !== undefined) {
      response.writeHead(canned.status, canned.headers).end(canned.body ?? '');
    } else if (request.headers.authorization !== wanted) {
      const detail = { case: 'auth_authentication_failed', message: `Bad ${request.headers.authorization}` };
      response.writeHead(401).end(JSON.stringify({ detail }));
    } else this.#serve(method, fields, response);
  }

  #serve(method: string, fields: ReadonlyMap<string, string>, response: ServerResponse): void {
    const { costUsd = 0.01, bytes, rangeEnd = '2030-01-01T00:00:00.000000000Z' } = this.script;
    const records = this.#selected(fields);
    const size = records.reduce((sum, record) => sum + record.bytes.length, 0);
    switch (method) {
      case 'metadata.get_cost':
        response.end(String(costUsd));
        return;
      case 'metadata.get_billable_size':
        response.end(String(bytes ?? size));
        return;
      case 'metadata.get_record_count':
        response.end(String(records.length));
        return;
      case 'metadata.get_dataset_range':
        response.end(JSON.stringify({ start: '2010-06-06', end: rangeEnd, schema: {} }));
        return;
      case 'symbology.resolve': {
        const part = { d0: fields.get('start_date'), d1: fields.get('end_date'), s: '42' };
        const result = Object.fromEntries((fields.get('symbols') ?? '').split(',').map((symbol) => [symbol, [part]]));
        response.end(JSON.stringify({ result, symbols: [], partial: [], not_found: [], message: 'OK', status: 0 }));
        return;
      }
      case 'timeseries.get_range':
        this.#sendRange(fields, records, response);
        return;
      default:
        response.writeHead(404).end(JSON.stringify({ detail: 'Not Found' }));
    }
  }

  #selected(fields: ReadonlyMap<string, string>): readonly GatewayRecord[] {
    const [start, end] = [BigInt(fields.get('start') ?? 0), BigInt(fields.get('end') ?? 0)];
    return (this.script.records ?? []).filter(
      ({ schema, tsEventNs }) => schema === fields.get('schema') && tsEventNs >= start && tsEventNs < end,
    );
  }

  #sendRange(fields: ReadonlyMap<string, string>, records: readonly GatewayRecord[], response: ServerResponse): void {
    const metadata = encodeMetadata({
      dataset: fields.get('dataset') ?? '',
      ...MIXED_STREAM,
      startNs: BigInt(fields.get('start') ?? 0),
      endNs: BigInt(fields.get('end') ?? 0),
    });
    const stream = Buffer.concat([metadata, ...records.map(({ bytes }) => bytes)]);
    const frames: Buffer[] = [];
    for (let at = 0; at < stream.length; at += 10_007) frames.push(zstdCompressSync(stream.subarray(at, at + 10_007)));
    const body = Buffer.concat(frames);
    const { breakAfter } = this.script;
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': String(body.length) });
    if (breakAfter === undefined) response.end(body);
    else response.write(body.subarray(0, breakAfter), () => response.destroy());
  }
}
