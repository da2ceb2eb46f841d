import type { Command } from 'commander';
import type { CopySource, CopyTarget } from '../../storage/admin/copy/copy-ends.ts';
import { copyStore } from '../../storage/admin/copy/copy-store.ts';
import { PostgresSource } from '../../storage/admin/copy/postgres-source.ts';
import { PostgresTarget } from '../../storage/admin/copy/postgres-target.ts';
import { SqliteSource } from '../../storage/admin/copy/sqlite-source.ts';
import { SqliteTarget } from '../../storage/admin/copy/sqlite-target.ts';
import { type Comparison, verifyCopy } from '../../storage/admin/copy/verify-copy.ts';
import { postgresAddress } from '../../storage/postgres/postgres-address.ts';
import { type CommandContext, CommandError, UsageError, withProgress } from './command-context.ts';
import { type DbPlace, embeddedPlace, type PlaceOptions, placeOf, withoutEngine, withPlace } from './db-place.ts';
import { grouped, TextTable } from './text-table.ts';

interface CopyOptions extends PlaceOptions {
  readonly to: string;
  readonly merge?: true;
}

const ENGINE = 'What the running terminal stores meanwhile would be missing or in the way: stop it first.';

/** `db copy --to`: everything of one database into another one. */
export function addDbCopy(db: Command, context: CommandContext): void {
  withPlace(db.command('copy'))
    .summary('copy everything into another database')
    .description(
      'Copies all tables into another database, which is made where it is missing, and compares both at the end. May be stopped or killed ' +
        'and run again: it goes on where it was, and nothing is there twice. No engine may write to either meanwhile.',
    )
    .requiredOption('--to <url>', 'postgres://user@host:port/database, or "embedded" for that of the data folder')
    .option('--merge', 'also where the target holds market rows of its own; they must not be the same ones')
    .action(async ({ to, merge, ...options }: CopyOptions) => {
      const from = await placeOf(options);
      const into: DbPlace =
        to === 'embedded' ? embeddedPlace() : { kind: 'postgres', address: postgresAddress(to, process.env, '--to') };
      if (areSame(from, into)) throw new UsageError('--to is the database that is copied from');
      const embedded = from.kind === 'embedded' ? from : into;
      await withoutEngine(embedded, ENGINE, () => copy(from, into, merge === true, context));
    });
}

function areSame(a: DbPlace, b: DbPlace): boolean {
  if (a.kind === 'embedded' || b.kind === 'embedded') return a.kind === b.kind;
  const { host, port, database } = a.address;
  return host === b.address.host && port === b.address.port && database === b.address.database;
}

async function copy(from: DbPlace, into: DbPlace, merge: boolean, context: CommandContext): Promise<void> {
  const source =
    from.kind === 'embedded' ? await SqliteSource.open(from.path) : await PostgresSource.open(from.address);
  try {
    const target =
      into.kind === 'embedded'
        ? await SqliteTarget.open(into.path, context.log)
        : await PostgresTarget.open(into.address, context.log);
    try {
      await copyAndVerify(source, target, merge, context);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function copyAndVerify(
  source: CopySource,
  target: CopyTarget,
  merge: boolean,
  { out, log, stop }: CommandContext,
): Promise<void> {
  const { rows, stopped, ids } = await withProgress('copy', (bar) => {
    return copyStore(source, target, { progress: bar.update, stop, merge });
  });
  if (stopped) {
    const done = Array.from(rows.values()).reduce((sum, count) => sum + count, 0);
    log(`stopped after ${grouped(done)} rows, each whole. Run the same command again to go on from there.`);
    return;
  }
  const found = await withProgress('compare', (bar) => verifyCopy(source, target, ids, bar.update));
  const table = new TextTable(
    [
      { head: 'table', side: 'left' },
      { head: 'copied', side: 'right' },
      { head: 'source', side: 'right' },
      { head: 'target', side: 'right' },
    ],
    found.map((one) => cellsOf(one, rows)),
  );
  out.add(table.head);
  for (const one of found) out.add(table.row(cellsOf(one, rows)));
  const wrong = found.filter(({ difference }) => difference !== '');
  if (wrong.length === 0) {
    const all = found.reduce((sum, { targetRows }) => sum + Number(targetRows), 0);
    out.add(`${grouped(all)} rows are the same on both sides, by counts and by sums of every column.\n`);
    return;
  }
  const words = wrong.map(({ table: name, difference }) => `${name} (${difference})`).join('; ');
  throw new CommandError(
    `${source.place} and ${target.place} are not the same: ${words}. ` +
      'Rows that the target had of its own, or that came into the source meanwhile, make such differences; copy into a new database.',
  );
}

function cellsOf({ table, sourceRows, targetRows }: Comparison, rows: ReadonlyMap<string, number>): string[] {
  return [table, grouped(rows.get(table) ?? 0), grouped(Number(sourceRows)), grouped(Number(targetRows))];
}
