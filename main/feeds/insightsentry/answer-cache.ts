import { z } from 'zod';
import { DAY_US } from '../../../shared/units.ts';

/** A text file that a feed keeps: whoever wires it knows where it lies. */
export interface KeptText {
  /** Undefined when there is none, or it cannot be read. */
  read(): Promise<string | undefined>;
  /** Replaces it as a whole or not at all. */
  write(text: string): Promise<void>;
}

const content = z.object({
  version: z.literal(1),
  answers: z.record(z.string(), z.object({ atUs: z.number(), value: z.unknown() })),
  connections: z.object({ day: z.number(), count: z.number(), lastUs: z.number() }),
});
type Content = z.infer<typeof content>;

const EMPTY: Content = { version: 1, answers: {}, connections: { day: 0, count: 0, lastUs: 0 } };

/** An answer of an earlier time. */
export interface CachedAnswer<T> {
  /** When it came, µs. */
  readonly atUs: number;
  readonly value: T;
}

/**
 * What outlives a restart: the last answers with their times, so that starting again costs no request, and the WebSocket
 * connections of this day (UTC), which the vendor is said to count.
 */
export class AnswerCache {
  readonly #file: KeptText;
  readonly #onFault: (words: string) => void;
  #content: Content = EMPTY;
  #writing: Promise<void> = Promise.resolve();
  #dirty = false;
  /** Something is kept that no write is under way for. */
  #unwritten = false;

  /** @param onFault hears why the file cannot be written */
  constructor(file: KeptText, onFault: (words: string) => void) {
    this.#file = file;
    this.#onFault = onFault;
  }

  /** Reads the file. One that is damaged, or from the future, counts as none. */
  async load(nowUs: number): Promise<void> {
    const text = await this.#file.read();
    if (text === undefined) return;
    try {
      const read = content.parse(JSON.parse(text));
      const answers = Object.entries(read.answers).filter(([, { atUs }]) => atUs <= nowUs);
      this.#content = { ...read, answers: Object.fromEntries(answers) };
    } catch {
      this.#content = EMPTY;
    }
  }

  answer<T>(request: string, schema: z.ZodType<T>): CachedAnswer<T> | undefined {
    const held = this.#content.answers[request];
    if (held === undefined) return undefined;
    const read = schema.safeParse(held.value);
    return read.success ? { atUs: held.atUs, value: read.data } : undefined;
  }

  keep(request: string, atUs: number, value: unknown): void {
    this.#put({ answers: { ...this.#content.answers, [request]: { atUs, value } } });
  }

  /** An answer came again as it was kept. That is written with the next one, or by `flush`. */
  renew(request: string, atUs: number): void {
    const held = this.#content.answers[request];
    if (held === undefined) return;
    this.#content = { ...this.#content, answers: { ...this.#content.answers, [request]: { ...held, atUs } } };
    this.#unwritten = true;
  }

  /** Connections made on the day of `nowUs`. */
  connectionsOfDay(nowUs: number): number {
    const { day, count } = this.#content.connections;
    return day === dayOf(nowUs) ? count : 0;
  }

  /** When the last connection was begun, µs; 0 = never. */
  get lastConnectionUs(): number {
    return this.#content.connections.lastUs;
  }

  /** Counts a connection, or with −1 takes back one that never reached the vendor. Resolves when that is on disk. */
  countConnection(nowUs: number, by: 1 | -1 = 1): Promise<void> {
    const count = Math.max(0, this.connectionsOfDay(nowUs) + by);
    const lastUs = by === 1 ? nowUs : this.lastConnectionUs;
    this.#put({ connections: { day: dayOf(nowUs), count, lastUs } });
    return this.#writing;
  }

  /** Resolves when all that was kept is on disk. */
  flush(): Promise<void> {
    if (this.#unwritten) this.#put({});
    return this.#writing;
  }

  #put(part: Partial<Content>): void {
    this.#content = { ...this.#content, ...part };
    this.#unwritten = false;
    if (this.#dirty) return;
    this.#dirty = true;
    this.#writing = this.#writing.then(async () => {
      this.#dirty = false;
      try {
        await this.#file.write(JSON.stringify(this.#content));
      } catch (error) {
        this.#onFault(`what InsightSentry answered cannot be kept (${(error as Error).message}); a restart asks again`);
      }
    });
  }
}

function dayOf(us: number): number {
  return Math.floor(us / DAY_US);
}
