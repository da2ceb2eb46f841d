import type { Column } from '../table-rows.ts';
import { RowError } from './postgres-fault.ts';

/** A column as Postgres names its type. */
export interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const FIRST_BYTES = 64 * 1024;
const NUMBER_BYTES = 8;
const WORD = 2 ** 32;

/**
 * Rows in the binary format of Postgres' COPY (its manual, COPY, "Binary Format"): no number becomes a text here to be
 * parsed there. Columns are bigint, double precision or text.
 */
export class CopyBuffer {
  readonly #columns: readonly TypedColumn[];
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
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
    this.#at = this.#bytes.writeInt16BE(columns.length, this.#at);
    for (let index = 0; index < columns.length; index++) {
      const { name, type } = columns[index]!;
      const value = values[index]!;
      if (value === null || Number.isNaN(value)) this.#int32(-1);
      else if (type === 'double precision' && typeof value === 'number') this.#double(value);
      else if (type === 'bigint' && Number.isSafeInteger(value)) this.#whole(value as number);
      else if (type === 'text' && typeof value === 'string') this.#text(value);
      else throw new RowError(`${name} is ${type} and cannot be ${value}`);
    }
  }

  /** The bytes since the last ones taken. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#at);
    this.#bytes = Buffer.allocUnsafe(this.#bytes.length);
    this.#at = 0;
    return taken;
  }

  /** The bytes that are left, with the end mark; nothing may be appended after it. */
  finish(): Buffer {
    this.#reserve(2);
    this.#at = this.#bytes.writeInt16BE(-1, this.#at);
    return this.#bytes.subarray(0, this.#at);
  }

  #double(value: number): void {
    this.#int32(NUMBER_BYTES);
    // Adding zero makes −0 a plain 0, as the embedded database keeps it.
    this.#at = this.#bytes.writeDoubleBE(value + 0, this.#at);
  }

  #whole(value: number): void {
    this.#int32(NUMBER_BYTES);
    this.#int32(Math.floor(value / WORD));
    this.#at = this.#bytes.writeUInt32BE(value >>> 0, this.#at);
  }

  #text(value: string): void {
    const text = storable(value);
    const bytes = Buffer.byteLength(text);
    // The numbers of the rest of the row have room still.
    this.#reserve(4 + bytes + this.#columns.length * (4 + NUMBER_BYTES));
    this.#int32(bytes);
    this.#at += this.#bytes.write(text, this.#at);
  }

  #int32(value: number): void {
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

/** A text as Postgres takes it, which knows no NUL within a text. */
export function storable(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}
