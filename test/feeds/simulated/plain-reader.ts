/** A plain reader of version-3 DBN, written without regard to speed and without the codec under test. */
export interface PlainRecord {
  readonly rtype: number;
  readonly publisherId: number;
  readonly instrumentId: number;
  readonly tsEventNs: bigint;
  readonly tsRecvNs: bigint;
  readonly at: number;
}

export interface PlainDepth extends PlainRecord {
  readonly action: string;
  readonly side: string;
  readonly flags: number;
  readonly depth: number;
  readonly price: bigint;
  readonly size: number;
  readonly tsInDelta: number;
  readonly sequence: number;
  readonly bids: readonly PlainLevel[];
  readonly asks: readonly PlainLevel[];
}

export interface PlainLevel {
  readonly price: bigint;
  readonly size: number;
  readonly orders: number;
}

export interface PlainStream {
  readonly dataset: string;
  readonly schema: number;
  readonly records: readonly PlainRecord[];
  readonly view: DataView;
}

const TS_RECV_AT = new Map([
  [0x01, 32],
  [0x0a, 32],
  [0x12, 16],
  [0x13, 16],
]);

export function readStream(bytes: Uint8Array): PlainStream {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dataset = new TextDecoder().decode(bytes.subarray(8, 24)).replace(/\0+$/, '');
  const records: PlainRecord[] = [];
  for (let at = 8 + view.getUint32(4, true); at < bytes.length; at += view.getUint8(at) * 4) {
    const rtype = view.getUint8(at + 1);
    const recvAt = TS_RECV_AT.get(rtype);
    records.push({
      rtype,
      publisherId: view.getUint16(at + 2, true),
      instrumentId: view.getUint32(at + 4, true),
      tsEventNs: view.getBigUint64(at + 8, true),
      tsRecvNs: recvAt === undefined ? 0n : view.getBigUint64(at + recvAt, true),
      at,
    });
  }
  return { dataset, schema: view.getUint16(24, true), records, view };
}

/** The depth record (MBP-1 or MBP-10) behind a header. */
export function readDepth(view: DataView, record: PlainRecord): PlainDepth {
  const { at } = record;
  const levels = record.rtype === 0x0a ? 10 : 1;
  const side = (price: number, size: number, orders: number) =>
    Array.from({ length: levels }, (_, level) => ({
      price: view.getBigInt64(at + 48 + level * 32 + price, true),
      size: view.getUint32(at + 48 + level * 32 + size, true),
      orders: view.getUint32(at + 48 + level * 32 + orders, true),
    }));
  return {
    ...record,
    price: view.getBigInt64(at + 16, true),
    size: view.getUint32(at + 24, true),
    action: String.fromCharCode(view.getUint8(at + 28)),
    side: String.fromCharCode(view.getUint8(at + 29)),
    flags: view.getUint8(at + 30),
    depth: view.getUint8(at + 31),
    tsInDelta: view.getInt32(at + 40, true),
    sequence: view.getUint32(at + 44, true),
    bids: side(0, 16, 24),
    asks: side(8, 20, 28),
  };
}
