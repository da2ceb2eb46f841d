import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { net, protocol } from 'electron';
import { pagePolicy } from '../shared/page-policy.ts';

/** The page's own scheme: a proper origin, unlike file://, that nothing else can have. */
const SCHEME = 'fathom';
const HOST = 'terminal';
export const PAGE_ORIGIN = `${SCHEME}://${HOST}`;
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`;

/** Says what the scheme may do; before the program is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built page under its scheme. Only what lies in the folder now can be asked for. */
export function servePage(root: string): void {
  const files = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`${HOST}/${relative(root, path).split(sep).join('/')}`, path);
  }
  protocol.handle(SCHEME, async ({ url }) => {
    const { host, pathname } = new URL(url);
    const path = files.get(`${host}${pathname}`);
    if (path === undefined) return new Response('There is no such file.\n', { status: 404 });
    const file = await net.fetch(pathToFileURL(path).href);
    const headers = new Headers(file.headers);
    headers.set('content-security-policy', pagePolicy([]));
    headers.set('x-content-type-options', 'nosniff');
    headers.set('cross-origin-opener-policy', 'same-origin');
    return new Response(file.body, { status: file.status, headers });
  });
}
