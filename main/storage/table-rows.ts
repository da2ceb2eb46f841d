import { FEATURES } from '../../shared/features.ts';
import type { Instrument } from '../../shared/instruments.ts';
import type { DealRow, FillRow, OrderRow, SignalRow } from '../../shared/trading.ts';
import { MINUTE_US, NANO } from '../../shared/units.ts';
import type { StoredBar, StoredFeatures, StoredProposal } from '../core/store-port.ts';
import type { InstrumentBinding, SettingRow } from './store-batch.ts';

/** A value of a column; times and counts are whole numbers, absent is null. */
export type Column = number | string | null;
export type TableRow = Readonly<Record<string, Column>>;

/** An instrument as rows refer to it. */
export interface KnownInstrument {
  readonly id: number;
  readonly instrument: Instrument;
}

/** What all rows of a run share. */
export interface RowContext {
  readonly runId: string;
  readonly account: string;
  readonly instrumentOf: (market: number) => KnownInstrument;
}

/** Columns by which a row is found again. */
export const KEYS = {
  instruments: ['source', 'venue', 'symbol'],
  bars: ['instrument_id', 'interval_us', 'ts_event_us'],
  features: ['instrument_id', 'ts_recv_us'],
  signals: ['run_id', 'id'],
  proposals: ['run_id', 'id', 'revision', 'event'],
  orders: ['account', 'id'],
  fills: ['account', 'id'],
  deals: ['account', 'id'],
  settings: ['name'],
  news: ['id'],
} as const;
export type TableName = keyof typeof KEYS;

/** What an insert does about a row that is there already: it takes on the new values. */
export function onConflict(table: TableName, columns: readonly string[]): string {
  const keys: readonly string[] = KEYS[table];
  const changed = columns.filter((column) => !keys.includes(column));
  return `on conflict (${keys.join(', ')}) do update set ${changed.map((column) => `${column} = excluded.${column}`).join(', ')}`;
}

/** Columns of the features table in the order of the vector: `unsidedVolume` is `unsided_volume`. */
export const FEATURE_COLUMNS: readonly string[] = FEATURES.map(({ name }) =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
);

export function instrumentRow({ instrument, source }: InstrumentBinding): TableRow {
  return {
    source,
    venue: instrument.venue,
    symbol: instrument.rawSymbol,
    label: instrument.label,
    root: instrument.root ?? null,
    publisher_id: instrument.publisherId,
    venue_id: instrument.venueId,
    tick_size: instrument.tickNano / NANO,
    tick_source: instrument.tickSource,
    multiplier: instrument.multiplier,
    quote_currency: instrument.quoteCurrency,
    pip_size: instrument.pipNano / NANO,
    calendar: instrument.calendar,
  };
}

export function barRow(bar: StoredBar, { instrumentOf }: RowContext): TableRow {
  return {
    instrument_id: instrumentOf(bar.market).id,
    interval_us: MINUTE_US,
    ts_event_us: bar.startUs,
    ts_recv_us: bar.tsRecvUs,
    open: bar.open,
    high: bar.high,
    low: bar.low,
    close: bar.close,
    price_source: bar.priceSource,
    volume: bar.volume,
    volume_type: bar.volumeType,
    delta: bar.delta,
    vwap: present(bar.vwap),
    session_vwap: present(bar.sessionVwap),
  };
}

/** Columns of a bar that are read. */
export interface BarColumns {
  readonly ts_event_us: number;
  readonly ts_recv_us: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly price_source: StoredBar['priceSource'];
  readonly volume: number;
  readonly volume_type: StoredBar['volumeType'];
  readonly delta: number;
  readonly vwap: number | null;
  readonly session_vwap: number | null;
}

/** A bar as it is read; the market index is of no run. */
export function barOf(row: BarColumns): StoredBar {
  return {
    market: -1,
    startUs: row.ts_event_us,
    tsRecvUs: row.ts_recv_us,
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    priceSource: row.price_source,
    volume: row.volume,
    volumeType: row.volume_type,
    delta: row.delta,
    vwap: row.vwap ?? Number.NaN,
    sessionVwap: row.session_vwap ?? Number.NaN,
  };
}

/** Columns of the features table. */
export const FEATURE_ROW_COLUMNS: readonly string[] = [
  'instrument_id',
  'ts_event_us',
  'ts_recv_us',
  ...FEATURE_COLUMNS,
];

/** Values of a row of features in the order of its columns. */
export function featureValues(row: StoredFeatures, { instrumentOf }: RowContext): Column[] {
  const values: Column[] = [instrumentOf(row.market).id, row.tsEventUs, row.tsRecvUs];
  for (const value of row.vector) values.push(present(value));
  return values;
}

export function featureRow(row: StoredFeatures, context: RowContext): TableRow {
  const values = featureValues(row, context);
  return Object.fromEntries(FEATURE_ROW_COLUMNS.map((name, index) => [name, values[index]!]));
}

export function signalRow(row: SignalRow, { runId }: RowContext): TableRow {
  return {
    run_id: runId,
    id: row.id,
    at_us: row.atUs,
    link_id: row.linkId,
    name: row.name,
    side: row.side,
    strength: row.strength,
    remaining_pips: row.remainingPips,
    reasons: JSON.stringify(row.reasons),
    outcome: row.outcome,
  };
}

export function proposalRow({ proposal, event, atUs }: StoredProposal, { runId, instrumentOf }: RowContext): TableRow {
  const { id, instrument } = instrumentOf(proposal.market);
  return {
    run_id: runId,
    id: proposal.id,
    revision: proposal.revision,
    event,
    at_us: atUs,
    instrument_id: id,
    link_id: proposal.linkId,
    origin: proposal.origin,
    side: proposal.side,
    type: proposal.type,
    lots: proposal.lots,
    closes_lots: proposal.closesLots,
    opens_lots: proposal.opensLots,
    entry_price: price(instrument, proposal.entryTicks),
    stop_price: price(instrument, proposal.stopTicks),
    target_price: price(instrument, proposal.targetTicks),
    risk_minor: proposal.riskMinor,
    reward_minor: proposal.rewardMinor,
    currency: proposal.currency,
    net_edge_pips: proposal.netEdgePips,
    words: proposal.words,
    reasons: JSON.stringify(proposal.reasons),
    gates: JSON.stringify(proposal.gates),
    created_us: proposal.createdUs,
    expires_us: proposal.expiresUs,
  };
}

export function orderRow(row: OrderRow, { account, instrumentOf }: RowContext): TableRow {
  const { id, instrument } = instrumentOf(row.market);
  return {
    account,
    id: row.id,
    instrument_id: id,
    deal_id: row.dealId,
    purpose: row.purpose,
    side: row.side,
    type: row.type,
    lots: row.lots,
    filled_lots: row.filledLots,
    limit_price: price(instrument, row.limitTicks),
    average_price: price(instrument, row.averageTicks),
    stop_price: price(instrument, row.stopTicks),
    target_price: price(instrument, row.targetTicks),
    state: row.state,
    reason: row.reason,
    created_us: row.createdUs,
    updated_us: row.updatedUs,
  };
}

export function fillRow(row: FillRow, { account, instrumentOf }: RowContext): TableRow {
  const { id, instrument } = instrumentOf(row.market);
  return {
    account,
    id: row.id,
    order_id: row.orderId,
    deal_id: row.dealId,
    instrument_id: id,
    side: row.side,
    lots: row.lots,
    price: price(instrument, row.ticks),
    at_us: row.atUs,
    liquidity: row.liquidity,
  };
}

export function dealRow(row: DealRow, { account, instrumentOf }: RowContext): TableRow {
  const { id, instrument } = instrumentOf(row.market);
  return {
    account,
    id: row.id,
    order_id: row.orderId,
    instrument_id: id,
    side: row.side,
    lots: row.lots,
    open_price: price(instrument, row.openTicks),
    stop_price: price(instrument, row.stopTicks),
    target_price: price(instrument, row.targetTicks),
    state: row.state,
    opened_us: row.openedUs,
    closed_us: row.closedUs,
    close_price: price(instrument, row.closeTicks),
    close_reason: row.closeReason,
    realised_minor: row.realisedMinor,
    risk_minor: row.riskMinor,
  };
}

export function settingRow(row: SettingRow): TableRow {
  return { name: row.name, value: row.value };
}

function present(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function price(instrument: Instrument, ticks: number): number;
function price(instrument: Instrument, ticks: number | null): number | null;
function price(instrument: Instrument, ticks: number | null): number | null {
  return ticks === null ? null : (ticks * instrument.tickNano) / NANO;
}
