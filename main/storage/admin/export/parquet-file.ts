import { closeSync, openSync, writeSync } from 'node:fs';
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { StoreError } from '../../../core/store-port.ts';
import { type Cell, type CellKind, type CellRow, type StreamColumn, usOfIso } from '../row-stream.ts';
import type { TableFile } from './table-file.ts';

/** Values in a row group, which is what is held in memory: wide tables have fewer rows in one. */
const GROUP_VALUES = 1_000_000;

const TYPES: Readonly<Record<CellKind, Partial<SchemaElement>>> = {
  whole: { type: 'INT64' },
  real: { type: 'DOUBLE' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
};

/** Rows as Parquet, Snappy within: whole numbers as INT64, times as timestamps of µs in UTC. */
export class ParquetFile implements TableFile {
  readonly #columns: readonly StreamColumn[];
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  readonly #groupRows: number;
  #handle: number | undefined;
  /** The rows of the group to come, column by column. */
  #values: (bigint | number | string | null)[][];

  constructor(path: string, columns: readonly StreamColumn[]) {
    this.#columns = columns;
    this.#groupRows = Math.max(1_000, Math.floor(GROUP_VALUES / columns.length));
    this.#values = columns.map(() => []);
    this.#handle = openSync(path, 'w');
    const elements = columns.map(({ name, kind }): SchemaElement => {
      return { name, repetition_type: 'OPTIONAL', ...TYPES[kind] };
    });
    const schema: SchemaElement[] = [{ name: 'root', num_children: columns.length }, ...elements];
    this.#writer = new ParquetWriter({ writer: this.#bytes, schema, createdBy: 'fathom' });
  }

  async write(rows: readonly CellRow[]): Promise<void> {
    for (const [index, { name, kind }] of this.#columns.entries()) {
      const values = this.#values[index]!;
      for (const row of rows) values.push(parquetValue(row[index]!, kind, name));
    }
    if (this.#values[0]!.length >= this.#groupRows) this.#group();
  }

  async finish(): Promise<void> {
    this.#group();
    await this.#writer.finish();
    this.#flush();
    await this.abandon();
  }

  async abandon(): Promise<void> {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }

  #group(): void {
    const rows = this.#values[0]!.length;
    if (rows === 0) return;
    const columnData = this.#columns.map(({ name }, index) => ({ name, data: this.#values[index]! }));
    void this.#writer.write({ columnData, rowGroupSize: rows });
    this.#values = this.#columns.map(() => []);
    this.#flush();
  }

  /** Hands what the writer has to the file; places in the file are counted by the writer itself. */
  #flush(): void {
    const bytes = this.#bytes.getBytes();
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#handle!, bytes, at);
    this.#bytes.index = 0;
  }
}

function parquetValue(cell: Cell, kind: CellKind, name: string): bigint | number | string | null {
  if (cell === null) return null;
  switch (kind) {
    case 'whole':
      if (typeof cell === 'bigint') return cell;
      break;
    case 'real':
      if (typeof cell !== 'string') return Number(cell);
      break;
    case 'time':
      if (typeof cell === 'string') return usOfIso(cell);
      break;
    case 'text':
      return String(cell);
  }
  throw new StoreError(`column ${name} holds values of several kinds, which Parquet does not take; use --format csv`);
}
