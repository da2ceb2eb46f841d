/** What the engine asks for the time. */
export interface Clock {
  /** Integer microseconds since the epoch; never less than what an earlier call returned. */
  nowUs(): number;
}
