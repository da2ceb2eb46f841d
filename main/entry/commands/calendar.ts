import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type EconomicEvent, IMPACTS, type Impact } from '../../../shared/economic-calendar.ts';
import { DAY_US } from '../../../shared/units.ts';
import { LiveClock } from '../../core/clock/live-clock.ts';
import {
  CALENDAR_FORMATS,
  type CalendarFormat,
  type CalendarReading,
  readCalendarFile,
} from '../../feeds/calendar/calendar-file.ts';
import { CalendarFileError } from '../../feeds/calendar/raw-event.ts';
import { type DateOrder, instantOf, type TimeZone, timeZone } from '../../feeds/calendar/zoned-time.ts';
import { type Calendar, withChosenCalendar } from './chosen-calendar.ts';
import { type CommandContext, CommandError, UsageError } from './command-context.ts';

interface ImportOptions {
  readonly format?: CalendarFormat;
  readonly zone?: string;
  readonly dates?: DateOrder;
  readonly json?: true;
}

interface ListOptions {
  readonly from?: string;
  readonly to?: string;
  readonly zone: TimeZone;
  readonly impact?: readonly Impact[];
  readonly currency?: readonly string[];
  readonly json?: true;
}

const REFUSALS_SHOWN = 50;

/** `calendar`: events of an economic calendar, from files into the database and out of it. Runs beside an engine. */
export function addCalendar(program: Command, context: CommandContext): void {
  const calendar = program
    .command('calendar')
    .summary('import and list events of an economic calendar')
    .description(
      'Events of economic calendars, in the database that the settings choose. Works while the terminal runs, too.',
    );
  addImport(calendar, context);
  addList(calendar, context);
}

function addImport(calendar: Command, { out, log }: CommandContext): void {
  calendar
    .command('import')
    .argument('<file>', 'CSV, iCalendar or JSON')
    .summary('take in the events of a file')
    .description(
      'Reads a calendar file and adds its events to those known. Events that are known already are brought up to date; none is ' +
        'removed. Rows that cannot be read are told with their line (in JSON their item) and reason.',
    )
    .addOption(new Option('--format <name>', 'what the file is; else found from it').choices([...CALENDAR_FORMATS]))
    .option('--zone <name>', 'IANA zone of times that name none; else the one the file gives, else UTC')
    .addOption(new Option('--dates <order>', 'how 03/04/2025 is to be read').choices(['dmy', 'mdy']))
    .option('--json', 'figures as JSON')
    .action(async (file: string, options: ImportOptions) => {
      const reading = await readFileOf(file, options);
      const counts = await withChosenCalendar(process.env, (calendar) => take(calendar, reading.events));
      const { format, zone, withoutZone, withoutImpact, refused, events } = reading;
      if (options.json === true) {
        const byImpact = countBy(events, ({ impact }) => impact);
        const byCurrency = countBy(events, ({ currency }) => currency ?? '');
        out.addJson({ file, format, zone, withoutZone, withoutImpact, ...counts, byImpact, byCurrency, refused });
      } else {
        out.add(
          `${basename(file)} (${format}): ${events.length} events, ${counts.imported} new, ${counts.updated} updated, ` +
            `${counts.unchanged} known as they are; ${refused.length} rows refused.\n`,
        );
        if (events.length > 0) out.add(`By impact: ${tallyText(countBy(events, ({ impact }) => impact))}.\n`);
        if (withoutZone > 0) out.add(`Times of ${withoutZone} events name no zone and were read as ${zone}.\n`);
        if (withoutImpact > 0) out.add(`${withoutImpact} events give no impact and stand as none.\n`);
      }
      for (const { line, reason } of refused.slice(0, REFUSALS_SHOWN)) {
        log(`${basename(file)}, ${format === 'json' ? 'item' : 'line'} ${line}: ${reason}`);
      }
      if (refused.length > REFUSALS_SHOWN) {
        log(`and ${refused.length - REFUSALS_SHOWN} more; --json lists them all`);
      }
      if (events.length === 0) throw new CommandError(`${file} gave no event`);
    });
}

async function readFileOf(file: string, { format, zone, dates }: ImportOptions): Promise<CalendarReading> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    // Whoever reads a folder is told so without its name.
    error.path ??= file;
    throw error;
  });
  try {
    return readCalendarFile(bytes, { name: basename(file), format, zone, dates, nowUs: new LiveClock().nowUs() });
  } catch (error) {
    if (error instanceof CalendarFileError) throw new CommandError(`${file}: ${error.message}`);
    throw error;
  }
}

interface TakenCounts {
  readonly imported: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** Writes the events and counts what that changed. */
async function take(calendar: Calendar, events: readonly EconomicEvent[]): Promise<TakenCounts> {
  if (events.length === 0) return { imported: 0, updated: 0, unchanged: 0 };
  let fromUs = events[0]!.atUs;
  let toUs = fromUs;
  for (const { atUs } of events) {
    fromUs = Math.min(fromUs, atUs);
    toUs = Math.max(toUs, atUs);
  }
  const look = async () => {
    const known = await calendar.between({ fromUs, toUs: toUs + 1 });
    return new Map(known.map((event) => [event.id, event] as const));
  };
  const before = await look();
  await calendar.tell(events);
  const after = await look();
  const known = events.flatMap(({ id }) => before.get(id) ?? []);
  const updated = known.filter((event) => contentOf(event) !== contentOf(after.get(event.id)!)).length;
  return { imported: events.length - known.length, updated, unchanged: known.length - updated };
}

/** What an event says, apart from who says it and when. */
function contentOf({ source: _, revisedUs: __, ...event }: EconomicEvent): string {
  return JSON.stringify(event);
}

function addList(calendar: Command, { out }: CommandContext): void {
  calendar
    .command('list')
    .summary('events between two times')
    .description('Prints events in the order of time, each with what was forecast, was before, and came.')
    .option('--from <time>', '2025-11-07 or "2025-11-07 13:30"; default: now')
    .option('--to <time>', 'likewise, a date alone being its last moment; default: seven days later')
    .option('--zone <name>', 'IANA zone of these times and of those shown', zoneOption, timeZone('UTC')!)
    .option('--impact <names>', 'none, low, medium, high: those wanted, separated by commas', impactsOption)
    .option('--currency <codes>', 'those wanted, separated by commas', currenciesOption)
    .option('--json', 'as JSON')
    .action(async ({ from, to, zone, impact, currency, json }: ListOptions) => {
      const fromUs = from === undefined ? new LiveClock().nowUs() : instantOption('--from', from, zone);
      const toUs = to === undefined ? fromUs + 7 * DAY_US : instantOption('--to', to, zone, true);
      if (toUs <= fromUs) throw new UsageError('--to is not later than --from');
      const question = { fromUs, toUs, impacts: impact, currencies: currency };
      const events = await withChosenCalendar(process.env, (calendar) => calendar.between(question));
      if (json === true) out.addJson(events.map((event) => ({ time: isoTime(event.atUs), ...event })));
      else {
        for (const event of events) out.add(`${lineOf(event, zone)}\n`);
        out.add(`${events.length} events, times in ${zone.name}.\n`);
      }
    });
}

function instantOption(name: string, text: string, zone: TimeZone, end = false): number {
  const read = instantOf(text, zone, undefined);
  if (typeof read === 'string') throw new UsageError(`${name}: ${read}`);
  const dateAlone = end && !text.includes(':');
  return dateAlone ? zone.instantUs(read.us + zone.offsetUs(read.us) + DAY_US) : read.us;
}

function lineOf(event: EconomicEvent, zone: TimeZone): string {
  const time = isoTime(event.atUs + zone.offsetUs(event.atUs))
    .slice(0, 16)
    .replace('T', ' ');
  const place = event.currency ?? event.country ?? '';
  const values = (['forecast', 'previous', 'actual'] as const)
    .filter((name) => event[name] !== null)
    .map((name) => `${name} ${event[name]}`);
  return [time, place.padEnd(3), event.impact.padEnd(6), event.title, ...values].join('  ');
}

function isoTime(us: number): string {
  return new Date(Math.floor(us / 1000)).toISOString();
}

function zoneOption(text: string): TimeZone {
  const zone = timeZone(text);
  if (zone === undefined) throw new InvalidArgumentError(`"${text}" is no IANA zone such as America/New_York.`);
  return zone;
}

function impactsOption(text: string): Impact[] {
  return text.split(',').map((part) => {
    const word = part.trim().toLowerCase();
    const impact = IMPACTS.find((name) => name === word);
    if (impact === undefined) throw new InvalidArgumentError(`"${part}" is none of ${IMPACTS.join(', ')}.`);
    return impact;
  });
}

function currenciesOption(text: string): string[] {
  return text.split(',').map((part) => {
    const code = part.trim().toUpperCase();
    if (!/^[A-Z]{3}$/.test(code)) throw new InvalidArgumentError(`"${part}" is no currency code of three letters.`);
    return code;
  });
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}

function tallyText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}
