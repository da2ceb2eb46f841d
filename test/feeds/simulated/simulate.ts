import { DbnRecordWriter } from '../../../main/codec/dbn/write-record.ts';
import {
  DEFAULT_SIMULATION_START_US,
  SimulatedMarket,
  type SimulatedMarketOptions,
} from '../../../main/feeds/simulated/simulated-market.ts';

export const START_US = DEFAULT_SIMULATION_START_US;

export const OPTIONS: SimulatedMarketOptions = {
  seed: 11,
  startUs: START_US,
  lagUs: 150_000,
  eventsPerSecond: 60,
  alwaysOpen: false,
};

/** A market and all that it wrote in `seconds`, prologue included. */
export function simulate(
  seconds: number,
  changes: Partial<SimulatedMarketOptions> = {},
): { market: SimulatedMarket; bytes: Uint8Array; records: number } {
  const options = { ...OPTIONS, ...changes };
  const market = new SimulatedMarket(options);
  const out = new DbnRecordWriter(1 << 20);
  const opening = market.prologue(out);
  const records = opening + market.advanceTo(options.startUs + seconds * 1_000_000, out);
  return { market, bytes: out.written().slice(), records };
}
