import { StoreError } from '../../core/store-port.ts';

/** Texts, names and comments, in which nothing is changed, and `now()` with the intervals behind it. */
const PIECE =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\bnow\s*\(\s*\)((?:\s*[+-]\s*interval\s*'[^']*')*)/gi;
const STEP = /([+-])\s*interval\s*'([^']*)'/gi;
const PART = /^\s*([+-]?\d+(?:\.\d+)?)\s*(second|sec|minute|min|hour|day|week|month|year)s?\b/i;
const UNITS: Readonly<Record<string, string>> = { sec: 'second', min: 'minute', week: 'day' };

/**
 * Puts `NOW()` and `NOW() - INTERVAL '5 minutes'`, as Postgres has them, into the words of SQLite, whose shown times are
 * texts; so one statement runs on both.
 * @throws StoreError for an interval that is not understood
 */
export function withSqliteTimes(sql: string): string {
  return sql.replace(PIECE, (piece: string, steps: string | undefined) => {
    if (!/^now/i.test(piece)) return piece;
    const modifiers = Array.from((steps ?? '').matchAll(STEP), ([, sign, text]) => modifiersOf(sign!, text!)).flat();
    return `strftime('%Y-%m-%d %H:%M:%f', ${["'now'", ...modifiers].join(', ')})`;
  });
}

function modifiersOf(sign: string, text: string): string[] {
  const modifiers: string[] = [];
  for (let rest = text; rest.trim() !== ''; ) {
    const [whole, number, word] = PART.exec(rest) ?? [];
    if (whole === undefined) {
      throw new StoreError(`INTERVAL '${text}' is not understood; write it as in '5 minutes' or '1 day 2 hours'`);
    }
    const unit = word!.toLowerCase();
    const value = Number(number) * (unit === 'week' ? 7 : 1) * (sign === '-' ? -1 : 1);
    modifiers.push(`'${value < 0 ? '' : '+'}${value} ${UNITS[unit] ?? unit}s'`);
    rest = rest.slice(whole.length);
  }
  return modifiers;
}
