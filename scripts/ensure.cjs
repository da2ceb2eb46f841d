'use strict';

/**
 * Makes the project ready to run, before anything else does: installs what the lock file names and, with `--build`, builds
 * what is stale. Runs on whatever Node npm has, so it is plain, uses built-in modules only, and is silent and quick when
 * there is nothing to do.
 */
const { spawnSync } = require('node:child_process');
const { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const NEEDED_NODE = 24;
const root = join(__dirname, '..');
const at = (...path) => join(root, ...path);

/** What the build reads. */
const SOURCES = ['shared', 'main', 'renderer', 'electron', 'resources', 'electron.vite.config.ts', 'package-lock.json'];
const BUILT = at('out', '.built');

function main() {
  requireNode(20, 'to install');
  if (changedAt(at('node_modules', '.package-lock.json')) < changedAt(at('package-lock.json'))) install();
  const node = ownNode();
  if (node === undefined) requireNode(NEEDED_NODE, 'to run');
  if (process.argv.includes('--build') && newest(SOURCES) > changedAt(BUILT)) build(node || process.execPath);
}

function requireNode(major, purpose) {
  if (Number(process.versions.node.split('.')[0]) >= major) return;
  fail(
    `Fathom needs Node ${major} or later ${purpose}; this is Node ${process.versions.node}. Get it from nodejs.org.`,
  );
}

/** The Node that the installation brought along for this platform; npm scripts find it first. */
function ownNode() {
  const [platform, file] = process.platform === 'win32' ? ['win', 'node.exe'] : [process.platform, 'node'];
  const path = at('node_modules', `node-${platform}-${process.arch}`, 'bin', file);
  return existsSync(path) ? path : undefined;
}

function install() {
  const npm = process.env.npm_execpath;
  if (npm === undefined) fail('What the lock file names is not installed. Run "npm ci" first.');
  process.stderr.write('Installing what the lock file names …\n');
  // npm's own Node runs it: the one of the project is about to be replaced.
  const result = spawnSync(process.env.npm_node_execpath || process.execPath, [npm, 'ci', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) fail('The installation failed; what npm says stands above.');
}

function build(node) {
  process.stderr.write('Building …\n');
  const startedAt = new Date();
  const electronVite = at('node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const result = spawnSync(node, [electronVite, 'build', '--logLevel', 'warn'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) fail('The build failed; the reasons stand above.');
  mkdirSync(at('out'), { recursive: true });
  writeFileSync(BUILT, `${startedAt.toISOString()}\n`);
  // What changed while the build ran is newer than the build.
  utimesSync(BUILT, startedAt, startedAt);
}

function changedAt(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/** Latest change of any of these files and folders, which includes files that came or went. */
function newest(names) {
  let latest = 0;
  const look = (path) => {
    const stat = statSync(path);
    if (stat.mtimeMs > latest) latest = stat.mtimeMs;
    if (stat.isDirectory()) for (const name of readdirSync(path)) look(join(path, name));
  };
  for (const name of names) if (existsSync(at(name))) look(at(name));
  return latest;
}

function fail(words) {
  process.stderr.write(`${words}\n`);
  process.exit(1);
}

main();
