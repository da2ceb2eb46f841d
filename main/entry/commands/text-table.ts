/** A column of a table: its head, and on which side its cells stand. */
export interface TableColumn {
  readonly head: string;
  readonly side: 'left' | 'right';
}

/** Puts cells under heads, aligned. */
export class TextTable {
  readonly #columns: readonly TableColumn[];
  readonly #widths: number[];

  /** @param sample rows by which the widths are found; longer cells that come later stand out */
  constructor(columns: readonly TableColumn[], sample: readonly (readonly string[])[]) {
    this.#columns = columns;
    this.#widths = columns.map(({ head }) => head.length);
    for (const row of sample) {
      for (const [index, cell] of row.entries()) this.#widths[index] = Math.max(this.#widths[index]!, cell.length);
    }
  }

  get head(): string {
    const heads = this.row(this.#columns.map(({ head }) => head));
    return `${heads}${this.#widths.map((width) => '─'.repeat(width)).join('  ')}\n`;
  }

  row(cells: readonly string[]): string {
    const padded = cells.map((cell, index) => {
      const width = this.#widths[index]!;
      return this.#columns[index]!.side === 'left' ? cell.padEnd(width) : cell.padStart(width);
    });
    return `${padded.join('  ').trimEnd()}\n`;
  }
}

/** A whole number with its thousands apart. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
