const DATA = '"data":';
const TIME = /"last_update":\s*\d+/;

/**
 * Whether two bodies of answers say the same but for the time at which they were made, which stands before their data. It is
 * told by their bytes, so that an answer that was read before is not read again.
 */
export function saysTheSame(a: Uint8Array, b: Uint8Array): boolean {
  const [left, right] = [bufferOf(a), bufferOf(b)];
  const [leftFrom, rightFrom] = [left.indexOf(DATA), right.indexOf(DATA)];
  if (leftFrom < 0 || rightFrom < 0) return false;
  return (
    left.subarray(leftFrom).equals(right.subarray(rightFrom)) && headOf(left, leftFrom) === headOf(right, rightFrom)
  );
}

function headOf(body: Buffer, length: number): string {
  return body.toString('latin1', 0, length).replace(TIME, '');
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
