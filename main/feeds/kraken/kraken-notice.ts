/** What a message means to the connection; what it means to the books is the mapper's to know. */
export type KrakenNotice =
  | { readonly kind: 'data' }
  | { readonly kind: 'other' }
  | { readonly kind: 'system'; readonly system: string }
  | { readonly kind: 'subscribed' | 'unsubscribed'; readonly channel: string; readonly symbol: string }
  | { readonly kind: 'refused'; readonly symbol: string; readonly words: string };

const DATA: KrakenNotice = { kind: 'data' };
const OTHER: KrakenNotice = { kind: 'other' };
const CHANNEL = Buffer.from('{"channel":"');
/** First letters of the channels that carry market data: book, trade, level3. */
const DATA_LETTERS = [...Buffer.from('btl')];
const HEARTBEAT_LETTER = 0x68;
/** Longer messages are never notices: the list of instruments is megabytes. */
const LONGEST_NOTICE = 4096;

interface Wire {
  readonly channel?: string;
  readonly method?: string;
  readonly success?: boolean;
  readonly error?: string;
  readonly symbol?: string;
  readonly result?: { readonly channel?: string; readonly symbol?: string };
  readonly data?: readonly { readonly system?: string }[];
}

/** Tells market data by their first bytes, and reads the rare other message. What can't be read is left to the mapper. */
export function readNotice(bytes: Uint8Array): KrakenNotice {
  if (startsWith(bytes, CHANNEL)) {
    const letter = bytes[CHANNEL.length]!;
    if (DATA_LETTERS.includes(letter)) return DATA;
    if (letter === HEARTBEAT_LETTER) return OTHER;
  }
  if (bytes.length > LONGEST_NOTICE) return OTHER;
  let wire: Wire;
  try {
    wire = JSON.parse(decoder.decode(bytes)) as Wire;
  } catch {
    return OTHER;
  }
  if (wire === null || typeof wire !== 'object') return OTHER;
  if (wire.channel === 'status') return { kind: 'system', system: wire.data?.[0]?.system ?? 'online' };
  if (wire.channel === 'book' || wire.channel === 'trade' || wire.channel === 'level3') return DATA;
  if (wire.success === false) {
    return { kind: 'refused', symbol: wire.symbol ?? '', words: (wire.error ?? 'no reason given').slice(0, 200) };
  }
  if (wire.success !== true || wire.result?.channel === undefined) return OTHER;
  const { channel, symbol = '' } = wire.result;
  if (wire.method === 'subscribe') return { kind: 'subscribed', channel, symbol };
  return wire.method === 'unsubscribe' ? { kind: 'unsubscribed', channel, symbol } : OTHER;
}

function startsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  if (bytes.length <= head.length) return false;
  for (let at = 0; at < head.length; at++) if (bytes[at] !== head[at]) return false;
  return true;
}

const decoder = new TextDecoder();
