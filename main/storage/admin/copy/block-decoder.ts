import type { MarketTable } from '../../../core/store-port.ts';
import { MARKET_TABLES } from '../../tables/market-tables.ts';
import type { RowBlock } from '../../tables/row-block.ts';

const BLOCK_ROWS = 8_192;
/** Signature, flags and length of an extension, which COPY TO leaves empty. */
const HEAD_BYTES = 19;
const WORD = 2 ** 32;

/** Columns of a market table as the decoder takes them: one of eight bytes for each place of a block's row. */
export function decodedColumns(table: MarketTable): string {
  const columns = MARKET_TABLES[table].fields.map(({ kind, name }) => {
    if (kind === 'instant') return `${name}_ns / 1000, ${name}_ns % 1000`;
    if (kind === 'moment') return `${name}_us`;
    return kind === 'letter' ? `ascii(${name})::bigint` : name;
  });
  return columns.join(', ');
}

/** Reads rows of a market table from the binary format of Postgres' COPY, in whatever pieces they come. */
export class BlockDecoder {
  readonly #table: MarketTable;
  readonly #width: number;
  readonly #reals: readonly boolean[];
  readonly #blocks: RowBlock[] = [];
  #values: Float64Array;
  #rows = 0;
  #rest: Buffer = Buffer.alloc(0);
  #begun = false;
  #ended = false;

  constructor(table: MarketTable) {
    const { fields, width } = MARKET_TABLES[table];
    this.#table = table;
    this.#width = width;
    this.#reals = fields.flatMap(({ kind }) => (kind === 'instant' ? [false, false] : [kind === 'real']));
    this.#values = new Float64Array(BLOCK_ROWS * width);
  }

  take(piece: Buffer): void {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let at = 0;
    if (!this.#begun) {
      if (bytes.length < HEAD_BYTES) {
        this.#rest = bytes;
        return;
      }
      at = HEAD_BYTES;
      this.#begun = true;
    }
    while (!this.#ended) {
      const next = this.#row(bytes, at);
      if (next === undefined) break;
      at = next;
    }
    this.#rest = bytes.subarray(at);
  }

  /** What was read since the last time. */
  blocks(): readonly RowBlock[] {
    this.#fill();
    return this.#blocks.splice(0);
  }

  /** Reads a row; gives where the next one begins, or undefined where it is not there as a whole. */
  #row(bytes: Buffer, start: number): number | undefined {
    if (start + 2 > bytes.length) return undefined;
    const columns = bytes.readInt16BE(start);
    if (columns === -1) {
      this.#ended = true;
      return start + 2;
    }
    let at = start + 2;
    const values = this.#values;
    const place = this.#rows * this.#width;
    for (let index = 0; index < columns; index++) {
      if (at + 4 > bytes.length) return undefined;
      const length = bytes.readInt32BE(at);
      at += 4;
      if (length === -1) {
        values[place + index] = Number.NaN;
        continue;
      }
      if (at + length > bytes.length) return undefined;
      values[place + index] = this.#reals[index]
        ? bytes.readDoubleBE(at)
        : bytes.readInt32BE(at) * WORD + bytes.readUInt32BE(at + 4);
      at += length;
    }
    if (++this.#rows === BLOCK_ROWS) this.#fill();
    return at;
  }

  #fill(): void {
    if (this.#rows === 0) return;
    this.#blocks.push({ table: this.#table, rows: this.#rows, values: this.#values });
    this.#values = new Float64Array(BLOCK_ROWS * this.#width);
    this.#rows = 0;
  }
}
