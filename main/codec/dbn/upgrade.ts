import { type Field, fieldOffset, isText, RECORD_FIELDS, textBytes } from './fields.ts';
import { DEFINITION_UNDEFINED } from './fields-definition.ts';
import {
  type DbnVersion,
  ERROR_CODE,
  HEADER_BYTES,
  RECORD_BYTES,
  RTYPE,
  SYSTEM_CODE,
  UNDEF_STAT_QUANTITY,
  UNDEF_STAT_QUANTITY_V2,
} from './layout.ts';
import { readText } from './record-json.ts';
import { writeField } from './write-fields.ts';

/** Bytes of a field in the older versions, by kind; texts have the width of their version. */
const OLD_BYTES = {
  price: 8,
  time: 8,
  u64: 8,
  size: 4,
  u32: 4,
  i32: 4,
  u16: 2,
  i16: 2,
  u8: 1,
  i8: 1,
  char: 1,
} as const;

/**
 * Writes the version-3 form of a version-1 or -2 record of a type whose layout changed: definition, statistics, symbol
 * mapping, error, system. Fields keep their bytes where they fit; what version 3 added is undefined, codes of errors
 * and system messages are told from their texts as Databento's own upgrade does, and the fields that version 3 dropped
 * (trading_reference_price and _date, md_security_trading_status, settl_price_type) are lost.
 * `target` holds the record's size in version 3 and is zeroed.
 */
export function upgradeRecord(source: Uint8Array, rtype: number, version: DbnVersion, target: Uint8Array): void {
  const from = new DataView(source.buffer, source.byteOffset, source.length);
  const to = new DataView(target.buffer, target.byteOffset, target.length);
  target.set(source.subarray(0, HEADER_BYTES));
  target[0] = RECORD_BYTES.get(rtype)![2] / 4;
  for (const field of RECORD_FIELDS.get(rtype)!) {
    if (field[4] < 0) continue;
    const offset = fieldOffset(field, version);
    if (offset < 0) writeField(to, 0, field, addedValue(source, rtype, field));
    else copyField(from, to, field, version, offset);
  }
}

function copyField(from: DataView, to: DataView, field: Field, version: DbnVersion, offset: number): void {
  const kind = field[1];
  if (kind === 'raw_id') {
    writeField(to, 0, field, from.getUint32(offset, true));
    return;
  }
  if (kind === 'quantity') {
    const quantity = from.getInt32(offset, true);
    writeField(to, 0, field, quantity === UNDEF_STAT_QUANTITY_V2 ? UNDEF_STAT_QUANTITY : quantity);
    return;
  }
  const width = isText(kind) ? textBytes(kind, version) : OLD_BYTES[kind];
  const source = new Uint8Array(from.buffer, from.byteOffset + offset, width);
  new Uint8Array(to.buffer, to.byteOffset + field[4], width).set(source);
}

/** What an added field holds; undefined stands for its kind's own undefined value. */
function addedValue(source: Uint8Array, rtype: number, [name]: Field): number | string | undefined {
  if (rtype === RTYPE.INSTRUMENT_DEF) return DEFINITION_UNDEFINED[name];
  if (rtype === RTYPE.SYMBOL_MAPPING) return 255;
  const text = readText(source, HEADER_BYTES, 64);
  if (rtype === RTYPE.SYSTEM) return systemCode(text);
  return name === 'code' ? errorCode(text) : 255;
}

/** The code of a version-1 system message, told from its text. */
export function systemCode(text: string): number {
  if (text === 'Heartbeat') return SYSTEM_CODE.HEARTBEAT;
  if (text.startsWith('End of interval for ')) return SYSTEM_CODE.END_OF_INTERVAL;
  if (text.startsWith('Subscription request ') && text.endsWith(' succeeded')) return SYSTEM_CODE.SUBSCRIPTION_ACK;
  if (text.startsWith('Warning: slow reading')) return SYSTEM_CODE.SLOW_READER_WARNING;
  if (text.startsWith('Finished ') && text.endsWith(' replay')) return SYSTEM_CODE.REPLAY_COMPLETED;
  return SYSTEM_CODE.UNSET;
}

/** The code of a version-1 error, told from its text. */
export function errorCode(text: string): number {
  if (text === 'User or API key deactivated') return ERROR_CODE.API_KEY_DEACTIVATED;
  if (text === 'User has reached their open connection limit') return ERROR_CODE.CONNECTION_LIMIT_EXCEEDED;
  if (text.startsWith('Failed to resolve symbol')) return ERROR_CODE.SYMBOL_RESOLUTION_FAILED;
  if (text === 'Internal error') return ERROR_CODE.INTERNAL_ERROR;
  if (text.startsWith('Slow client detected for ')) return ERROR_CODE.SKIPPED_RECORDS_AFTER_SLOW_READING;
  return ERROR_CODE.UNSET;
}
