import { type JsonCursor, JsonTextError } from '../../codec/json/json-cursor.ts';
import { WORD } from './wire-words.ts';

/** Takes an event's `type`. @returns true for a snapshot, false for an update. @throws JsonTextError for anything else */
export function isSnapshotEvent(cursor: JsonCursor): boolean {
  cursor.string();
  if (cursor.is(WORD.snapshot)) return true;
  if (cursor.is(WORD.update)) return false;
  throw new JsonTextError('snapshot or update', cursor.textStart);
}
