/** Fields of a price item that are subscribed, in this order: https://labs.ig.com/streaming-api-reference. */
export const PRICE_FIELDS = ['BIDPRICE1', 'ASKPRICE1', 'BIDSIZE1', 'ASKSIZE1', 'TIMESTAMP', 'DLG_FLAG'] as const;
/** Place of the dealing flag among them. */
export const FLAG_FIELD = PRICE_FIELDS.indexOf('DLG_FLAG');

/** Data adapter of price items. */
export const PRICE_ADAPTER = 'Pricing';

/** Item of a market's prices for an account. */
export function priceItem(accountId: string, epic: string): string {
  return `PRICE:${accountId}:${epic}`;
}

/** Names of frames that are not updates: details of a market, and updates of one that were left out. */
export const MARKET_ANSWER = 'market ';
export const LEFT_OUT = 'left out ';

const encoder = new TextEncoder();

/**
 * One update of a price item as a line of JSON: epic, whether it is the first one of a subscription, the names of the
 * fields that changed, and the current value of every field (text, or null for none). The vendor's client owns the socket
 * and decodes the protocol, so this is what a capture of IG holds: the decoded update, complete in itself. The account is
 * left out of it.
 */
export function encodePriceUpdate(
  epic: string,
  values: readonly (string | null)[],
  changed: readonly boolean[],
  snapshot: boolean,
): Uint8Array {
  const names = PRICE_FIELDS.filter((_, index) => changed[index]);
  const current = Object.fromEntries(PRICE_FIELDS.map((field, index) => [field, values[index] ?? null]));
  return encoder.encode(JSON.stringify({ epic, snapshot, changed: names, values: current }));
}

/** What IG's dealing flag means for trading; undefined where it says nothing. */
export type FlagMeaning = 'trading' | 'halt' | 'close';

const FLAGS: Readonly<Record<string, FlagMeaning>> = {
  DEAL: 'trading',
  DEALNOEDIT: 'trading',
  CLOSED: 'close',
  // Dealing by telephone, changes and closings only, and auctions: no order of ours is taken.
  CALL: 'halt',
  EDIT: 'halt',
  CLOSINGSONLY: 'halt',
  CLOSINGONLY: 'halt',
  AUCTION: 'halt',
  AUCTIONNOEDIT: 'halt',
  SUSPEND: 'halt',
};

export function meaningOfFlag(flag: string): FlagMeaning | undefined {
  return FLAGS[flag.trim()];
}
