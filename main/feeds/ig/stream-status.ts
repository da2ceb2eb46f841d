/** What a status of the vendor's client means to whoever watches the line. */
export type StreamStatus = 'connecting' | 'up' | 'stalled' | 'recovering' | 'down' | 'will-retry';

/** https://lightstreamer.com/api/ls-nodejs-client/8.0.5/LightstreamerClient.html#getStatus */
const STATUS: Readonly<Record<string, StreamStatus>> = {
  CONNECTING: 'connecting',
  'CONNECTED:STREAM-SENSING': 'connecting',
  'CONNECTED:WS-STREAMING': 'up',
  STALLED: 'stalled',
  'DISCONNECTED:TRYING-RECOVERY': 'recovering',
  'DISCONNECTED:WILL-RETRY': 'will-retry',
  DISCONNECTED: 'down',
};

export function streamStatusOf(status: string): StreamStatus | undefined {
  return STATUS[status];
}

/** A refusal of the stream: why, and whether trying again is of use. */
export interface StreamRefusal {
  readonly words: string;
  readonly final: boolean;
}

/**
 * Codes of TLCP for sessions that were refused or ended, as far as there is something to say about them. Those after which
 * the vendor's client tries again by itself (41, 48 …) are not told.
 */
export function streamRefusalOf(code: number): StreamRefusal {
  switch (code) {
    case 1:
      return { words: 'the stream does not take the session of the login', final: false };
    case 2:
    case 60:
    case 65:
      return {
        words: 'the stream no longer speaks the protocol of this program; look for a newer version of Fathom',
        final: true,
      };
    case 7:
    case 8:
    case 9:
    case 10:
    case 11:
      return { words: 'the stream takes no further connection now', final: false };
    case 31:
    case 32:
      return { words: 'IG ended the stream', final: false };
    case 61:
      return { words: 'the stream sent what is not its protocol', final: false };
    case 35:
      return { words: 'another program took over the stream of this account', final: false };
    default:
      return { words: 'IG refused the stream', final: false };
  }
}
