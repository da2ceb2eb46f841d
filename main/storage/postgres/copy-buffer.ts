import { RowError } from '../store-fault.ts';
import { HEAD, MARKET_TABLES, type MarketField } from '../tables/market-tables.ts';
import type { RowBlock } from '../tables/row-block.ts';
import { storable } from '../tables/storable.ts';
import type { Column } from '../tables/table-rows.ts';

/** A column as Postgres names its type. */
export interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const FIRST_BYTES = 64 * 1024;
const NUMBER_BYTES = 8;
const WORD = 2 ** 32;
/** From the Unix epoch to that of Postgres, 2000-01-01. */
const EPOCH_US = 946_684_800_000_000;

/**
 * Rows in the binary format of Postgres' COPY (its manual, COPY, "Binary Format"): no number becomes a text here to be
 * parsed there. Columns are bigint, double precision, text or, in blocks, times.
 */
export class CopyBuffer {
  readonly #columns: readonly TypedColumn[];
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #view = viewOf(this.#bytes);
  #at: number;

  constructor(columns: readonly TypedColumn[]) {
    this.#columns = columns;
    // Signature, flags, length of an extension.
    this.#at = SIGNATURE.copy(this.#bytes);
    this.#int32(0);
    this.#int32(0);
  }

  /** Appends a row: its values in the order of the columns. Throws RowError where a value is not what its column is. */
  row(values: readonly Column[]): void {
    const columns = this.#columns;
    this.#reserve(2 + columns.length * (4 + NUMBER_BYTES));
    this.#int16(columns.length);
    for (let index = 0; index < columns.length; index++) {
      const { name, type } = columns[index]!;
      const value = values[index]!;
      if (value === null || Number.isNaN(value)) this.#int32(-1);
      else if (type === 'double precision' && typeof value === 'number') this.#double(value);
      else if (type === 'bigint' && Number.isSafeInteger(value)) {
        this.#int32(NUMBER_BYTES);
        this.#whole(value as number);
      } else if (type === 'text' && typeof value === 'string') this.#text(value);
      else throw new RowError(`${name} is ${type} and cannot be ${value}`);
    }
  }

  /**
   * Appends rows of a block from one row to another: what `columnsOf` names, in that order.
   * @param idOf number of the stored instrument of a market index
   * @throws RowError where a value is not what its column is
   */
  rows({ table, values }: RowBlock, from: number, to: number, idOf: (market: number) => number): void {
    const { fields, width } = MARKET_TABLES[table];
    const columns = this.#columns.length;
    this.#reserve((to - from) * (2 + columns * (4 + NUMBER_BYTES)));
    for (let row = from; row < to; row++) {
      let at = row * width;
      this.#int16(columns);
      this.#int32(NUMBER_BYTES);
      this.#whole(idOf(values[at + HEAD.MARKET]!));
      at++;
      for (let index = 1; index < fields.length; index++) {
        const field = fields[index]!;
        if (field.kind === 'instant') {
          this.#instant(values[at]!, values[at + 1]!, field);
          at += 2;
        } else this.#value(values[at++]!, field);
      }
    }
  }

  /** The bytes since the last ones taken. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#at);
    this.#use(Buffer.allocUnsafeSlow(this.#bytes.length));
    this.#at = 0;
    return taken;
  }

  /** The bytes that are left, with the end mark; nothing may be appended after it. */
  finish(): Buffer {
    this.#reserve(2);
    this.#int16(-1);
    return this.#bytes.subarray(0, this.#at);
  }

  /** A time, and the same in nanoseconds. */
  #instant(us: number, nano: number, { name }: MarketField): void {
    if (Number.isNaN(us)) {
      this.#int32(-1);
      this.#int32(-1);
      return;
    }
    if (!Number.isSafeInteger(us)) throw new RowError(`${name} is a time and cannot be ${us} µs`);
    this.#int32(NUMBER_BYTES);
    this.#whole(us - EPOCH_US);
    this.#int32(NUMBER_BYTES);
    // Nanoseconds do not fit a double: they are multiplied out in two halves.
    const high = Math.floor(us / WORD);
    const low = (us - high * WORD) * 1000 + nano;
    this.#int32(high * 1000 + Math.floor(low / WORD));
    this.#uint32(low % WORD);
  }

  #value(value: number, { kind, name }: MarketField): void {
    if (Number.isNaN(value)) this.#int32(-1);
    else if (kind === 'real') this.#double(value);
    else if (kind === 'letter') {
      this.#int32(value > 0 ? 1 : -1);
      if (value > 0) this.#view.setUint8(this.#at++, value);
    } else if (Number.isSafeInteger(value)) {
      this.#int32(NUMBER_BYTES);
      this.#whole(value);
    } else throw new RowError(`${name} is a whole number and cannot be ${value}`);
  }

  #double(value: number): void {
    this.#int32(NUMBER_BYTES);
    // Adding zero makes −0 a plain 0, as the embedded database keeps it.
    this.#view.setFloat64(this.#at, value + 0);
    this.#at += NUMBER_BYTES;
  }

  #whole(value: number): void {
    const high = Math.floor(value / WORD);
    this.#int32(high);
    this.#uint32(value - high * WORD);
  }

  #text(value: string): void {
    const text = storable(value);
    const bytes = Buffer.byteLength(text);
    // The numbers of the rest of the row have room still.
    this.#reserve(4 + bytes + this.#columns.length * (4 + NUMBER_BYTES));
    this.#int32(bytes);
    this.#at += this.#bytes.write(text, this.#at);
  }

  #int16(value: number): void {
    this.#view.setInt16(this.#at, value);
    this.#at += 2;
  }

  #int32(value: number): void {
    this.#view.setInt32(this.#at, value);
    this.#at += 4;
  }

  #uint32(value: number): void {
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#use(larger);
  }

  #use(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

/** Numbers are written by a view: the methods of a buffer check what is known to fit. */
function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Columns that the rows of a block fill, in their order. A column of µs shows its time by itself. */
export function columnsOf(fields: readonly MarketField[]): readonly string[] {
  return fields.flatMap(({ kind, name }) => {
    if (kind === 'instant') return [`${name}_ts`, `${name}_ns`];
    return kind === 'moment' ? [`${name}_us`] : [name];
  });
}
