import { once } from 'node:events';
import { fileWords } from '../file-words.ts';

/**
 * Results on their way to stdout: gathered, and written with back-pressure. A reader that has gone (`| head`) ends the
 * program quietly, a disk that is full with a sentence.
 */
export class TextOutput {
  readonly #stream: NodeJS.WriteStream;
  #text = '';

  /** @param log takes the sentence */
  constructor(stream: NodeJS.WriteStream, log: (words: string) => void) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      log(fileWords(error, 'the output'));
      process.exit(1);
    });
  }

  /** Takes text in; nothing is written before `flush`. */
  add(text: string): void {
    this.#text += text;
  }

  /** A value as JSON, indented, with a newline. */
  addJson(value: unknown): void {
    this.add(`${JSON.stringify(value, undefined, 2)}\n`);
  }

  /** Hands everything to the stream and waits while that is full. */
  async flush(): Promise<void> {
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    if (!this.#stream.write(text)) await once(this.#stream, 'drain');
  }
}
