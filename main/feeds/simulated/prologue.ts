import { DAY_US } from '../../../shared/units.ts';
import { STATUS_ACTION } from '../../codec/dbn/layout.ts';
import { encodeMetadata } from '../../codec/dbn/metadata.ts';
import { stypeId } from '../../codec/dbn/names.ts';
import type { DbnRecordWriter } from '../../codec/dbn/write-record.ts';
import { dateOfDay } from '../../core/calendar/civil-time.ts';
import { frontContract } from './contract-month.ts';
import {
  type MarketSpec,
  SIMULATED_DATASET,
  SIMULATED_FUTURES_PUBLISHER,
  SIMULATED_SPOT_PUBLISHER,
} from './market-spec.ts';
import { SHOWN_LEVELS } from './price-ladder.ts';

/** Raw symbol of the future that a run which starts at `startUs` simulates: `6EZ6`. */
function futureSymbol(spec: MarketSpec, startUs: number): string {
  return `${spec.root}${frontContract(startUs).code}`;
}

/** The metadata block: mixed schemas, and what each symbol means from the start's day on for a year. */
export function writeMetadata(out: DbnRecordWriter, specs: readonly MarketSpec[], startUs: number): void {
  const instruments = specs.flatMap((spec) => [
    { symbol: futureSymbol(spec, startUs), id: spec.instrumentId },
    { symbol: spec.spot.rawSymbol, id: spec.spot.instrumentId },
  ]);
  const day = Math.floor(startUs / DAY_US);
  out.append(
    encodeMetadata({
      dataset: SIMULATED_DATASET,
      schema: undefined,
      startNs: BigInt(startUs) * 1000n,
      endNs: undefined,
      limit: 0n,
      stypeIn: 'raw_symbol',
      stypeOut: 'instrument_id',
      tsOut: false,
      symbols: instruments.map(({ symbol }) => symbol),
      partial: [],
      notFound: [],
      mappings: instruments.map(({ symbol, id }) => ({
        rawSymbol: symbol,
        intervals: [{ startDate: dateNumber(day), endDate: dateNumber(day + 365), symbol: String(id) }],
      })),
    }),
  );
}

/** Definitions and symbol mappings of a future and its spot pair. Returns the number of records. */
export function writeDefinitions(out: DbnRecordWriter, spec: MarketSpec, startUs: number): number {
  const { spot } = spec;
  const month = frontContract(startUs);
  const rawSymbol = futureSymbol(spec, startUs);
  const startNs = BigInt(startUs) * 1000n;
  out.instrument(SIMULATED_FUTURES_PUBLISHER, spec.instrumentId);
  out.definition({
    raw_symbol: rawSymbol,
    security_update_action: 'A',
    instrument_class: 'F',
    min_price_increment: spec.tickNano,
    min_price_increment_amount: spec.tickNano * spec.unitQuantity,
    display_factor: 1_000_000_000,
    expiration: BigInt(month.expiresUs) * 1000n,
    unit_of_measure_qty: BigInt(spec.unitQuantity) * 1_000_000_000n,
    unit_of_measure: spec.baseCurrency,
    raw_instrument_id: spec.instrumentId,
    market_depth: SHOWN_LEVELS,
    min_trade_vol: 1,
    maturity_year: month.year,
    maturity_month: month.month,
    currency: 'USD',
    settl_currency: 'USD',
    exchange: 'SIM',
    asset: spec.root,
    security_type: 'FUT',
    cfi: 'FFCPNO',
    match_algorithm: 'F',
  });
  writeMapping(out, rawSymbol, spec.instrumentId, startNs);
  out.instrument(SIMULATED_SPOT_PUBLISHER, spot.instrumentId);
  out.definition({
    raw_symbol: spot.rawSymbol,
    security_update_action: 'A',
    instrument_class: 'X',
    min_price_increment: spot.tickNano,
    display_factor: 1_000_000_000,
    raw_instrument_id: spot.instrumentId,
    market_depth: 1,
    min_trade_vol: 1,
    currency: spot.rawSymbol.slice(3),
    exchange: 'SIM',
    asset: spot.rawSymbol,
    security_type: 'FXSPOT',
  });
  writeMapping(out, spot.rawSymbol, spot.instrumentId, startNs);
  return 4;
}

/** Trading begins or ends, for a future and its spot pair. Returns the number of records. */
export function writeStatus(out: DbnRecordWriter, spec: MarketSpec, trading: boolean): number {
  const state = trading ? 'Y' : 'N';
  const values = {
    action: trading ? STATUS_ACTION.TRADING : STATUS_ACTION.CLOSE,
    is_trading: state,
    is_quoting: state,
  };
  out.instrument(SIMULATED_FUTURES_PUBLISHER, spec.instrumentId);
  out.status(values);
  out.instrument(SIMULATED_SPOT_PUBLISHER, spec.spot.instrumentId);
  out.status(values);
  return 2;
}

function writeMapping(out: DbnRecordWriter, rawSymbol: string, id: number, startNs: bigint): void {
  out.symbolMapping({
    stype_in: stypeId('raw_symbol'),
    stype_in_symbol: rawSymbol,
    stype_out: stypeId('instrument_id'),
    stype_out_symbol: String(id),
    start_ts: startNs,
    end_ts: startNs + BigInt(DAY_US) * 365_000n,
  });
}

function dateNumber(day: number): number {
  const date = dateOfDay(day);
  return date.year * 10_000 + date.month * 100 + date.day;
}
