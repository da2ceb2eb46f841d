import { type Command, InvalidArgumentError, Option } from 'commander';
import { settingsSchema } from '../../../shared/settings.ts';
import { dataFolder } from '../data-folder.ts';
import { headlessKeys } from '../setup/os-keyring.ts';
import { settingsWords } from '../setup/settings-file.ts';
import { MARKET_VENUES, type MarketVenue, type VenuePlan, venuePlan } from '../venues/venues.ts';
import { positiveNumber, UsageError, wholeNumber } from './command-context.ts';

/** What names a venue on the command line. */
export interface VenueOptions {
  readonly venue: MarketVenue;
  readonly symbols: readonly string[];
  readonly schema?: string;
  readonly depth?: number;
  readonly url?: string;
  readonly restUrl?: string;
  readonly dataset?: string;
  /** Seconds. */
  readonly for?: number;
}

/** What a venue knows of that not all do. */
const OWN_OPTIONS: Readonly<Record<MarketVenue, readonly ('schema' | 'depth' | 'dataset')[]>> = {
  databento: ['schema', 'dataset'],
  ig: [],
  kraken: ['schema', 'depth'],
  binance: ['depth'],
  coinbase: [],
};

/** Adds the options by which a venue is named. */
export function addVenueOptions(command: Command): Command {
  return command
    .addOption(new Option('--venue <venue>', 'where to').choices([...MARKET_VENUES]).makeOptionMandatory())
    .requiredOption('--symbols <list>', 'symbols as the venue writes them, with commas between', symbolList)
    .option('--schema <schema>', 'Databento: mbp-10, mbo, mbp-1 or trades; Kraken: level3 for the book by order')
    .option('--depth <n>', 'levels a side, where the venue lets one choose', wholeNumber)
    .option('--url <url>', 'address in place of the venue’s own; Databento: tcp://host:port')
    .option('--rest-url <url>', 'address for requests, where it is another than that of --url')
    .option('--dataset <name>', 'Databento: GLBX.MDP3 when left out')
    .option('--for <seconds>', 'end after so long', positiveNumber);
}

/** How the venue is connected to: its settings, changed by the options. @throws UsageError for settings that can't be */
export async function planOfOptions(options: VenueOptions): Promise<VenuePlan> {
  for (const name of ['schema', 'depth', 'dataset'] as const) {
    if (options[name] !== undefined && !OWN_OPTIONS[options.venue].includes(name))
      throw new UsageError(`--${name} means nothing to ${options.venue}; leave it out`);
  }
  if (options.venue === 'kraken' && options.schema !== undefined && options.schema !== 'level3')
    throw new UsageError(`--schema ${options.schema} is not one of kraken's; it has level3, or the book when left out`);
  const parsed = settingsSchema.safeParse({ feeds: { [options.venue]: feedSettings(options) } });
  if (!parsed.success) throw new UsageError(settingsWords(parsed.error));
  return venuePlan(options.venue, parsed.data, await headlessKeys(process.env, dataFolder(process.env)));
}

function feedSettings({ venue, symbols, schema, depth, url, restUrl, dataset }: VenueOptions): object {
  const rest = () => restUrl ?? (url === undefined ? undefined : withScheme(url, 'http'));
  switch (venue) {
    case 'databento':
      return {
        symbols,
        ...given('schemas', schema === undefined ? undefined : [...new Set([schema, 'definition', 'status'])]),
        ...given('url', url),
        ...given('dataset', dataset),
      };
    case 'ig':
      return { symbols, ...given('url', rest()) };
    case 'kraken':
      return {
        symbols,
        level3: schema === 'level3',
        ...given('depth', depth),
        ...given('url', url && withScheme(url, 'ws')),
        ...given('level3Url', url && withScheme(url, 'ws')),
        ...given('restUrl', rest()),
      };
    case 'binance':
      return {
        symbols,
        ...given('depth', depth),
        ...given('url', url && withScheme(url, 'ws')),
        ...given('restUrl', rest()),
      };
    case 'coinbase':
      return { symbols, ...given('url', url && withScheme(url, 'ws')), ...given('restUrl', rest()) };
  }
}

/** One address serves both: sockets and requests differ in their scheme. A request's has no path of the socket's. */
function withScheme(url: string, family: 'ws' | 'http'): string {
  const match = /^(wss?|https?):\/\/([^/]+)(\/.*)?$/.exec(url);
  if (match === null) throw new UsageError(`--url ${url} is no address; expected ws://, wss://, http:// or https://`);
  const [, scheme = '', host = '', path = ''] = match;
  const secure = scheme === 'wss' || scheme === 'https';
  const isOwn = scheme.startsWith(family);
  return `${family}${secure ? 's' : ''}://${host}${isOwn || family === 'ws' ? path : ''}`;
}

function given(name: string, value: unknown): object {
  return value === undefined ? {} : { [name]: value };
}

function symbolList(text: string): readonly string[] {
  const symbols = text
    .split(',')
    .map((symbol) => symbol.trim())
    .filter((symbol) => symbol !== '');
  if (symbols.length === 0) throw new InvalidArgumentError('Expected at least one symbol.');
  return symbols;
}
