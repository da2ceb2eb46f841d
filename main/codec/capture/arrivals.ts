import { readFile } from 'node:fs/promises';
import { decodeSidecar, type SidecarLine, sidecarPath } from './sidecar.ts';

/**
 * When the chunks of a capture arrived, by their place in the DBN stream. Asked in rising order of offsets, as a decoder
 * goes through the stream.
 */
export class Arrivals {
  readonly #ends: number[] = [];
  readonly #localUs: number[] = [];
  readonly #inputs: number[] = [];
  readonly #repeated: boolean[] = [];
  #at = 0;

  constructor(lines: readonly SidecarLine[]) {
    for (const line of lines) {
      if (line.type !== 'frame') continue;
      let { localUs, input } = line;
      let unknownBytes = line.streamBytes - line.repeatedBytes;
      if (line.repeatedBytes > 0) this.#add(line.repeatedBytes, Number.NaN, Number.NaN, true);
      for (const [bytes, inputs, us] of line.chunks) {
        localUs += us;
        input += inputs;
        unknownBytes -= bytes;
        this.#add(bytes, localUs, input);
      }
      if (unknownBytes > 0) this.#add(unknownBytes, Number.NaN, Number.NaN);
    }
  }

  /** Local receive time of the record at a stream offset, µs; NaN where it is not known. */
  localUsAt(offset: number): number {
    this.#seek(offset);
    return this.#localUs[this.#at] ?? Number.NaN;
  }

  /** Input sequence of the engine before the chunk of a stream offset; NaN where it is not known. */
  inputAt(offset: number): number {
    this.#seek(offset);
    return this.#inputs[this.#at] ?? Number.NaN;
  }

  /** Whether what stands at a stream offset repeats what an earlier file said. */
  repeatedAt(offset: number): boolean {
    this.#seek(offset);
    return this.#repeated[this.#at] ?? false;
  }

  #add(bytes: number, localUs: number, input: number, repeated = false): void {
    this.#ends.push((this.#ends.at(-1) ?? 0) + bytes);
    this.#localUs.push(localUs);
    this.#inputs.push(input);
    this.#repeated.push(repeated);
  }

  #seek(offset: number): void {
    if (this.#at > 0 && offset < this.#ends[this.#at - 1]!) this.#at = 0;
    while (this.#at < this.#ends.length && offset >= this.#ends[this.#at]!) this.#at++;
  }
}

/** Arrivals of a DBN file that is a capture of ours; undefined for any other file, and for what was fetched later. */
export async function loadArrivals(dataPath: string): Promise<Arrivals | undefined> {
  const path = sidecarPath(dataPath);
  if (path === dataPath) return undefined;
  try {
    const lines = decodeSidecar(await readFile(path)).map(({ line }) => line);
    return lines.some(({ type }) => type === 'fetched') ? undefined : new Arrivals(lines);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
