import { type Command, Option } from 'commander';
import { csvHeader, csvRows } from '../../storage/admin/export/csv-file.ts';
import type { Cell, CellRow, RowStream } from '../../storage/admin/row-stream.ts';
import type { CommandContext } from './command-context.ts';
import { type PlaceOptions, placeOf, withAdmin, withPlace } from './db-place.ts';
import { spanOf, TIME_HELP } from './db-times.ts';
import { TextTable } from './text-table.ts';

interface QueryOptions extends PlaceOptions {
  readonly json?: true;
  readonly csv?: true;
  readonly from?: string;
  readonly to?: string;
}

/** `db query SQL`: what a statement gives, on either database. */
export function addDbQuery(db: Command, { out, log, stop }: CommandContext): void {
  withPlace(db.command('query'))
    .summary('ask in SQL')
    .description(
      'Runs one statement that only reads and prints what it gives. NOW() and INTERVAL are understood on the embedded database too; ' +
        'it reads at most eight trading days at once, the latest ones unless --from and --to choose others.',
    )
    .argument('<sql>', 'SELECT …')
    .addOption(new Option('--json', 'as JSON').conflicts('csv'))
    .option('--csv', 'as CSV')
    .option('--from <time>', `days of the embedded database from this time on: ${TIME_HELP}`)
    .option('--to <time>', 'up to this one')
    .action(async (text: string, { json, csv, from, to, ...options }: QueryOptions) => {
      const span = spanOf(from, to);
      await withAdmin(await placeOf(options), async (admin) => {
        const stream = await admin.rows({ ask: 'sql', text, ...span, onNotice: log });
        const print = csv === true ? csvPrinter(stream) : json === true ? jsonPrinter(stream) : tablePrinter(stream);
        let rows = 0;
        for await (const batch of stream.batches) {
          out.add(print.batch(batch));
          rows += batch.length;
          await out.flush();
          if (stop.aborted) break;
        }
        out.add(print.end(rows));
      });
    });
}

interface Printer {
  batch(rows: readonly CellRow[]): string;
  end(rows: number): string;
}

function csvPrinter({ columns }: RowStream): Printer {
  let head = csvHeader(columns);
  const once = () => {
    const text = head;
    head = '';
    return text;
  };
  return { batch: (rows) => once() + csvRows(rows), end: once };
}

function jsonPrinter({ columns }: RowStream): Printer {
  let begun = false;
  return {
    batch: (rows) => {
      const objects = rows.map((row) => {
        const values = row.map((cell, index) => [columns[index]!.name, jsonCell(cell)] as const);
        return `  ${JSON.stringify(Object.fromEntries(values))}`;
      });
      const text = `${begun ? ',' : '['}\n${objects.join(',\n')}`;
      begun = true;
      return text;
    },
    end: () => (begun ? '\n]\n' : '[]\n'),
  };
}

/** Nanoseconds are beyond what a number of JSON is read as, so such numbers are texts. */
function jsonCell(cell: Cell): Cell {
  if (typeof cell !== 'bigint') return cell;
  return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
}

function tablePrinter({ columns }: RowStream): Printer {
  const heads = columns.map(({ name, kind }) => {
    return { head: name, side: kind === 'whole' || kind === 'real' ? ('right' as const) : ('left' as const) };
  });
  let table: TextTable | undefined;
  return {
    batch: (rows) => {
      const texts = rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell))));
      let text = '';
      if (table === undefined) {
        table = new TextTable(heads, texts);
        text = table.head;
      }
      for (const row of texts) text += table.row(row);
      return text;
    },
    end: (rows) => `${table === undefined ? new TextTable(heads, []).head : ''}${rows} row${rows === 1 ? '' : 's'}.\n`,
  };
}
