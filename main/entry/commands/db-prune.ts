import { type Command, InvalidArgumentError } from 'commander';
import { type Settings, settingsSchema } from '../../../shared/settings.ts';
import { LiveClock } from '../../core/clock/live-clock.ts';
import type { PruneReport, Removal } from '../../storage/tables/retention.ts';
import type { CommandContext } from './command-context.ts';
import { type PlaceOptions, placeOf, settingsOf, withAdmin, withoutEngine, withPlace } from './db-place.ts';
import { grouped } from './text-table.ts';

type KeepDays = Settings['store']['keepDays'];

interface PruneOptions extends PlaceOptions {
  readonly dryRun?: true;
  readonly keepDays?: Partial<KeepDays>;
  readonly json?: true;
}

const ENGINE = 'The running terminal writes into the files that would be pruned: stop it first.';
const KINDS = Object.keys(settingsSchema.parse({}).store.keepDays) as (keyof KeepDays)[];

/** `db prune`: removes what is older than the settings keep. */
export function addDbPrune(db: Command, { out }: CommandContext): void {
  withPlace(db.command('prune'))
    .summary('remove rows that are older than is kept')
    .description(
      'Removes whole trading days that are older than store.keepDays of the settings says, never the current one: rows and files of days ' +
        'in the embedded database, partitions in Postgres, chunks in Timescale. Captures are not touched.',
    )
    .option('--dry-run', 'only say what would go')
    .option(
      '--keep-days <list>',
      `in place of the settings, as depthEvents=5,books=90; 0 keeps all; ${KINDS.join(', ')}`,
      keepDaysOption,
    )
    .option('--json', 'as JSON')
    .action(async ({ dryRun, keepDays, json, ...options }: PruneOptions) => {
      const place = await placeOf(options);
      const keep = { ...(await settingsOf()).store.keepDays, ...keepDays };
      const prune = () => {
        return withAdmin(place, (admin) => admin.prune(keep, new LiveClock().nowUs(), dryRun === true));
      };
      const report = dryRun === true ? await prune() : await withoutEngine(place, ENGINE, prune);
      if (json === true) out.addJson(report);
      else for (const line of pruneLines(report, dryRun === true)) out.add(`${line}\n`);
    });
}

function pruneLines({ removals, files }: PruneReport, dryRun: boolean): string[] {
  if (removals.length === 0 && files.length === 0) return ['Nothing is older than is kept.'];
  const verb = dryRun ? 'Would remove' : 'Removed';
  const lines = removals.map((removal) => `${verb} ${removalWords(removal)}.`);
  if (files.length > 0)
    lines.push(`${verb} ${files.length} ${files.length === 1 ? 'file' : 'files'} of days: ${files.join(', ')}.`);
  return lines;
}

function removalWords({ table, rows, parts }: Removal): string {
  const what = rows === undefined ? '' : `${grouped(rows)} rows`;
  if (parts.length === 0) return `${what} of ${table}`;
  const shown = parts.length > 6 ? [...parts.slice(0, 3), '…', ...parts.slice(-2)] : parts;
  const list = `${parts.length} ${parts.length === 1 ? 'part' : 'parts'} of ${table} (${shown.join(', ')})`;
  return what === '' ? list : `${what} in ${list}`;
}

function keepDaysOption(text: string): Partial<KeepDays> {
  const keep: Partial<Record<keyof KeepDays, number>> = {};
  for (const part of text.split(',')) {
    const [, name, days] = /^\s*(\w+)=(\d{1,5})\s*$/.exec(part) ?? [];
    const kind = KINDS.find((one) => one === name);
    if (kind === undefined) {
      throw new InvalidArgumentError(`"${part}" is not of the form name=days with a name of ${KINDS.join(', ')}.`);
    }
    keep[kind] = Number(days);
  }
  return keep;
}
