/** One open line to the engine, whatever carries it. Text is JSON of the contract, binary is one frame. */
export interface Transport {
  send(text: string): void;
  close(): void;
}

/** What a line reports. `opened` comes once, `closed` once and last; a line that never opens only closes. */
interface TransportEvents {
  opened(): void;
  text(text: string): void;
  frame(buffer: ArrayBuffer): void;
  closed(reason: string): void;
}

export type OpenTransport = (events: TransportEvents) => Transport;
