import { closeSync, openSync, writeSync } from 'node:fs';
import type { Cell, CellRow, StreamColumn } from '../row-stream.ts';
import type { TableFile } from './table-file.ts';

const NEEDS_QUOTES = /[",\r\n]/;

/** A header and rows as CSV, RFC 4180 with line feeds alone; absent is empty, an empty text is `""`. */
export class CsvFile implements TableFile {
  #handle: number | undefined;

  constructor(path: string, columns: readonly StreamColumn[]) {
    this.#handle = openSync(path, 'w');
    this.#put(csvHeader(columns));
  }

  async write(rows: readonly CellRow[]): Promise<void> {
    this.#put(csvRows(rows));
  }

  async finish(): Promise<void> {
    await this.abandon();
  }

  async abandon(): Promise<void> {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }

  #put(text: string): void {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#handle!, bytes, at);
  }
}

export function csvHeader(columns: readonly StreamColumn[]): string {
  return `${columns.map(({ name }) => csvCell(name)).join(',')}\n`;
}

export function csvRows(rows: readonly CellRow[]): string {
  let text = '';
  for (const row of rows) {
    for (let index = 0; index < row.length; index++) {
      if (index > 0) text += ',';
      text += csvCell(row[index]!);
    }
    text += '\n';
  }
  return text;
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  if (cell === '') return '""';
  return NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
