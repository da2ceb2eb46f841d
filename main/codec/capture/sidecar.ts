import { crc32 } from 'node:zlib';

/**
 * The sidecar of a capture file: what the DBN stream itself can't say. Lines of text, each `crc32 json`, in the order in
 * which things happened; a torn last line is told by its checksum.
 */
export type SidecarLine =
  /**
   * A run of the engine begins to write: its input sequence starts anew. `notes`: the lines of its frames tell which of them
   * hold notes, which earlier versions did not.
   */
  | { readonly type: 'run'; readonly notes?: true }
  | FrameLine
  | FetchedLine
  /** Bytes that could not be written and were given up, before the next frame. */
  | { readonly type: 'lost'; readonly bytes: number; readonly chunks: number }
  /** The file was closed in order, or put in order after a crash. */
  | {
      readonly type: 'close';
      readonly frames: number;
      readonly bytes: number;
      readonly streamBytes: number;
      /** Of the data file, in hexadecimal. */
      readonly sha256: string;
    };

/** The file holds what was missing of a stream and was fetched later: no record in it arrived when it happened. */
export interface FetchedLine {
  readonly type: 'fetched';
  readonly atUs: number;
  /** From the vendor's history, or by a replay of its gateway. */
  readonly route: 'history' | 'replay';
  /** The holes that it fills, and why they were there. */
  readonly holes: readonly { readonly fromUs: number; readonly toUs: number; readonly why: string }[];
}

/** One zstd frame of the data file and the chunks in it. */
export interface FrameLine {
  readonly type: 'frame';
  /** Where the frame starts in the file, and its length. */
  readonly at: number;
  readonly bytes: number;
  /** Its length when decompressed. */
  readonly streamBytes: number;
  /**
   * Chunks as they arrived: [bytes, inputs since the chunk before, µs since the chunk before]; the first counts from
   * `input` and `localUs`. Empty where a crash has left a frame without its line.
   */
  readonly chunks: readonly (readonly [bytes: number, inputs: number, us: number])[];
  /** Input sequence of the engine before the first chunk. */
  readonly input: number;
  /** Local receive time of the first chunk, µs. */
  readonly localUs: number;
  /** Bytes before the first chunk that repeat what an earlier file said: metadata, definitions, mappings, statuses. */
  readonly repeatedBytes: number;
  /** Its first chunk is a state of its mapper: who wants to know how things stood later may begin to read here. */
  readonly begins?: true;
  /** It holds what is said of instruments and streams: who begins to read behind it must have read this frame too. */
  readonly notes?: true;
}

/** Path of a data file's sidecar. */
export function sidecarPath(dataPath: string): string {
  return dataPath.replace(/\.(dbn|frames)\.zst$/, '.arrivals');
}

/** A line with its checksum, newline included. */
export function encodeSidecarLine(line: SidecarLine): string {
  const json = JSON.stringify(line);
  return `${checksum(json)} ${json}\n`;
}

/** Every line up to the first that is torn or altered, each with the place at which it ends. */
export function decodeSidecar(bytes: Uint8Array): readonly { readonly line: SidecarLine; readonly end: number }[] {
  const lines: { line: SidecarLine; end: number }[] = [];
  const decoder = new TextDecoder();
  for (let from = 0; ; ) {
    const newline = bytes.indexOf(NEWLINE, from);
    if (newline < 0) return lines;
    const text = decoder.decode(bytes.subarray(from, newline));
    const json = text.slice(CHECKSUM_DIGITS + 1);
    if (text.slice(0, CHECKSUM_DIGITS + 1) !== `${checksum(json)} `) return lines;
    from = newline + 1;
    lines.push({ line: JSON.parse(json) as SidecarLine, end: from });
  }
}

const NEWLINE = 0x0a;
const CHECKSUM_DIGITS = 8;

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(CHECKSUM_DIGITS, '0');
}
