import { rename, rm } from 'node:fs/promises';
import type { RowStream, StreamColumn } from '../row-stream.ts';
import { CsvFile } from './csv-file.ts';
import { ParquetFile } from './parquet-file.ts';
import type { TableFile } from './table-file.ts';

export const EXPORT_FORMATS = ['csv', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions {
  readonly path: string;
  readonly format: ExportFormat;
  readonly progress: (done: number, expected: number) => void;
  readonly stop: AbortSignal;
}

/**
 * Writes rows into a file under a temporary name beside its own, which it is given when it is whole: there is never half a
 * file of that name. Throws what the file system and the database throw.
 * @returns rows written; undefined when it was stopped, and there is no file
 */
export async function exportRows(stream: RowStream, options: ExportOptions): Promise<number | undefined> {
  const { path, format, progress, stop } = options;
  const partial = `${path}.partial-${process.pid}`;
  try {
    const file = openFile(partial, format, stream.columns);
    let rows = 0;
    try {
      for await (const batch of stream.batches) {
        if (stop.aborted) break;
        await file.write(batch);
        rows += batch.length;
        progress(rows, stream.expected);
      }
      if (!stop.aborted) await file.finish();
    } finally {
      await file.abandon();
    }
    if (stop.aborted) return undefined;
    await rename(partial, path);
    return rows;
  } finally {
    await rm(partial, { force: true });
  }
}

function openFile(path: string, format: ExportFormat, columns: readonly StreamColumn[]): TableFile {
  return format === 'csv' ? new CsvFile(path, columns) : new ParquetFile(path, columns);
}
