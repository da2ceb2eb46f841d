import {
  ERROR_FIELDS,
  type Field,
  fieldOffset,
  SYMBOL_MAPPING_FIELDS,
  SYSTEM_FIELDS,
  textBytes,
} from '../../codec/dbn/fields.ts';
import { type DbnVersion, RTYPE, WORD } from '../../codec/dbn/layout.ts';
import { readText } from '../../codec/dbn/record-json.ts';
import { errorCode, systemCode } from '../../codec/dbn/upgrade.ts';

/** A record of the gateway's own, as opposed to the market's. Codes are those of `SYSTEM_CODE` and `ERROR_CODE`. */
export type GatewayNotice =
  | { readonly kind: 'system'; readonly code: number; readonly text: string }
  | { readonly kind: 'error'; readonly code: number; readonly text: string }
  | {
      readonly kind: 'mapping';
      /** What was asked for: `6E.v.0`. */
      readonly asked: string;
      /** What it means in this session: `6EZ6`. */
      readonly rawSymbol: string;
      readonly instrumentId: number;
    };

const ERROR_TEXT = ERROR_FIELDS[0];
const ERROR_CODE_FIELD = ERROR_FIELDS[1];
const SYSTEM_TEXT = SYSTEM_FIELDS[0];
const SYSTEM_CODE_FIELD = SYSTEM_FIELDS[1];
const [, IN_SYMBOL, , OUT_SYMBOL] = SYMBOL_MAPPING_FIELDS;

/** Whether records of this type speak of the session, not of a market. */
export function isNotice(rtype: number): boolean {
  return rtype === RTYPE.SYSTEM || rtype === RTYPE.ERROR || rtype === RTYPE.SYMBOL_MAPPING;
}

/**
 * Reads a record for which `isNotice` holds.
 * @param byteAt where it starts; version 1 has no codes: they are told from the texts, as Databento's own upgrade does
 */
export function readNotice(bytes: Uint8Array, byteAt: number, version: DbnVersion): GatewayNotice {
  const rtype = bytes[byteAt + 1]!;
  if (rtype === RTYPE.SYMBOL_MAPPING) {
    const width = textBytes('symbol', version);
    const asked = readText(bytes, byteAt + fieldOffset(IN_SYMBOL, version), width);
    const named = readText(bytes, byteAt + fieldOffset(OUT_SYMBOL, version), width);
    const id = new DataView(bytes.buffer, bytes.byteOffset + byteAt + WORD.INSTRUMENT_ID * 4, 4).getUint32(0, true);
    return { kind: 'mapping', asked, rawSymbol: /^\d+$/.test(named) ? asked : named, instrumentId: id };
  }
  if (rtype === RTYPE.SYSTEM) {
    const text = readText(bytes, byteAt + fieldOffset(SYSTEM_TEXT, version), textBytes('message', version));
    return { kind: 'system', code: codeOf(bytes, byteAt, SYSTEM_CODE_FIELD, version) ?? systemCode(text), text };
  }
  const text = readText(bytes, byteAt + fieldOffset(ERROR_TEXT, version), textBytes('error', version));
  return { kind: 'error', code: codeOf(bytes, byteAt, ERROR_CODE_FIELD, version) ?? errorCode(text), text };
}

function codeOf(bytes: Uint8Array, byteAt: number, field: Field, version: DbnVersion): number | undefined {
  const offset = fieldOffset(field, version);
  return offset < 0 ? undefined : bytes[byteAt + offset]!;
}

/** Overwrites every occurrence of a secret in the bytes with asterisks: what a gateway echoes is recorded, the key never. */
export function blank(bytes: Uint8Array, secret: string): void {
  if (secret === '') return;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = view.indexOf(secret); at >= 0; at = view.indexOf(secret, at)) view.fill('*', at, at + secret.length);
}
