import type { Client } from 'pg';
import type { EconomicEvent, NewsItem } from '../../../shared/economic-calendar.ts';
import type { CalendarQuestion, InstrumentKey, StoredBar } from '../../core/store-port.ts';
import { newsRow } from '../calendar-rows.ts';
import { migrationsFor } from '../migrations.ts';
import { POSTGRES } from '../sql-dialect.ts';
import type { InstrumentBinding, SpooledBatch, StoreBatch } from '../store-batch.ts';
import {
  type BarColumns,
  barOf,
  barRow,
  dealRow,
  FEATURE_ROW_COLUMNS,
  featureValues,
  fillRow,
  instrumentRow,
  type KnownInstrument,
  orderRow,
  proposalRow,
  type RowContext,
  settingRow,
  signalRow,
} from '../table-rows.ts';
import type { PostgresAddress } from './postgres-address.ts';
import { eventsBetween, latestNews, tellEvents } from './postgres-calendar.ts';
import { connectPostgres } from './postgres-connection.ts';
import { postgresFaultOf, RowError } from './postgres-fault.ts';
import { migratePostgres } from './postgres-migrate.ts';
import { PostgresRows } from './postgres-rows.ts';

/** Notes a batch; no row is changed when it, or a later one of its writer, was stored before. */
const NOTE_BATCH = `insert into batches (writer, last) values ($1, $2)
  on conflict (writer) do update set last = excluded.last where batches.last < excluded.last`;

/**
 * A Postgres database, for the worker alone: one connection writes, one batch at a time, another reads. A connection that
 * is lost stays lost: open anew.
 */
export class PostgresDatabase {
  readonly #address: PostgresAddress;
  readonly #writer: Client;
  readonly #reader: Client;
  readonly #rows: PostgresRows;
  /** Ids of instruments by source, venue and symbol, with the description under which they are stored. */
  readonly #ids = new Map<string, { readonly id: number; readonly description: string }>();

  private constructor(address: PostgresAddress, writer: Client, reader: Client, rows: PostgresRows) {
    this.#address = address;
    this.#writer = writer;
    this.#reader = reader;
    this.#rows = rows;
  }

  /**
   * Connects and brings the tables up to date. Throws what network and server throw, and NewerSchemaError.
   * @param onLost called when a connection ends while nothing was asked of it
   */
  static async open(
    address: PostgresAddress,
    onLost: () => void,
    migrations = migrationsFor(POSTGRES),
  ): Promise<PostgresDatabase> {
    await migratePostgres(address, migrations);
    const writer = await connectPostgres(address, onLost);
    try {
      const rows = await PostgresRows.prepare(writer);
      return new PostgresDatabase(address, writer, await connectPostgres(address, onLost), rows);
    } catch (error) {
      await writer.end().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Stores a batch in one transaction, unless it is there already. Trading rows are on the server's disk when this
   * returns; of market rows alone a crash of the server may take the last moments. Rows of one kind that are refused don't
   * keep those of the other from being stored; what refused them is thrown after that.
   */
  async write(spooled: SpooledBatch): Promise<void> {
    const client = this.#writer;
    const { writer, number, batch } = spooled;
    await client.query(`begin; set local synchronous_commit = ${isDurable(batch) ? 'on' : 'off'}`);
    try {
      const { rowCount } = await client.query({ name: 'note', text: NOTE_BATCH, values: [writer, number] });
      if (rowCount === 0) {
        await client.query('rollback');
        return;
      }
      const context = await this.#context(spooled);
      const groups: (() => Promise<void>)[] = [];
      if (isMarket(batch)) groups.push(() => this.#writeMarket(batch, context));
      if (isDurable(batch)) groups.push(() => this.#writeTrade(batch, context));
      const refusals: unknown[] = [];
      if (groups.length === 1) await groups[0]!();
      else for (const group of groups) refusals.push(await this.#apart(group));
      await client.query('commit');
      const refusal = refusals.find((error) => error !== undefined);
      if (refusal !== undefined) throw refusal;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    }
  }

  /** JSON text of a setting. */
  async setting(name: string): Promise<string | undefined> {
    const text = 'select value from settings where name = $1';
    return (await this.#reader.query<{ value: string }>(text, [name])).rows[0]?.value;
  }

  async latestBars({ source, venue, symbol }: InstrumentKey, count: number): Promise<StoredBar[]> {
    const { rows } = await this.#reader.query<BarColumns>(
      `select bars.* from bars join instruments on instruments.id = instrument_id
       where source = $1 and venue = $2 and symbol = $3 order by ts_event_us desc limit $4`,
      [source, venue, symbol, count],
    );
    return rows.reverse().map(barOf);
  }

  eventsBetween(question: CalendarQuestion): Promise<EconomicEvent[]> {
    return eventsBetween(this.#reader, question);
  }

  latestNews(count: number): Promise<NewsItem[]> {
    return latestNews(this.#reader, count);
  }

  /** Ends both connections; a statement that runs is given up. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#writer.end(), this.#reader.end()]);
  }

  async #writeMarket(batch: StoreBatch, context: RowContext): Promise<void> {
    const { bars, features } = batch;
    if (bars.length > 0) {
      const names = Object.keys(barRow(bars[0]!, context));
      await this.#rows.copy('bars', names, bars, (row) => Object.values(barRow(row, context)));
    }
    if (features.length > 0) {
      await this.#rows.copy('features', FEATURE_ROW_COLUMNS, features, (row) => featureValues(row, context));
    }
    await this.#rows.put(
      'signals',
      batch.signals.map((row) => signalRow(row, context)),
    );
    await this.#rows.put(
      'proposals',
      batch.proposals.map((row) => proposalRow(row, context)),
    );
  }

  async #writeTrade(batch: StoreBatch, context: RowContext): Promise<void> {
    await this.#rows.put(
      'orders',
      batch.orders.map((row) => orderRow(row, context)),
    );
    await this.#rows.put(
      'fills',
      batch.fills.map((row) => fillRow(row, context)),
    );
    await this.#rows.put(
      'deals',
      batch.deals.map((row) => dealRow(row, context)),
    );
    for (const telling of batch.calendar) await tellEvents(this.#writer, telling);
    await this.#rows.put('news', batch.news.map(newsRow));
    const removed = batch.settings.filter(({ value }) => value === null).map(({ name }) => name);
    if (removed.length > 0) await this.#writer.query('delete from settings where name = any($1::text[])', [removed]);
    await this.#rows.put('settings', batch.settings.filter(({ value }) => value !== null).map(settingRow));
  }

  /** Does work that may be undone without the rest of the transaction; gives what refused its rows. */
  async #apart(work: () => Promise<void>): Promise<unknown> {
    await this.#writer.query('savepoint apart');
    try {
      await work();
      await this.#writer.query('release savepoint apart');
      return undefined;
    } catch (error) {
      if (postgresFaultOf(error, this.#address).kind !== 'rows') throw error;
      await this.#writer.query('rollback to savepoint apart');
      return error;
    }
  }

  /** What the rows of a batch share; instruments that are new or changed are stored. */
  async #context({ runId, account, bindings }: SpooledBatch): Promise<RowContext> {
    const changed = bindings.filter((binding) => this.#ids.get(keyOf(binding))?.description !== descriptionOf(binding));
    if (changed.length > 0) {
      const ids = await this.#rows.putInstruments(changed.map(instrumentRow));
      const byKey = new Map(ids.map((row) => [`${row.source} ${row.venue} ${row.symbol}`, row.id]));
      for (const binding of changed) {
        const id = byKey.get(keyOf(binding))!;
        this.#ids.set(keyOf(binding), { id, description: descriptionOf(binding) });
      }
    }
    const known = new Map<number, KnownInstrument>();
    for (const binding of bindings) {
      known.set(binding.market, { id: this.#ids.get(keyOf(binding))!.id, instrument: binding.instrument });
    }
    return {
      runId,
      account,
      instrumentOf: (market) => {
        const instrument = known.get(market);
        if (instrument === undefined) throw new RowError(`market ${market} was never described`);
        return instrument;
      },
    };
  }
}

function keyOf({ source, instrument }: InstrumentBinding): string {
  return `${source} ${instrument.venue} ${instrument.rawSymbol}`;
}

function descriptionOf(binding: InstrumentBinding): string {
  return JSON.stringify(instrumentRow(binding));
}

/** Whether a batch holds rows that can be made again from captures. */
function isMarket({ bars, features, signals, proposals }: StoreBatch): boolean {
  return [bars, features, signals, proposals].some(({ length }) => length > 0);
}

/** Whether a batch holds rows that must outlive a crash of the server. */
function isDurable({ orders, fills, deals, settings, calendar, news }: StoreBatch): boolean {
  return [orders, fills, deals, settings, calendar, news].some(({ length }) => length > 0);
}
