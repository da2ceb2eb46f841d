import { type Field, fieldOffset, isText, textBytes } from './fields.ts';
import { UNDEF_ORDER_SIZE, UNDEF_PRICE, UNDEF_STAT_QUANTITY, UNDEF_TIMESTAMP } from './layout.ts';

/** A value for a named field: prices in 1e-9 units, times in nanoseconds, characters and texts as strings. */
export type FieldValue = number | bigint | string;

const encoder = new TextEncoder();

/**
 * Writes one field of a version-3 record that starts at `start`; undefined writes what the kind has for "undefined".
 * Throws a RangeError where a text is too long for its field (one NUL must remain).
 */
export function writeField(view: DataView, start: number, field: Field, value: FieldValue | undefined): void {
  const [name, kind] = field;
  const at = start + fieldOffset(field, 3);
  if (isText(kind)) {
    writeText(view, at, textBytes(kind, 3), String(value ?? ''), name);
    return;
  }
  switch (kind) {
    case 'price':
      view.setBigInt64(at, BigInt(value ?? UNDEF_PRICE), true);
      return;
    case 'quantity':
      view.setBigInt64(at, BigInt(value ?? UNDEF_STAT_QUANTITY), true);
      return;
    case 'time':
      view.setBigUint64(at, BigInt(value ?? UNDEF_TIMESTAMP), true);
      return;
    case 'u64':
    case 'raw_id':
      view.setBigUint64(at, BigInt(value ?? 0), true);
      return;
    case 'size':
      view.setUint32(at, Number(value ?? UNDEF_ORDER_SIZE), true);
      return;
    case 'u32':
    case 'i32':
      view.setInt32(at, Number(value ?? 0), true);
      return;
    case 'u16':
    case 'i16':
      view.setInt16(at, Number(value ?? 0), true);
      return;
    case 'u8':
    case 'i8':
      view.setInt8(at, Number(value ?? 0));
      return;
    case 'char':
      view.setUint8(at, typeof value === 'string' ? value.charCodeAt(0) : Number(value ?? 0));
  }
}

function writeText(view: DataView, at: number, width: number, text: string, name: string): void {
  const bytes = encoder.encode(text);
  if (bytes.length >= width) {
    throw new RangeError(`DBN field ${name} holds at most ${width - 1} bytes; "${text}" has ${bytes.length}.`);
  }
  const target = new Uint8Array(view.buffer, view.byteOffset + at, width);
  target.fill(0);
  target.set(bytes);
}
