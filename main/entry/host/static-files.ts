import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.txt': 'text/plain; charset=utf-8',
};

export interface StaticFile {
  readonly body: Buffer;
  readonly type: string;
  readonly cacheControl: string;
}

/** The page was not built, or not where it is looked for. */
export class PageMissingError extends Error {
  override readonly name = 'PageMissingError';

  constructor(root: string) {
    super(`There is no built page in ${root}; run "npm run build" first.`);
  }
}

/** Makes sure, before anything is started for it, that there is a page to serve. @throws PageMissingError */
export function requirePage(root: string): void {
  if (!existsSync(join(root, 'index.html'))) throw new PageMissingError(root);
}

/**
 * Reads the built page into memory, by URL path. Only what was found there can be asked for: a path is looked up, never
 * opened. Files under `assets/` have the hash of their content in their name and may be cached for good.
 * @throws PageMissingError without an index.html
 */
export async function readStaticFiles(root: string): Promise<ReadonlyMap<string, StaticFile>> {
  const files = new Map<string, StaticFile>();
  for (const path of await filesUnder(root)) {
    const type = TYPES[extname(path)];
    if (type === undefined) continue;
    const url = `/${relative(root, path).split(sep).join('/')}`;
    const cacheControl = url.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    files.set(url, { body: await readFile(path), type, cacheControl });
  }
  const index = files.get('/index.html');
  if (index === undefined) throw new PageMissingError(root);
  return files.set('/', index);
}

async function filesUnder(root: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
