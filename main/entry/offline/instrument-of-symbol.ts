import { productOfSymbol } from '../../../shared/instruments.ts';
import type { RecordMapper } from '../../feeds/databento/record-mapper.ts';

/** What a symbol stands for in a DBN stream; several names where that can't be told. */
export type SymbolMeaning =
  | { readonly kind: 'instrument'; readonly venueId: number }
  | { readonly kind: 'unknown'; readonly known: readonly string[] }
  | { readonly kind: 'ambiguous'; readonly among: readonly string[] };

/**
 * The instrument of a symbol as the stream has it so far: the symbol that was asked for (`6E.v.0`), the contract's own
 * (`6EZ6`), or its product (`6E`, `EUR/USD`) where one contract of it is there or a continuous symbol names one.
 */
export function instrumentOfSymbol(mapper: RecordMapper, symbol: string): SymbolMeaning {
  const { contracts } = mapper;
  const asked = contracts.contractOf(symbol) ?? contracts.contractOf(`${symbol}.v.0`);
  if (asked !== undefined) return { kind: 'instrument', venueId: asked.instrumentId };
  const names = new Map<number, string>();
  for (const { instrumentId, rawSymbol } of contracts.entries()) names.set(instrumentId, rawSymbol);
  for (const { venueId, market } of mapper.slots()) names.set(venueId, market.instrument.rawSymbol);
  const matches = [...names].filter(([, rawSymbol]) => {
    const product = productOfSymbol(rawSymbol);
    return rawSymbol === symbol || product?.root === symbol || product?.name === symbol;
  });
  if (matches.length > 1) return { kind: 'ambiguous', among: matches.map(([, rawSymbol]) => rawSymbol) };
  const [match] = matches;
  if (match === undefined) return { kind: 'unknown', known: [...new Set(names.values())] };
  return { kind: 'instrument', venueId: match[0] };
}
