import type { Command } from 'commander';
import { FEATURE } from '../../../shared/features.ts';
import { afterMs } from '../../core/clock/wall-timer.ts';
import type { Market } from '../../core/market.ts';
import type { MarketStage } from '../../core/ports.ts';
import { HeadlessVenue } from '../venues/headless-venue.ts';
import type { CommandContext } from './command-context.ts';
import { addVenueOptions, planOfOptions, type VenueOptions } from './venue-options.ts';

/** Engine time between two lines of a market: what a reader can follow. */
const LINE_US = 250_000;
const SHOWN = ['mid', 'spread', 'microprice', 'qi1', 'ofi1s', 'cvd', 'volatility1m'] as const;

interface LiveOptions extends VenueOptions {
  readonly json?: true;
}

/** `live`: one venue through the engine to the terminal one sits at, as it comes. */
export function addLive(program: Command, { out, log, stop }: CommandContext): void {
  const command = program
    .command('live')
    .summary('top of book and features of a venue as they come')
    .description(
      'Connects to a venue and prints top of book and features as they come, until SIGINT, --for, or until the server ' +
        'has closed for good. Keys come from the environment, or else from the keyring.',
    );
  addVenueOptions(command)
    .option('--json', 'print nothing but one line of JSON at the end: books, counts, gaps, reconnects')
    .action(async (options: LiveOptions) => {
      const venue = new HeadlessVenue({
        plan: await planOfOptions(options),
        endWhenGone: true,
        stages: options.json === true ? [] : [lines((line) => out.add(line))],
        onState: ({ condition, words }) => log(`${options.venue}: ${condition} · ${words}`),
        onFault: log,
      });
      venue.start();
      await runUntil(venue, options.for, stop, () => out.flush());
      await venue.stop();
      const report = venue.report(options.symbols);
      if (options.json === true) out.add(`${JSON.stringify(report)}\n`);
      process.exitCode = report.state === 'bad-credentials' || report.state === 'refused' ? 1 : 0;
    });
}

/** Waits for the first of: the time is over, SIGINT, the venue has ended. */
export async function runUntil(
  venue: HeadlessVenue,
  seconds: number | undefined,
  stop: AbortSignal,
  meanwhile: () => Promise<void>,
): Promise<void> {
  let over = false;
  const ends: Promise<unknown>[] = [venue.ended];
  if (seconds !== undefined) ends.push(new Promise<void>((done) => afterMs(seconds * 1000, done, { unref: true })));
  ends.push(
    new Promise<void>((done) => {
      if (stop.aborted) done();
      stop.addEventListener('abort', () => done(), { once: true });
    }),
  );
  const end = Promise.race(ends).then(() => {
    over = true;
  });
  while (!over) {
    await Promise.race([end, new Promise<void>((done) => afterMs(FLUSH_MS, done, { unref: true }))]);
    await meanwhile();
  }
}

const FLUSH_MS = 100;

/** A line a market and quarter second, after an event that changed it. */
function lines(emit: (line: string) => void): MarketStage {
  const shownUs: number[] = [];
  return {
    name: 'lines',
    onBook: (market) => {
      if (market.engineUs - (shownUs[market.index] ?? 0) < LINE_US) return;
      shownUs[market.index] = market.engineUs;
      emit(lineOf(market));
    },
    snapshot: () => undefined,
    restore: () => undefined,
  };
}

function lineOf(market: Market): string {
  const { instrument, depth, features } = market;
  const scale = 10 ** -instrument.lotDecimals;
  const time = new Date(Math.floor(market.engineUs / 1000)).toISOString().slice(11, 23);
  const quote = depth.twoSided
    ? `${depth.bidSize[0]! * scale} × ${market.price(depth.bidPrice[0]!)} / ${market.price(depth.askPrice[0]!)} × ${depth.askSize[0]! * scale}`
    : 'one-sided';
  const values = SHOWN.map((name) => [name, features[FEATURE[name]]!] as const)
    .filter(([, value]) => !Number.isNaN(value))
    .map(([name, value]) => `${name} ${Number(value.toPrecision(7))}`);
  return `${time} ${instrument.label}  ${quote}  ${market.gapped ? 'GAP  ' : ''}${values.join('  ')}\n`;
}
