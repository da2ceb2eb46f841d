import { dataSourceOf, type Instrument } from '../../../shared/instruments.ts';
import type { DealRow, FillRow, OrderRow, SignalRow } from '../../../shared/trading.ts';
import { MINUTE_US, NANO } from '../../../shared/units.ts';
import type {
  InstrumentKey,
  NewsGate,
  StoredBar,
  StoredMapping,
  StoredNote,
  StoredProposal,
  StoredSession,
  StoredVerdict,
} from '../../core/store-port.ts';
import type { InstrumentBinding, SettingRow } from '../store-batch.ts';
import type { RowContext } from './row-context.ts';

/** A value of a column; times and counts are whole numbers, absent is null. */
export type Column = number | bigint | string | null;
export type TableRow = Readonly<Record<string, Column>>;

/** Columns by which a row is found again. */
export const KEYS = {
  instruments: ['provider', 'venue', 'symbol'],
  contracts: ['instrument_id', 'raw_symbol'],
  symbol_mappings: ['signal_instrument_id', 'execution_instrument_id'],
  bars: ['instrument_id', 'interval_us', 'ts_event_us'],
  signals: ['run_id', 'id'],
  proposals: ['run_id', 'id', 'revision', 'event'],
  orders: ['account', 'id'],
  fills: ['account', 'id'],
  deals: ['account', 'id'],
  settings: ['name'],
  iss_econ_calendar: ['id', 'source'],
  iss_news: ['id'],
  news_gates: ['id'],
  agent_verdicts: ['run_id', 'proposal_id', 'agent'],
  journal_notes: ['account', 'id'],
  sessions: ['run_id'],
  high_water: ['instrument_id', 'table_name'],
} as const;
export type TableName = keyof typeof KEYS;

/** What an insert does about a row that is there already: it takes on the new values. */
export function onConflict(table: TableName, columns: readonly string[]): string {
  const keys: readonly string[] = KEYS[table];
  const changed = columns.filter((column) => !keys.includes(column));
  return `on conflict (${keys.join(', ')}) do update set ${changed.map((column) => `${column} = excluded.${column}`).join(', ')}`;
}

/** Length of the bars that are stored; longer ones are views of them. */
export const MINUTE_BAR_US = MINUTE_US;

export function instrumentRow({ instrument, symbol }: InstrumentBinding): TableRow {
  return {
    provider: providerOf(instrument),
    venue: instrument.venue,
    symbol,
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
    // What was made up is not among what is traded.
    active: dataSourceOf(instrument) === 'simulated' ? 0 : 1,
  };
}

/** Who provides the data of an instrument, as stored instruments name it. */
export function providerOf(instrument: Instrument): string {
  return dataSourceOf(instrument).toUpperCase();
}

/** The line that an instrument is while no other contract of its product is watched: `6E`, `EUR_USD`, else its symbol. */
export function lineOf({ venue, root, label, rawSymbol }: Instrument): string {
  if (root === undefined) return rawSymbol;
  return venue === 'IG' ? label.replace('/', '_') : root;
}

/** How an instrument is found in the store while it is its product's front. */
export function keyOf(instrument: Instrument): InstrumentKey {
  return { provider: providerOf(instrument), symbol: lineOf(instrument) };
}

export function barRow(bar: StoredBar, { instrumentOf }: RowContext): TableRow {
  return {
    instrument_id: instrumentOf(bar.market).id,
    interval_us: MINUTE_BAR_US,
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

export function mappingRow(row: StoredMapping, { instrumentOf }: RowContext): TableRow {
  return {
    signal_instrument_id: instrumentOf(row.signal).id,
    execution_instrument_id: instrumentOf(row.execution).id,
    direction: row.inverted ? 'inverted' : 'direct',
    lag_ms: row.lagMs,
    basis_pips: row.basisPips,
    updated_us: row.updatedUs,
  };
}

export function gateRow(row: NewsGate): TableRow {
  return {
    id: row.id,
    event_id: row.eventId,
    currency: row.currency,
    from_us: row.fromUs,
    to_us: row.toUs,
    effect: row.effect,
    reason: row.reason,
  };
}

export function verdictRow(row: StoredVerdict, { runId }: RowContext): TableRow {
  return {
    run_id: runId,
    proposal_id: row.proposalId,
    agent: row.agent,
    at_us: row.atUs,
    vote: row.vote,
    confidence: row.confidence,
    reasons: JSON.stringify(row.reasons),
  };
}

export function noteRow(row: StoredNote, { account }: RowContext): TableRow {
  return { account, id: row.id, at_us: row.atUs, text: row.text, tags: JSON.stringify(row.tags) };
}

export function sessionRow(row: StoredSession, { runId, account }: RowContext): TableRow {
  return {
    run_id: runId,
    account,
    started_us: row.startedUs,
    ended_us: row.endedUs,
    mode: row.mode,
    source: row.source,
    version: row.version,
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
