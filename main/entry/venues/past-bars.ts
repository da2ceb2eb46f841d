import { SECOND_US } from '../../../shared/units.ts';
import type { DbnDecoder } from '../../codec/dbn/decoder.ts';
import { RTYPE } from '../../codec/dbn/layout.ts';
import { Engine } from '../../core/engine.ts';
import type { Market } from '../../core/market.ts';
import { OffTickError } from '../../core/ports.ts';
import type { StoredBar } from '../../core/store-port.ts';
import { FeatureStage } from '../../features/feature-stage.ts';
import { MinuteBars } from '../../features/minute-bars.ts';
import { InstrumentDirectory } from '../../feeds/databento/instrument-directory.ts';
import { RecordMapper } from '../../feeds/databento/record-mapper.ts';

/** Schemas that bars are made of, the best first: one of them has it all, so that no two have to be merged. */
const BAR_SCHEMAS: readonly (readonly [schema: string, rtype: number])[] = [
  ['mbp-10', RTYPE.MBP_10],
  ['mbp-1', RTYPE.MBP_1],
  ['trades', RTYPE.MBP_0],
  ['mbo', RTYPE.MBO],
];

/** Minute bars of the past, made from fetched records by an engine of their own. */
export class PastBars {
  readonly mapper: RecordMapper;
  readonly #engine = new Engine({ continuity: 'live' });
  readonly #rtype: number | undefined;
  readonly #bars = new Map<string, { readonly market: Market; readonly bar: StoredBar }>();

  /** @param markets those of the running engine, which know what the instruments are called and what their ticks are */
  constructor(schemas: readonly string[], markets: readonly Market[]) {
    this.#rtype = BAR_SCHEMAS.find(([schema]) => schemas.includes(schema))?.[1];
    const directory = new InstrumentDirectory();
    const named = markets.map(({ instrument }) => {
      const { publisherId, venueId, rawSymbol, tickNano } = instrument;
      return { key: `${publisherId}:${venueId}`, rawSymbol, tickNano };
    });
    directory.restore({
      symbols: named.map(({ key, rawSymbol }) => [key, rawSymbol]),
      ticks: named.map(({ key, tickNano }) => [key, tickNano]),
    });
    this.mapper = new RecordMapper(this.#engine, directory);
    this.#engine.addStage(new FeatureStage());
    this.#engine.addStage(
      new MinuteBars(this.#engine.scheduler, {
        onBar: (market, bar) => {
          const stored = { ...bar, sessionVwap: Number.NaN, market: market.index, tsRecvUs: market.tsRecvUs };
          this.#bars.set(`${market.index}:${bar.startUs}`, { market, bar: stored });
        },
      }),
    );
  }

  /** Takes the record under the cursor; those of one type come in the order of their times. */
  take(decoder: DbnDecoder): void {
    if (decoder.rtype !== this.#rtype && decoder.rtype !== RTYPE.INSTRUMENT_DEF) return;
    const known = this.#engine.markets.length;
    this.mapper.arrive(decoder);
    try {
      this.mapper.apply(decoder);
    } catch (error) {
      if (!(error instanceof OffTickError)) throw error;
      this.mapper.refuse(decoder);
    }
    // A book by order that begins in the midst of a day has no beginning: its bars are made of trades.
    if (decoder.rtype === RTYPE.MBO && this.#engine.markets.length > known) this.mapper.lost();
  }

  /**
   * Bars of the minutes from one time to another, oldest first, by the market of their own engine. The session's average in
   * them is absent: the session did not begin with them.
   */
  finish(fromUs: number, toUs: number): ReadonlyMap<Market, readonly StoredBar[]> {
    this.#engine.advanceTo(Math.max(this.#engine.nowUs, toUs) + 2 * SECOND_US);
    const wanted = [...this.#bars.values()].filter(({ bar }) => bar.startUs >= fromUs && bar.startUs < toUs);
    const byMarket = Map.groupBy(
      wanted.toSorted((a, b) => a.bar.startUs - b.bar.startUs),
      ({ market }) => market,
    );
    return new Map([...byMarket].map(([market, rows]) => [market, rows.map(({ bar }) => bar)]));
  }
}
