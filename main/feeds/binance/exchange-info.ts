import { FrameError } from '../../core/feed-port.ts';

/** What the exchange says of a symbol, as it writes it. */
export interface SymbolDefinition {
  /** Price increment: `0.01000000`. */
  readonly tickSize: string;
  /** Size increment: `0.00001000`. */
  readonly stepSize: string;
  readonly quoteAsset: string;
}

/** More than nine decimals can't be held. */
const INCREMENT = /^\d+(\.\d{1,9}0*)?$/;

/**
 * Symbols with their increments from the body of `GET /api/v3/exchangeInfo`.
 * @throws FrameError when it is not such a body; a symbol without the two filters is left out
 */
export function definitionsOf(bytes: Uint8Array): ReadonlyMap<string, SymbolDefinition> {
  const definitions = new Map<string, SymbolDefinition>();
  for (const entry of listOf(fieldOf(parsed(bytes), 'symbols'))) {
    const symbol = fieldOf(entry, 'symbol');
    const quoteAsset = fieldOf(entry, 'quoteAsset');
    const tickSize = increment(entry, 'PRICE_FILTER', 'tickSize');
    const stepSize = increment(entry, 'LOT_SIZE', 'stepSize');
    if (typeof symbol !== 'string' || typeof quoteAsset !== 'string') continue;
    if (tickSize === undefined || stepSize === undefined) continue;
    definitions.set(symbol, { tickSize, stepSize, quoteAsset });
  }
  return definitions;
}

function increment(entry: unknown, filterType: string, name: string): string | undefined {
  const filter = listOf(fieldOf(entry, 'filters')).find((each) => fieldOf(each, 'filterType') === filterType);
  const text = fieldOf(filter, name);
  return typeof text === 'string' && INCREMENT.test(text) && Number(text) > 0 ? text : undefined;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new FrameError('Binance exchangeInfo', 'the body is not JSON');
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new FrameError('Binance exchangeInfo', 'a list is missing');
  return value;
}
