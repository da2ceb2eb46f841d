import type { Client } from 'pg';
import type { KeepDays } from '../../core/store-port.ts';
import { migrationsFor } from '../migrations.ts';
import { POSTGRES } from '../sql-dialect.ts';
import {
  isDurable,
  isMarket,
  marketsIn,
  rowsIn,
  type SpooledBatch,
  type StoreBatch,
  type StoreQuestion,
} from '../store-batch.ts';
import type { LeftOut, StoreDatabase } from '../store-database.ts';
import { HighWater, lastKept, type MarkColumns, marksOf, OTHER_MARKS, rowsThat } from '../tables/high-water.ts';
import { InstrumentIds } from '../tables/instrument-ids.ts';
import { queryOf } from '../tables/questions.ts';
import type { PruneReport } from '../tables/retention.ts';
import type { RowBlock } from '../tables/row-block.ts';
import type { RowContext } from '../tables/row-context.ts';
import { barRow, instrumentRow } from '../tables/table-rows.ts';
import { durableWrites, marketWrites, REMOVE_GATES } from '../tables/table-writes.ts';
import { noteBatch } from './batch-note.ts';
import { Partitions } from './partitions.ts';
import type { PostgresAddress } from './postgres-address.ts';
import { tellEvents } from './postgres-calendar.ts';
import { connectPostgres } from './postgres-connection.ts';
import { postgresFaultOf } from './postgres-fault.ts';
import { migratePostgres } from './postgres-migrate.ts';
import { PostgresRows, parameter } from './postgres-rows.ts';
import { prunePostgres } from './prune.ts';

const NOTE_CONTRACT = `insert into contracts (instrument_id, raw_symbol, venue_id, first_seen_us)
  values ($1, $2, $3, (extract(epoch from now()) * 1000000)::bigint) on conflict do nothing`;

/** First number of the locks under which market rows of an instrument are stored; the second is the instrument's. */
const CLAIM = 72_910_464;
const TRY_CLAIM = 'select pg_try_advisory_lock($1, $2) as ours';

const ROUNDS_TO_END = 40;
const END_EARLIER = `select count(pg_terminate_backend(pid)) as n from pg_stat_activity
  where pid = any($1::int[]) and application_name = 'fathom' and usename = current_user`;

/** Whether market tables are parted by days that the writer makes, which hypertables are not. */
const PARTED = "select relkind = 'p' as parted from pg_class where oid = to_regclass('cme_trades')";

/**
 * A Postgres database, for the worker alone: one connection writes, one batch at a time, another reads. A connection that
 * is lost stays lost: open anew.
 */
export class PostgresDatabase implements StoreDatabase {
  readonly #address: PostgresAddress;
  readonly #writer: Client;
  readonly #reader: Client;
  readonly #rows: PostgresRows;
  readonly #ids = new InstrumentIds();
  readonly #marks = new HighWater();
  /** Instruments whose market rows are this connection's to store. */
  readonly #claimed = new Set<number>();
  readonly #onTaken: (line: string) => void;
  /** Partitions that are there; undefined where the tables have none. */
  readonly #partitions: Partitions | undefined;
  /** Questions are put one after the other: the connection takes no second one before it has answered the first. */
  #asked: Promise<unknown> = Promise.resolve();

  private constructor(parts: {
    readonly address: PostgresAddress;
    readonly writer: Client;
    readonly reader: Client;
    readonly rows: PostgresRows;
    readonly parted: boolean;
    readonly onTaken: (line: string) => void;
  }) {
    this.#address = parts.address;
    this.#writer = parts.writer;
    this.#reader = parts.reader;
    this.#rows = parts.rows;
    this.#partitions = parts.parted ? new Partitions(parts.writer) : undefined;
    this.#onTaken = parts.onTaken;
  }

  /**
   * Connects and brings the tables up to date. Throws what network and server throw, and NewerSchemaError.
   * @param onLost called when a connection ends while nothing was asked of it
   * @param onTaken called with each line whose market rows another engine at work stores, at every batch
   * @param earlier server processes of connections that this program had; ended here, and replaced by those made
   */
  static async open(
    address: PostgresAddress,
    onLost: () => void,
    onTaken: (line: string) => void = () => undefined,
    earlier: number[] = [],
  ): Promise<PostgresDatabase> {
    await migratePostgres(address, migrationsFor(POSTGRES));
    const writer = await connectPostgres(address, onLost);
    try {
      await endEarlier(writer, earlier);
      const rows = await PostgresRows.prepare(writer);
      const { rows: found } = await writer.query<{ parted: boolean }>(PARTED);
      const reader = await connectPostgres(address, onLost);
      earlier.push(await processOf(writer));
      return new PostgresDatabase({ address, writer, reader, rows, parted: found[0]?.parted ?? false, onTaken });
    } catch (error) {
      await writer.end().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Stores a batch in one transaction, unless it is there already. Trading rows are on the server's disk when this
   * returns; of market rows alone a crash of the server may take the last moments. Rows of one kind that are refused don't
   * keep those of the other from being stored.
   */
  async write(spooled: SpooledBatch): Promise<LeftOut> {
    const client = this.#writer;
    const { writer, number, batch } = spooled;
    await client.query(`begin; set local synchronous_commit = ${isDurable(batch) ? 'on' : 'off'}`);
    try {
      if (!(await noteBatch(client, writer, number))) {
        await client.query('rollback');
        return { passedRows: 0 };
      }
      const context = await this.#context(spooled);
      const left = await this.#writeKinds(batch, context);
      await client.query('commit');
      return left;
    } catch (error) {
      this.#partitions?.forget();
      this.#ids.forget();
      await client.query('rollback').catch(() => undefined);
      throw error;
    }
  }

  /** Stores rows that can be made again and those that can't, each apart from the other where there are both. */
  async #writeKinds(batch: StoreBatch, context: RowContext): Promise<LeftOut> {
    let passedRows = 0;
    const putMarket = async () => {
      passedRows = await this.#writeMarket(batch, context);
    };
    const putDurable = () => this.#writeDurable(batch, context);
    const both = isMarket(batch) && isDurable(batch);
    if (both) {
      const market = await this.#apart(putMarket);
      return { market, durable: await this.#apart(putDurable), passedRows };
    }
    if (isMarket(batch)) await putMarket();
    if (isDurable(batch)) await putDurable();
    return { passedRows };
  }

  async answer(question: StoreQuestion): Promise<unknown> {
    const { text, values, answer } = queryOf(question, POSTGRES);
    const rows = this.#asked.then(() => this.#reader.query(numbered(text), values.map(parameter)));
    this.#asked = rows.catch(() => undefined);
    return answer((await rows).rows);
  }

  /** On a connection of its own, so that neither writes nor questions wait for it. */
  async prune(keepDays: KeepDays, nowUs: number): Promise<PruneReport> {
    const client = await connectPostgres(this.#address, () => undefined);
    try {
      return await prunePostgres(client, keepDays, nowUs);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Ends both connections; a statement that runs is given up. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#writer.end(), this.#reader.end()]);
  }

  /** @returns how many rows another engine at work stores */
  async #writeMarket(batch: StoreBatch, context: RowContext): Promise<number> {
    const passedRows = await this.#writeBlocks(batch.blocks, context);
    const { bars } = batch;
    if (bars.length > 0) {
      const names = Object.keys(barRow(bars[0]!, context));
      await this.#rows.copy('bars', names, bars, (row) => Object.values(barRow(row, context)));
    }
    for (const [table, rows] of marketWrites(batch, context)) if (table !== 'bars') await this.#rows.put(table, rows);
    return passedRows;
  }

  /**
   * Copies market rows that neither an earlier run nor another engine at work has stored.
   * @returns how many of them another engine stores
   */
  async #writeBlocks(blocks: readonly RowBlock[], context: RowContext): Promise<number> {
    if (blocks.length === 0) return 0;
    await this.#partitions?.make(blocks);
    const { runId } = context;
    const others = await this.#claim(blocks, context);
    const idOf = lastKept((market) => context.instrumentOf(market).id);
    const ours = others.size === 0 ? blocks : blocks.map((block) => rowsThat(block, (market) => !others.has(market)));
    const fresh = ours.map((block) => this.#marks.newRows(block, runId, idOf));
    for (const [table, ofTable] of Map.groupBy(fresh, ({ table }) => table)) {
      await this.#rows.copyBlocks(table, ofTable, idOf);
    }
    await this.#rows.put('high_water', marksOf(fresh, runId, idOf));
    return rowsIn(blocks) - rowsIn(ours);
  }

  /**
   * Claims the instruments of blocks: of several engines at work on one database the first stores their market rows, and
   * when it goes the next. @returns markets that another engine stores
   */
  async #claim(blocks: readonly RowBlock[], { runId, instrumentOf }: RowContext): Promise<ReadonlySet<number>> {
    const others = new Set<number>();
    for (const market of marketsIn(blocks)) {
      const { id, provider, symbol } = instrumentOf(market);
      if (!this.#claimed.has(id)) {
        const { rows } = await this.#writer.query<{ ours: boolean }>(TRY_CLAIM, [CLAIM, id]);
        if (rows[0]!.ours) this.#claimed.add(id);
        else {
          others.add(market);
          this.#onTaken(`${provider} ${symbol}`);
        }
      }
      if (!this.#marks.knows(runId, id)) {
        const { rows } = await this.#writer.query<MarkColumns>(numbered(OTHER_MARKS), [id, runId]);
        this.#marks.learn(runId, id, rows);
      }
    }
    return others;
  }

  async #writeDurable(batch: StoreBatch, context: RowContext): Promise<void> {
    for (const { told } of batch.gates) {
      if (told !== undefined) await this.#writer.query(numbered(REMOVE_GATES), [told.fromUs, told.toUs]);
    }
    for (const [table, rows] of durableWrites(batch, context)) await this.#rows.put(table, rows);
    for (const telling of batch.calendar) await tellEvents(this.#writer, telling);
    const removed = batch.settings.filter(({ value }) => value === null).map(({ name }) => name);
    if (removed.length > 0) await this.#writer.query('delete from settings where name = any($1::text[])', [removed]);
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
      this.#partitions?.forget();
      return error;
    }
  }

  /** What the rows of a batch share; instruments that are new or changed are stored. */
  async #context(spooled: SpooledBatch): Promise<RowContext> {
    const changed = this.#ids.newOf(spooled.bindings);
    for (const binding of changed) {
      const id = await this.#rows.putInstrument(instrumentRow(binding));
      const { rawSymbol, venueId } = binding.instrument;
      await this.#writer.query(NOTE_CONTRACT, [id, rawSymbol, venueId]);
      this.#ids.learn(binding, id);
    }
    return this.#ids.contextOf(spooled);
  }
}

/** A text with numbered places in place of question marks. */
function numbered(text: string): string {
  let place = 0;
  return text.replace(/\?/g, () => `$${++place}`);
}

async function processOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]!.pid;
}

/**
 * Ends connections of this program that it has lost. A server that did not notice the cut, as after a sleep or on a lost
 * network, would keep their claims and row locks for hours, and shut this program out of its own work.
 */
async function endEarlier(client: Client, earlier: number[]): Promise<void> {
  for (let round = 0; earlier.length > 0 && round < ROUNDS_TO_END; round++) {
    const { rows } = await client.query<{ n: number }>(END_EARLIER, [earlier]);
    if (rows[0]!.n === 0) break;
    await client.query('select pg_sleep(0.05)');
  }
  earlier.length = 0;
}
