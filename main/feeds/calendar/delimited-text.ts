/** One row of a delimited file. */
export interface DelimitedRow {
  /** Line on which it begins, counted from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

const DELIMITERS = [',', ';', '\t'] as const;

/**
 * Rows of text with quoted cells (RFC 4180: a quote within quotes is doubled, a quoted cell may hold the delimiter and line
 * ends). Empty lines are left out. A quote that never ends takes the rest of the text, and `open` says where it began.
 */
export function delimitedRows(text: string, delimiter: string): { rows: DelimitedRow[]; open: number | undefined } {
  const rows: DelimitedRow[] = [];
  let cells: string[] = [];
  let cell = '';
  let line = 1;
  let began = 1;
  let quotedSince: number | undefined;
  const endRow = () => {
    cells.push(cell);
    if (cells.length > 1 || cells[0]!.trim() !== '') rows.push({ line: began, cells });
    cells = [];
    cell = '';
  };
  let at = 0;
  while (at < text.length) {
    const letter = text[at++]!;
    if (letter === '\n') line++;
    if (quotedSince !== undefined) {
      if (letter !== '"') cell += letter;
      else if (text[at] === '"') cell += text[at++]!;
      else quotedSince = undefined;
    } else if (letter === '"' && cell.trim() === '') {
      cell = '';
      quotedSince = line;
    } else if (letter === delimiter) {
      cells.push(cell);
      cell = '';
    } else if (letter === '\n') {
      endRow();
      began = line;
    } else if (letter !== '\r' || text[at] !== '\n') cell += letter;
  }
  if (cell !== '' || cells.length > 0) endRow();
  return { rows, open: quotedSince };
}

/** The delimiter that the first line has most of. */
export function delimiterOf(text: string): string {
  const first = /^[^\n]*/.exec(text)![0];
  const count = (delimiter: string) => first.split(delimiter).length;
  return DELIMITERS.reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}
