/**
 * What was recorded, input by input, in the order in which it arrived. Reading and playing are apart, so that a file can
 * be measured, skipped and paced:
 *
 *     for await (const _ of recording.pieces()) while (recording.next()) recording.apply();
 */
export interface Recording {
  /** Where the data came from: `simulated`, `databento`, `kraken` …; empty before the first piece. */
  readonly source: string;
  /** Whether the input that was applied last completed an event of a book. */
  readonly judged: boolean;
  /** Starts from the beginning; each turn makes a piece ready, at least one where the file is sound. */
  pieces(progress?: (bytesRead: number, bytesTotal: number) => void): AsyncGenerator<void>;
  /** Moves to the next input of the piece; false when the piece is used up. */
  next(): boolean;
  /** When the input under the cursor arrived, µs; 0 where nothing tells. */
  arrivalUs(): number;
  /** Engine's input sequence before the input under the cursor, as its capture has it; NaN where none tells. */
  inputAt(): number;
  /** Plays the input under the cursor into the engine, whose time it moves. */
  apply(): void;
  /** What the mappers know. */
  snapshot(): unknown;
  restore(snapshot: unknown): void;
}
