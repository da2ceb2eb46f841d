/** Reflected polynomial of CRC-32 (IEEE 802.3). */
const POLYNOMIAL = 0xedb88320;

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

/** State before the first byte. */
export const CRC_START = -1;

/** Takes bytes into a running CRC-32. The checksum of all bytes taken is `crcOf(state)`. */
export function crcOver(state: number, bytes: Uint8Array, start: number, end: number): number {
  let crc = state | 0;
  for (let at = start; at < end; at++) crc = TABLE[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return crc;
}

/** The checksum that a running state stands for, unsigned. */
export function crcOf(state: number): number {
  return ~state >>> 0;
}
