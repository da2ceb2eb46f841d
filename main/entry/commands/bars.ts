import type { Command } from 'commander';
import { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import type { Bar } from '../../core/ports.ts';
import { FeatureStage } from '../../features/feature-stage.ts';
import { MinuteBars } from '../../features/minute-bars.ts';
import { SIMULATED_DATASET } from '../../feeds/simulated/market-spec.ts';
import { playFile } from '../offline-run.ts';
import { type CommandContext, CommandError, wholeNumber, withProgress } from './command-context.ts';

const HEADER = 'start_us,instrument_id,open,high,low,close,volume,vwap,source,volume_type\n';

/** `bars FILE`: one-minute bars as CSV, the last one as far as the file goes. */
export function addBars(program: Command, { out, stop }: CommandContext): void {
  program
    .command('bars')
    .summary('one-minute bars as CSV')
    .description(
      'Makes one-minute bars of a DBN file: open, high, low and close of the mid (of trades where the file has no book), ' +
        'traded volume and its average price. A bar belongs to a minute of ts_event.',
    )
    .argument('<file>', 'DBN file')
    .option('--instrument <id>', 'only this instrument', wholeNumber)
    .action(async (file: string, { instrument }: { instrument?: number }) => {
      const engine = new Engine({ continuity: 'live' });
      let source = '';
      const told = new Map<Market, Bar>();
      const tell = (market: Market) => {
        const bar = told.get(market);
        if (bar !== undefined && (instrument === undefined || market.instrument.venueId === instrument)) {
          out.add(barRow(market, bar, source));
        }
        told.delete(market);
      };
      const bars = new MinuteBars(engine.scheduler, {
        onBar: (market, bar) => {
          // A bar that is told again, because an event came late, replaces what was known of it.
          if (told.get(market)?.startUs !== bar.startUs) tell(market);
          told.set(market, bar);
        },
      });
      engine.addStage(new FeatureStage());
      engine.addStage(bars);
      out.add(HEADER);
      await withProgress('bars', async (bar) => {
        try {
          await playFile(file, engine, {
            stop,
            progress: bar.update,
            betweenPieces: () => out.flush(),
            admit: (decoder) => {
              if (source === '') source = decoder.metadata?.dataset === SIMULATED_DATASET ? 'simulated' : 'databento';
              return true;
            },
          });
        } finally {
          for (const market of engine.markets) {
            const open = bars.openBar(market);
            if (open?.startUs !== told.get(market)?.startUs) tell(market);
            if (open !== undefined) told.set(market, open);
            tell(market);
          }
        }
      });
      if (instrument !== undefined && !engine.markets.some((market) => market.instrument.venueId === instrument)) {
        throw new CommandError(`instrument ${instrument} does not occur in ${file}`);
      }
    });
}

function barRow({ instrument }: Market, bar: Bar, source: string): string {
  const vwap = Number.isNaN(bar.vwap) ? '' : bar.vwap;
  return `${bar.startUs},${instrument.venueId},${bar.open},${bar.high},${bar.low},${bar.close},${bar.volume},${vwap},${source},real\n`;
}
