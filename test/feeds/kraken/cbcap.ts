import { readFixture } from '../../fixtures.ts';

/** One recorded frame. */
export interface RecordedFrame {
  readonly ns: bigint;
  readonly bytes: Uint8Array;
}

/** Frames of a `.cbcap` recording: a header line, then `<ns> <byte count>\n<bytes>\n` for each. */
export function cbcapFrames(path: string): RecordedFrame[] {
  const bytes = Buffer.from(readFixture(path));
  const frames: RecordedFrame[] = [];
  let at = bytes.indexOf(10) + 1;
  if (!bytes.toString('latin1', 0, 7).startsWith('CBCAP1 ')) throw new Error(`${path} is no CBCAP1 file`);
  while (at < bytes.length) {
    const end = bytes.indexOf(10, at);
    const [ns, count] = bytes.toString('latin1', at, end).split(' ');
    frames.push({ ns: BigInt(ns!), bytes: bytes.subarray(end + 1, end + 1 + Number(count)) });
    at = end + 2 + Number(count);
  }
  return frames;
}
