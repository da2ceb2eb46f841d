import type { Command } from 'commander';
import type { StoreCheck, TableSize } from '../../storage/admin/store-admin.ts';
import { type CommandContext, CommandError } from './command-context.ts';
import { addDbCopy } from './db-copy.ts';
import { addDbExport } from './db-export.ts';
import { type PlaceOptions, placeOf, withAdmin, withoutEngine, withPlace } from './db-place.ts';
import { addDbPrune } from './db-prune.ts';
import { addDbQuery } from './db-query.ts';
import { grouped, TextTable } from './text-table.ts';

/** `db`: the database that the settings choose, or another one, from the command line. */
export function addDb(program: Command, context: CommandContext): void {
  const db = program
    .command('db')
    .summary('set up, try, measure, export, prune, copy and ask the database')
    .description(
      'Works with the database that the settings choose: the embedded one, or the Postgres of store.url. A password is taken from ' +
        'FATHOM_DB_PASSWORD, else PGPASSWORD, or stands in --url; it is never printed.',
    );
  addSetup(db, context);
  addMigrate(db, context);
  addTest(db, context);
  addSize(db, context);
  addDbQuery(db, context);
  addDbExport(db, context);
  addDbPrune(db, context);
  addDbCopy(db, context);
}

const MIGRATING = 'It brings its tables up to date itself when it starts.';

function addSetup(db: Command, { out }: CommandContext): void {
  withPlace(db.command('setup'))
    .summary('make database, extension and tables where they are missing')
    .description('Makes what is missing and says what that was; running it again changes nothing.')
    .action(async (options: PlaceOptions) => {
      const place = await placeOf(options);
      const words = await withAdmin(place, (admin) => withoutEngine(place, MIGRATING, () => admin.setup()));
      for (const line of words) out.add(`${line}\n`);
    });
}

function addMigrate(db: Command, { out }: CommandContext): void {
  withPlace(db.command('migrate'))
    .summary('bring the tables up to date')
    .description('Runs the migrations that are missing, in one transaction, and names them.')
    .action(async (options: PlaceOptions) => {
      const place = await placeOf(options);
      const done = await withAdmin(place, (admin) => withoutEngine(place, MIGRATING, () => admin.migrate()));
      for (const name of done) out.add(`Ran ${name}.\n`);
      out.add('Tables are up to date.\n');
    });
}

function addTest(db: Command, { out }: CommandContext): void {
  withPlace(db.command('test'))
    .summary('try to connect, to read and to write')
    .description('Connects, reads, writes a row and takes it back; names server, instruments and symbol mappings.')
    .option('--json', 'as JSON')
    .action(async ({ json, ...options }: PlaceOptions & { json?: true }) => {
      const { place, check } = await withAdmin(await placeOf(options), async (admin) => {
        return { place: admin.place, check: await admin.check() };
      });
      if (json === true) out.addJson({ place, ...check });
      else for (const line of checkLines(place, check)) out.add(`${line}\n`);
      const missing = check.missingMigrations.length;
      if (missing > 0) throw new CommandError(`${missing} migrations are missing; \`fathom db migrate\` runs them`);
    });
}

function checkLines(place: string, { server, latencyMs, instruments, mappings }: StoreCheck): string[] {
  const active = instruments.map(({ id, provider, symbol }) => `${provider}/${symbol} (id ${id})`);
  const mapped = mappings.map(({ signal, execution, inverted, lagMs }) => {
    return `${signal} ↔ ${execution} (${inverted ? 'inverted, ' : ''}lag ${Math.round(lagMs)} ms)`;
  });
  return [
    `Connected to ${place}: ${server}.`,
    `A round trip takes ${latencyMs.toFixed(2)} ms. A row was written, read and taken back.`,
    foundLine(active, 'active instrument'),
    foundLine(mapped, 'symbol mapping'),
  ];
}

function foundLine(items: readonly string[], what: string): string {
  const count = `Found ${items.length} ${what}${items.length === 1 ? '' : 's'}`;
  return items.length === 0 ? `${count}.` : `${count}: ${items.join(', ')}`;
}

function addSize(db: Command, { out }: CommandContext): void {
  withPlace(db.command('size'))
    .summary('rows, bytes and growth of every table')
    .description(
      'Prints rows, bytes, what compressed parts take, and growth by the last 24 hours of data. ~ marks an estimate.',
    )
    .option('--json', 'as JSON')
    .action(async ({ json, ...options }: PlaceOptions & { json?: true }) => {
      const sizes = await withAdmin(await placeOf(options), (admin) => admin.sizes());
      if (json === true) {
        out.addJson(sizes);
        return;
      }
      const rows = sizes.map(sizeCells);
      const table = new TextTable(
        [
          { head: 'table', side: 'left' },
          { head: 'rows', side: 'right' },
          { head: 'bytes', side: 'right' },
          { head: 'compressed', side: 'right' },
          { head: 'rows/h', side: 'right' },
          { head: 'bytes/h', side: 'right' },
        ],
        rows,
      );
      out.add(table.head);
      for (const row of rows) out.add(table.row(row));
      const bytes = sizes.reduce((sum, size) => sum + size.bytes, 0);
      out.add(`Together ${sizes.every(({ bytesExact }) => bytesExact) ? '' : '~'}${grouped(bytes)} bytes.\n`);
    });
}

function sizeCells({ table, rows, rowsExact, bytes, bytesExact, compressed, rowsPerHour }: TableSize): string[] {
  const growth = rowsPerHour === undefined || rows === 0 ? undefined : (rowsPerHour * bytes) / rows;
  return [
    table,
    `${rowsExact ? '' : '~'}${grouped(rows)}`,
    `${bytesExact ? '' : '~'}${grouped(bytes)}`,
    compressed === undefined ? '' : `${grouped(compressed.bytes)} of ${grouped(compressed.beforeBytes)}`,
    rowsPerHour === undefined ? '' : grouped(rowsPerHour),
    growth === undefined ? '' : `~${grouped(growth)}`,
  ];
}
