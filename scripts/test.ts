import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { findElectron } from '../main/entry/host/electron-runtime.ts';
import { findPostgres } from '../test/storage/postgres-server.ts';
import { ensureBrowser } from './ensure-browser.ts';
import { ensurePostgres } from './ensure-postgres.ts';

/**
 * `npm test`: types, lint with the import rules, then unit, property, contract and end-to-end tests. Every step runs even
 * when an earlier one failed, so that one run tells everything; the last line counts.
 */
const root = resolve(import.meta.dirname, '..');
const report = join(root, 'test-output', 'results.json');

interface Step {
  readonly name: string;
  readonly run: () => boolean;
}

/** The parts of vitest's JSON report that are counted. */
interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

function command(name: string, program: string, args: readonly string[]): Step {
  return {
    name,
    run: () => {
      const { status } = spawnSync(join(root, 'node_modules', '.bin', program), args, { cwd: root, stdio: 'inherit' });
      return status === 0;
    },
  };
}

/** dependency-cruiser without a working parser finds nothing and is content; so the number of modules is checked too. */
function importRules(): boolean {
  const args = [
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
    'shared',
    'main',
    'renderer',
    'electron',
    'scripts',
  ];
  const { stdout, status } = spawnSync(join(root, 'node_modules', '.bin', 'depcruise'), args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  const { summary } = JSON.parse(stdout) as {
    summary: { totalCruised: number; violations: { rule: { name: string }; from: string; to: string }[] };
  };
  for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} → ${to}`);
  console.error(`import rules: ${summary.totalCruised} modules, ${summary.violations.length} violations`);
  return status === 0 && summary.totalCruised > 100;
}

const steps: readonly Step[] = [
  command('types', 'tsc', ['--build']),
  command('lint', 'biome', ['check', '.']),
  { name: 'import rules', run: importRules },
  command('dead code', 'knip', []),
  { name: 'browser', run: ensureBrowser },
  { name: 'postgres', run: ensurePostgres },
  command('tests', 'vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]),
];

mkdirSync(join(root, 'test-output'), { recursive: true });
const failed: string[] = [];
for (const step of steps) {
  const startedMs = performance.now();
  console.error(`\n── ${step.name}`);
  if (!step.run()) failed.push(step.name);
  console.error(
    `── ${step.name}: ${failed.includes(step.name) ? 'FAILED' : 'ok'}, ${((performance.now() - startedMs) / 1000).toFixed(1)} s`,
  );
}

const results = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as Results) : undefined;
const recordings = existsSync(resolve(root, '..', 'shared', 'fixtures'));
if (!recordings) console.log('Recorded vendor data is not at hand: tests that need it were NOT RUN.');
if (findElectron(root, process.env) === undefined) {
  console.log('The Electron runtime is not at hand: the test of the desktop window was NOT RUN.');
}
if (findPostgres() === undefined) console.log('No Postgres is at hand: tests that need a server were NOT RUN.');
if (process.env['FATHOM_TEST_TIMESCALE_URL'] === undefined) {
  console.log('FATHOM_TEST_TIMESCALE_URL is not set: the tests on a Timescale server were NOT RUN.');
}
if (failed.length > 0) console.log(`Failed: ${failed.join(', ')}`);
const stepFailures = failed.filter((name) => name !== 'tests').length;
console.log(
  `${results?.numPassedTests ?? 0} passed, ${(results?.numFailedTests ?? 0) + stepFailures} failed, ${results?.numPendingTests ?? 0} skipped`,
);
process.exit(failed.length === 0 && results !== undefined ? 0 : 1);
