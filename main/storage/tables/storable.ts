import type { TableRow } from './table-rows.ts';

/** A text as both databases give it back: Postgres knows no NUL within a text, and SQLite's functions end at it. */
export function storable(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}

/** A row with its texts as both databases give them back. */
export function storableRow(row: TableRow): TableRow {
  const some = Object.values(row).some((value) => typeof value === 'string' && value.includes('\0'));
  if (!some) return row;
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? storable(value) : value]),
  );
}
