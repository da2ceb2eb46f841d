import type {
  Decision,
  FeatureSeries,
  InstrumentKey,
  NewsGate,
  RangeQuestion,
  StoredBar,
  TradeSeries,
} from '../../core/store-port.ts';
import { nanosOf, type SqlDialect } from '../sql-dialect.ts';
import type { StoreQuestion } from '../store-batch.ts';
import { type EventColumns, eventsOf, type NewsColumns, newsOf } from './calendar-rows.ts';
import { featureColumn } from './feature-columns.ts';
import { type BarColumns, barOf, type Column, MINUTE_BAR_US } from './table-rows.ts';

/** A question to a database: its text with question marks, their values, and what its rows mean. */
export interface Query {
  readonly text: string;
  readonly values: readonly Column[];
  readonly answer: (rows: readonly unknown[]) => unknown;
  /** Span of venue time of which market rows are read; left out = none are. */
  readonly span?: { readonly fromUs: number; readonly toUs: number };
}

const INSTRUMENT = 'instrument_id = (select id from instruments where provider = ? and symbol = ?)';

/** How a question is put; a query's rows are those of one database, or those of all its days behind each other. */
export function queryOf(question: StoreQuestion, dialect: SqlDialect): Query {
  switch (question.ask) {
    case 'setting':
      return {
        text: 'select value from settings where name = ?',
        values: [question.name],
        answer: (rows) => {
          const [row] = rows as readonly { value: string }[];
          return row === undefined ? undefined : JSON.parse(row.value);
        },
      };
    case 'bars':
      return {
        text: `select * from bars where ${INSTRUMENT} and interval_us = ? order by ts_event_us desc limit ?`,
        values: [...keyOf(question.key), MINUTE_BAR_US, question.count],
        answer: (rows): StoredBar[] => (rows as BarColumns[]).map(barOf).reverse(),
      };
    case 'calendar':
      return {
        text: `select * from iss_econ_calendar where at_us >= ? and at_us < ?
          order by at_us, revised_us, ${dialect.byBytes('source')}`,
        values: [question.question.fromUs, question.question.toUs],
        answer: (rows) => eventsOf(rows as EventColumns[], question.question),
      };
    case 'news':
      return {
        text: `select * from iss_news order by at_us desc, ${dialect.byBytes('id')} limit ?`,
        values: [question.count],
        answer: (rows) => (rows as NewsColumns[]).map(newsOf),
      };
    case 'features':
      return featuresQuery(question, dialect);
    case 'trades':
      return tradesQuery(question.question, question.most, dialect);
    case 'gates':
      return {
        text: `select * from news_gates where from_us <= ? and to_us > ? order by from_us, ${dialect.byBytes('id')}`,
        values: [question.us, question.us],
        answer: (rows) => (rows as GateColumns[]).map(gateOf),
      };
    case 'decisions':
      return {
        text: `select decisions.*, provider, symbol from decisions join instruments on instruments.id = instrument_id
          where at_us >= ? and at_us < ?
          order by at_us, ${dialect.byBytes('run_id')}, ${dialect.byBytes('decisions.id')}, revision`,
        values: [question.fromUs, question.toUs],
        answer: (rows) => (rows as DecisionColumns[]).map(decisionOf),
      };
  }
}

function keyOf({ provider, symbol }: InstrumentKey): [string, string] {
  return [provider, symbol];
}

/** The last row of each of so many equal parts of the span. */
function featuresQuery({ question }: Extract<StoreQuestion, { ask: 'features' }>, dialect: SqlDialect): Query {
  const { key, fromUs, toUs, names, points } = question;
  const { text: inSpan, values: spanValues } = dialect.venueTimeIn(fromUs, toUs);
  const columns = names.map(featureColumn);
  const width = nanosOf(Math.max(1, Math.ceil((toUs - fromUs) / points)));
  const scope = [...keyOf(key), ...spanValues];
  return {
    text: `select provider_event_ns / 1000 as us, ${columns.join(', ')} from features
      where ${INSTRUMENT} and ${inSpan} and provider_event_ns in (
        select max(provider_event_ns) from features where ${INSTRUMENT} and ${inSpan}
        group by (provider_event_ns - ${nanosOf(fromUs)}) / ${width})
      order by provider_event_ns`,
    values: [...scope, ...scope],
    span: { fromUs, toUs },
    answer: (rows): FeatureSeries => {
      const found = rows as Record<string, number | null>[];
      return {
        tsEventUs: Float64Array.from(found, ({ us }) => us!),
        values: columns.map((column) => Float64Array.from(found, (row) => row[column] ?? Number.NaN)),
      };
    },
  };
}

function tradesQuery({ key, fromUs, toUs }: RangeQuestion, most: number, dialect: SqlDialect): Query {
  const { text: inSpan, values } = dialect.venueTimeIn(fromUs, toUs);
  const from = (table: string) =>
    `select provider_event_ns, price, size, side from ${table} where ${INSTRUMENT} and ${inSpan}`;
  return {
    text: `select provider_event_ns / 1000 as us, price, size, side
      from (${from('cme_trades')} union all ${from('crypto_trades')}) as trades order by provider_event_ns limit ?`,
    values: [...keyOf(key), ...values, ...keyOf(key), ...values, most],
    span: { fromUs, toUs },
    answer: (rows): TradeSeries => {
      const found = (rows as TradeColumns[]).slice(0, most);
      return {
        tsEventUs: Float64Array.from(found, ({ us }) => us),
        price: Float64Array.from(found, ({ price }) => price),
        size: Float64Array.from(found, ({ size }) => size),
        aggressor: Int8Array.from(found, ({ side }) => (side === 'B' ? 1 : side === 'A' ? -1 : 0)),
      };
    },
  };
}

interface TradeColumns {
  readonly us: number;
  readonly price: number;
  readonly size: number;
  readonly side: string | null;
}

interface GateColumns {
  readonly id: string;
  readonly event_id: string | null;
  readonly currency: string | null;
  readonly from_us: number;
  readonly to_us: number;
  readonly effect: NewsGate['effect'];
  readonly reason: string;
}

function gateOf(row: GateColumns): NewsGate {
  return {
    id: row.id,
    eventId: row.event_id,
    currency: row.currency,
    fromUs: row.from_us,
    toUs: row.to_us,
    effect: row.effect,
    reason: row.reason,
  };
}

interface DecisionColumns {
  readonly run_id: string;
  readonly id: string;
  readonly revision: number;
  readonly event: Decision['outcome'];
  readonly at_us: number;
  readonly provider: string;
  readonly symbol: string;
  readonly origin: string;
  readonly side: Decision['side'];
  readonly lots: number;
  readonly entry_price: number;
  readonly stop_price: number;
  readonly target_price: number;
  readonly words: string;
  readonly reasons: string;
  readonly gates: string;
}

function decisionOf(row: DecisionColumns): Decision {
  return {
    runId: row.run_id,
    proposalId: row.id,
    revision: row.revision,
    outcome: row.event,
    atUs: row.at_us,
    instrument: { provider: row.provider, symbol: row.symbol },
    origin: row.origin,
    side: row.side,
    lots: row.lots,
    entryPrice: row.entry_price,
    stopPrice: row.stop_price,
    targetPrice: row.target_price,
    words: row.words,
    reasons: JSON.parse(row.reasons) as string[],
    gates: JSON.parse(row.gates) as Decision['gates'],
  };
}
