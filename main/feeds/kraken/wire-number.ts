import { type JsonCursor, JsonTextError } from '../../codec/json/json-cursor.ts';

const PLAIN = /^(\d+)(?:\.(\d+))?$/;

/**
 * Takes a decimal number that may have more digits than a double holds exactly: somebody always offers a hundred million of a
 * coin that is counted to eight decimals. Zeros at its end then are left out of `digits` and `decimals`, and what still is
 * greater than 2^53 is the nearest double.
 * @returns whether the number was so long that its text has to be kept
 * @throws JsonTextError when it is no decimal number
 */
export function takeNumber(cursor: JsonCursor): boolean {
  const start = cursor.at;
  try {
    cursor.decimal();
    return false;
  } catch (error) {
    cursor.at = start;
    cursor.skip();
    const text = decoder.decode(cursor.bytes.subarray(start, cursor.at)).trimEnd();
    const match = PLAIN.exec(text);
    if (match === null) throw error instanceof JsonTextError ? error : new JsonTextError('a decimal number', start);
    const fraction = (match[2] ?? '').replace(/0+$/, '');
    cursor.digits = Number(match[1] + fraction);
    cursor.decimals = fraction.length;
    cursor.textStart = start;
    cursor.textEnd = start + text.length;
    return true;
  }
}

const decoder = new TextDecoder();
