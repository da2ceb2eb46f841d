import type { Command } from 'commander';
import { vwapKindOf } from '../../../shared/bars.ts';
import { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import type { Bar, BarSink } from '../../core/ports.ts';
import { FeatureStage } from '../../features/feature-stage.ts';
import { MinuteBars } from '../../features/minute-bars.ts';
import { openRecording } from '../../feeds/replay/open-recording.ts';
import { playRecording } from '../offline/offline-run.ts';
import { type CommandContext, CommandError, wholeNumber, withProgress } from './command-context.ts';

const HEADER = 'start_us,instrument_id,open,high,low,close,volume,vwap,source,volume_type,vwap_kind\n';

/** `bars FILE`: one-minute bars as CSV, the last one as far as the file goes. */
export function addBars(program: Command, { out, stop }: CommandContext): void {
  program
    .command('bars')
    .summary('one-minute bars as CSV')
    .description(
      'Makes one-minute bars of a DBN file or a capture: open, high, low and close of the mid (of trades where the file has no book), ' +
        'traded volume and its average price (volume_type real, true_vwap), or of quotes alone the number of their changes and the ' +
        'average of their mids over time (tick, twap). A bar belongs to a minute of ts_event.',
    )
    .argument('<file>', 'DBN file or capture')
    .option('--instrument <id>', 'only this instrument', wholeNumber)
    .action(async (file: string, { instrument }: { instrument?: number }) => {
      const engine = new Engine({ continuity: 'live' });
      const recording = openRecording([file], engine);
      const rows = new BarRows((market, bar) => {
        if (instrument === undefined || market.instrument.venueId === instrument)
          out.add(barRow(market, bar, recording.source));
      });
      const bars = new MinuteBars(engine.scheduler, rows);
      engine.addStage(new FeatureStage());
      engine.addStage(bars);
      out.add(HEADER);
      await withProgress('bars', async (bar) => {
        try {
          await playRecording(recording, { stop, progress: bar.update, betweenPieces: () => out.flush() });
        } finally {
          for (const market of engine.markets) {
            const open = bars.openBar(market);
            if (open !== undefined) rows.onBar(market, open);
          }
          rows.end();
        }
      });
      if (instrument !== undefined && !engine.markets.some((market) => market.instrument.venueId === instrument)) {
        throw new CommandError(`instrument ${instrument} does not occur in ${file}`);
      }
    });
}

/** Bars on their way out, in the order of their minutes. One that is told again within a minute replaces the first. */
class BarRows implements BarSink {
  readonly #emit: (market: Market, bar: Bar) => void;
  readonly #held = new Map<string, { readonly market: Market; readonly bar: Bar }>();
  #latestUs = 0;

  constructor(emit: (market: Market, bar: Bar) => void) {
    this.#emit = emit;
  }

  onBar(market: Market, bar: Bar): void {
    if (bar.startUs > this.#latestUs) {
      this.#release(this.#latestUs);
      this.#latestUs = bar.startUs;
    }
    this.#held.set(`${bar.startUs}:${market.index}`, { market, bar });
  }

  end(): void {
    this.#release(Number.POSITIVE_INFINITY);
  }

  #release(beforeUs: number): void {
    const due = [...this.#held].filter(([, { bar }]) => bar.startUs < beforeUs);
    due.sort(([, a], [, b]) => a.bar.startUs - b.bar.startUs || a.market.index - b.market.index);
    for (const [key, { market, bar }] of due) {
      this.#held.delete(key);
      this.#emit(market, bar);
    }
  }
}

function barRow({ instrument }: Market, bar: Bar, source: string): string {
  const { startUs, open, high, low, close, volumeType } = bar;
  const vwap = Number.isNaN(bar.vwap) ? '' : bar.vwap;
  const volume = volumeType === 'real' ? bar.volume / 10 ** instrument.lotDecimals : bar.volume;
  const kind = vwapKindOf(volumeType);
  return `${startUs},${instrument.venueId},${open},${high},${low},${close},${volume},${vwap},${source},${volumeType},${kind}\n`;
}
