import { RTYPE, WORD } from '../../codec/dbn/layout.ts';
import { tsUs } from '../../codec/dbn/read-words.ts';
import { isNotice } from './live-notices.ts';
import { type CutRecords, type CutSink, RecordCutter } from './record-cutter.ts';

/** Record types that say what was traded, or from which trades can be told. */
const TRADED: ReadonlySet<number> = new Set([RTYPE.MBP_0, RTYPE.MBP_1, RTYPE.MBP_10, RTYPE.MBO, RTYPE.TCBBO]);

/**
 * Takes a DBN stream and hands on its metadata and those records whose event lies in [fromUs, toUs); definitions and
 * mappings, which describe and are of no time, always.
 */
export class RecordWindow implements CutSink {
  /** Market records handed on. */
  records = 0;
  /** Whether records of trades were among them. */
  traded = false;
  /** Latest event of the stream, in the window or not, µs. */
  latestUs = Number.NEGATIVE_INFINITY;
  readonly #fromUs: number;
  readonly #toUs: number;
  readonly #hand: (bytes: Uint8Array) => void;
  readonly #onNotice: (record: Uint8Array) => void;
  readonly #cutter = new RecordCutter();

  /** @param onNotice given the gateway's own records, which are not handed on unless they map symbols */
  constructor(
    fromUs: number,
    toUs: number,
    hand: (bytes: Uint8Array) => void,
    onNotice: (record: Uint8Array) => void = () => undefined,
  ) {
    this.#fromUs = fromUs;
    this.#toUs = toUs;
    this.#hand = hand;
    this.#onNotice = onNotice;
  }

  get version(): 1 | 2 | 3 {
    return this.#cutter.metadata?.version ?? 3;
  }

  /** @throws DbnError */
  push(chunk: Uint8Array): void {
    this.#cutter.push(chunk, this);
  }

  onMetadata(block: Uint8Array): void {
    this.#hand(block);
  }

  onRecords({ bytes, words }: CutRecords): void {
    let kept = 0;
    for (let at = 0, length = 0; at < words.length; at += length) {
      length = words[at]! & 0xff;
      if (!this.#keeps(bytes, words, at, length)) continue;
      if (kept !== at) words.copyWithin(kept, at, at + length);
      kept += length;
    }
    if (kept > 0) this.#hand(bytes.subarray(0, kept * 4));
  }

  #keeps(bytes: Uint8Array, words: Int32Array, at: number, length: number): boolean {
    const rtype = (words[at]! >>> 8) & 0xff;
    if (isNotice(rtype)) {
      this.#onNotice(bytes.subarray(at * 4, (at + length) * 4));
      return rtype === RTYPE.SYMBOL_MAPPING;
    }
    if (rtype === RTYPE.INSTRUMENT_DEF) return true;
    const us = tsUs(words, at + WORD.TS_EVENT);
    if (us > this.latestUs) this.latestUs = us;
    if (!(us >= this.#fromUs && us < this.#toUs)) return false;
    this.records++;
    this.traded ||= TRADED.has(rtype);
    return true;
  }
}
