import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { platform } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { VendorFinding } from '../../../shared/contract/setup.ts';
import type { Settings } from '../../../shared/settings.ts';
import { StoreError } from '../../core/store-port.ts';
import { postgresAddress } from '../../storage/postgres/postgres-address.ts';
import { reportPostgres } from '../../storage/postgres/postgres-report.ts';
import { reportStore } from '../../storage/sqlite/sqlite-report.ts';
import { dataFolder, storePath } from '../data-folder.ts';
import { dataFolderTrouble } from '../made-data-folder.ts';
import { headlessKeys } from '../setup/os-keyring.ts';
import { readSettings, SettingsError } from '../setup/settings-file.ts';
import { checkAllVendors } from '../venues/vendor-checks.ts';
import { VERSION } from '../version.ts';
import { type CommandContext, CommandError } from './command-context.ts';

/** One thing that was looked at. */
interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'missing' | 'fault' | VendorFinding['state'];
  readonly words: string;
}

/** The project's root: this file runs as main/entry/commands/*.ts or within out/main/entry/*.js. */
const ROOT = join(import.meta.dirname, '..', '..', '..');

/** `doctor`: what is configured, what is missing, and which versions are at work. */
export function addDoctor(program: Command, { out }: CommandContext): void {
  program
    .command('doctor')
    .summary('what is configured and what is missing')
    .description(
      'Looks at versions, settings, data and parts, and tries every vendor. What is missing is said; only a fault makes it ' +
        'fail, and a vendor that fails while it is in use.',
    )
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: true }) => {
      const findings = [...versions(), ...(await configuration()), ...parts(), ...(await vendors())];
      if (json === true) out.addJson(findings);
      else {
        const width = Math.max(...findings.map(({ name }) => name.length));
        for (const { name, state, words } of findings) {
          out.add(`${name.padEnd(width)}  ${state.padEnd('not configured'.length)}  ${words}\n`);
        }
      }
      const faults = findings.filter(({ state }) => state === 'fault');
      if (faults.length > 0) throw new CommandError(`at fault: ${faults.map(({ name }) => name).join(', ')}`);
    });
}

function versions(): Finding[] {
  const { node, v8 } = process.versions;
  return [
    { name: 'fathom', state: 'ok', words: VERSION },
    Number.parseInt(node, 10) >= 24
      ? { name: 'node', state: 'ok', words: `${node}, V8 ${v8}, ${platform()} ${process.arch}` }
      : { name: 'node', state: 'fault', words: `${node}; version 24 or later is needed` },
  ];
}

async function configuration(): Promise<Finding[]> {
  const folder = dataFolder(process.env);
  const findings: Finding[] = [await place(folder)];
  const settings = join(folder, 'settings.json');
  let url = '';
  try {
    const { source, account, store } = await readSettings(folder);
    url = store.url;
    const held = existsSync(settings) ? settings : 'no settings.json: the defaults hold';
    const start = account.startingBalanceMinor / 100;
    findings.push(
      { name: 'settings', state: existsSync(settings) ? 'ok' : 'missing', words: held },
      { name: 'market data', state: 'ok', words: sourceWords(source) },
      { name: 'account', state: 'ok', words: `paper, starting with ${start} ${account.currency}` },
    );
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    findings.push({ name: 'settings', state: 'fault', words: error.message });
  }
  findings.push(await database(folder, url), captures(join(folder, 'captures')));
  return findings;
}

async function place(folder: string): Promise<Finding> {
  const name = 'data folder';
  if (!existsSync(folder)) return { name, state: 'missing', words: `${folder}; it is made at the first start` };
  const trouble = await dataFolderTrouble(folder);
  if (trouble !== undefined) return { name, state: 'fault', words: `${folder}: ${trouble}` };
  return { name, state: 'ok', words: folder };
}

/** The database that the settings choose. */
async function database(folder: string, url: string): Promise<Finding> {
  const name = 'database';
  if (url !== '') return { name, ...(await postgres(url)) };
  const { trouble, bytes, sqliteVersion, missingMigrations } = reportStore(storePath(folder));
  if (trouble !== '') return { name, state: 'fault', words: `${trouble}; at the next start it is set aside` };
  if (bytes === undefined) return { name, state: 'missing', words: `made at the first start, SQLite ${sqliteVersion}` };
  return { name, state: 'ok', words: `${bytes} bytes, ${migrationWords(missingMigrations)}, SQLite ${sqliteVersion}` };
}

async function postgres(url: string): Promise<Omit<Finding, 'name'>> {
  try {
    const report = await reportPostgres(postgresAddress(url, process.env));
    if (report.trouble !== '') return { state: 'fault', words: report.trouble };
    const { place, bytes, missingMigrations, serverVersion } = report;
    return {
      state: 'ok',
      words: `${place}, ${bytes} bytes, ${migrationWords(missingMigrations)}, server ${serverVersion}`,
    };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { state: 'fault', words: error.message };
  }
}

function migrationWords(missing: readonly string[]): string {
  return missing.length === 0 ? 'up to date' : `${missing.length} migrations to run`;
}

function sourceWords({ kind, seed }: Settings['source']): string {
  return kind === 'simulated' ? `simulated, seed ${seed}; no key is needed` : 'live, from the venues that are enabled';
}

/** How every vendor answers. One that fails is at fault only where market data or news come from it. */
async function vendors(): Promise<Finding[]> {
  const folder = dataFolder(process.env);
  let settings: Settings;
  try {
    settings = await readSettings(folder);
  } catch {
    // What is wrong with them has been said.
    return [];
  }
  const findings = await checkAllVendors(settings, await headlessKeys(process.env, folder));
  return findings.map(({ vendor, state, words }) => {
    const inUse = settings.feeds[vendor].enabled && (settings.source.kind === 'live' || vendor === 'insightsentry');
    return { name: vendor, state: state === 'failing' && inUse ? 'fault' : state, words };
  });
}

const CAPTURE = /\.(dbn|frames)\.zst$/;

function captures(folder: string): Finding {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => CAPTURE.test(name)) : [];
  if (names.length === 0) return { name: 'captures', state: 'missing', words: 'none recorded yet' };
  const bytes = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  return { name: 'captures', state: 'ok', words: `${names.length} files, ${bytes} bytes` };
}

function parts(): Finding[] {
  const page = join(ROOT, 'out', 'renderer', 'index.html');
  return [
    existsSync(page)
      ? { name: 'page', state: 'ok', words: 'built' }
      : { name: 'page', state: 'missing', words: 'not built; `npm start` builds it' },
    electronRuntime(),
  ];
}

/** Looks for the runtime where its package keeps it; loading the package would start a download. */
function electronRuntime(): Finding {
  try {
    const manifest = createRequire(import.meta.url).resolve('electron/package.json');
    const there = existsSync(join(manifest, '..', 'path.txt'));
    if (there || process.env['ELECTRON_EXEC_PATH'] !== undefined)
      return { name: 'electron', state: 'ok', words: 'runtime is there' };
  } catch {
    // The package itself is not installed: there is no runtime either.
  }
  return { name: 'electron', state: 'missing', words: 'no runtime; the terminal opens in a browser' };
}
