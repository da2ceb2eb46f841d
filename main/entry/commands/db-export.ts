import { type Command, Option } from 'commander';
import { EXPORT_FORMATS, type ExportFormat, exportRows } from '../../storage/admin/export/export-rows.ts';
import { type CommandContext, UsageError, withProgress } from './command-context.ts';
import { type PlaceOptions, placeOf, withAdmin, withPlace } from './db-place.ts';
import { spanOf, TIME_HELP } from './db-times.ts';
import { grouped } from './text-table.ts';

interface ExportOptions extends PlaceOptions {
  readonly from?: string;
  readonly to?: string;
  readonly out: string;
  readonly format?: ExportFormat;
}

/** `db export TABLE`: rows of a table or view as a file. */
export function addDbExport(db: Command, { log, stop }: CommandContext): void {
  withPlace(db.command('export'))
    .summary('write a table as CSV or Parquet')
    .description(
      'Writes the rows of a table or view, in the order of time, into a file that is there only when it is whole. Times are ISO in CSV ' +
        'and timestamps of µs in Parquet, nanoseconds whole numbers in both.',
    )
    .argument('<table>', 'table or view')
    .option('--from <time>', `rows from this time on: ${TIME_HELP}`)
    .option('--to <time>', 'rows before this time')
    .requiredOption('--out <file>', 'file to write')
    .addOption(new Option('--format <name>', 'default: by the name of the file').choices([...EXPORT_FORMATS]))
    .action(async (table: string, { from, to, out: path, format, ...options }: ExportOptions) => {
      const span = spanOf(from, to);
      const chosen = format ?? formatOf(path);
      await withAdmin(await placeOf(options), async (admin) => {
        const stream = await admin.rows({ ask: 'table', table, ...span });
        const rows = await withProgress(`export ${table}`, (bar) => {
          return exportRows(stream, { path, format: chosen, progress: bar.update, stop });
        }).finally(() => {
          // Rows that found no file to go to hold the database, which could not be closed.
          return stream.batches.return();
        });
        log(rows === undefined ? `stopped; ${path} was not written` : `${grouped(rows)} rows of ${table} in ${path}`);
      });
    });
}

function formatOf(path: string): ExportFormat {
  const format = EXPORT_FORMATS.find((name) => path.toLowerCase().endsWith(`.${name}`));
  if (format === undefined) throw new UsageError(`${path}: choose --format csv or parquet, or such an ending`);
  return format;
}
