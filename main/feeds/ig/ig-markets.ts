import { crc32 } from 'node:zlib';
import { type Instrument, PRODUCTS, PUBLISHER } from '../../../shared/instruments.ts';
import { NANO } from '../../../shared/units.ts';
import { type FoundMarket, type MarketDetails, marketDetails, marketSearch } from './ig-answers.ts';
import { IgError } from './ig-error.ts';
import type { IgAnswer } from './ig-rest.ts';
import type { IgSession } from './ig-session.ts';

/** A distance from the price, in points (1 / scaling factor of the market) or in percent of the price. */
export interface DealingDistance {
  readonly unit: 'POINTS' | 'PERCENTAGE';
  readonly value: number;
}

/** What IG asks of orders in one market; undefined is what it has not said. */
export interface DealingRules {
  /** Smallest deal, in contracts. */
  readonly minDealSize: number | undefined;
  readonly minStepDistance: DealingDistance | undefined;
  readonly minStopOrLimitDistance: DealingDistance | undefined;
  readonly minGuaranteedStopDistance: DealingDistance | undefined;
  readonly maxStopOrLimitDistance: DealingDistance | undefined;
  readonly marketOrders: boolean;
  readonly trailingStops: boolean;
}

/** One market of IG, as far as quoting and dealing need it. */
export interface IgMarket {
  readonly epic: string;
  /** `-` for an undated CFD, which orders repeat. */
  readonly expiry: string;
  readonly instrument: Instrument;
  readonly rules: DealingRules;
  /** Codes that an order may be in, the default one first. */
  readonly currencies: readonly string[];
  /** One point is 1 / scalingFactor in price units. */
  readonly scalingFactor: number;
  /** Units of the base currency that one contract moves. */
  readonly contractSize: number;
  readonly status: MarketStatus;
}

const MARKET_STATUSES = [
  'CLOSED',
  'EDITS_ONLY',
  'OFFLINE',
  'ON_AUCTION',
  'ON_AUCTION_NO_EDITS',
  'SUSPENDED',
  'TRADEABLE',
] as const;

/** IG's word on a market in REST answers; one that is not documented counts as `OFFLINE`. */
export type MarketStatus = (typeof MARKET_STATUSES)[number];

/** Markets found by their description, `CS.D.EURUSD.CFD.IP`: class, kind, pair, contract, IP. */
const FX_EPIC = /^CS\.D\.([A-Z]{6})\.([A-Z0-9]+)\.IP$/;
/** Contracts of a pair in the order of preference: the standard one, then the mini one. */
const CONTRACTS = ['CFD', 'MINI'];

/** What a market is, from its details. @throws IgError when a price of it could not be told exactly */
export function igMarketOf(details: MarketDetails): IgMarket {
  const { instrument, dealingRules, snapshot } = details;
  const { epic, expiry } = instrument;
  const currencies = [...(instrument.currencies ?? [])].sort((a, b) => Number(b.isDefault) - Number(a.isDefault));
  const contractSize = Number(instrument.contractSize ?? Number.NaN);
  return {
    epic,
    expiry,
    instrument: instrumentOfMarket(details, contractSize, currencies[0]?.code),
    rules: {
      minDealSize: dealingRules.minDealSize?.value ?? undefined,
      minStepDistance: distance(dealingRules.minStepDistance),
      minStopOrLimitDistance: distance(dealingRules.minNormalStopOrLimitDistance),
      minGuaranteedStopDistance: distance(dealingRules.minControlledRiskStopDistance),
      maxStopOrLimitDistance: distance(dealingRules.maxStopOrLimitDistance),
      marketOrders: dealingRules.marketOrderPreference !== 'NOT_AVAILABLE',
      trailingStops: dealingRules.trailingStopsPreference !== 'NOT_AVAILABLE',
    },
    currencies: currencies.map(({ code }) => code),
    scalingFactor: snapshot.scalingFactor,
    contractSize,
    status: MARKET_STATUSES.find((status) => status === snapshot.marketStatus) ?? 'OFFLINE',
  };
}

/**
 * A pair's standard contract goes by the pair's name, every other market by its epic. Only undated contracts are the spot
 * pair that others are compared with: dated ones and bets are quoted in units of their own.
 */
function instrumentOfMarket(details: MarketDetails, contractSize: number, currency: string | undefined): Instrument {
  const { instrument, snapshot } = details;
  const [, pair, contract] = FX_EPIC.exec(instrument.epic) ?? [];
  const product =
    instrument.expiry === '-' ? PRODUCTS.find(({ venue, root }) => venue === 'IG' && root === pair) : undefined;
  const tickNano = NANO / 10 ** snapshot.decimalPlacesFactor;
  return {
    label: product?.name ?? instrument.name,
    rawSymbol: product !== undefined && contract === 'CFD' ? product.root : instrument.epic,
    venue: 'IG',
    publisherId: PUBLISHER.IG,
    venueId: crc32(instrument.epic),
    root: product?.root,
    tickNano,
    tickSource: 'definition',
    multiplier: contractSize > 0 ? contractSize : (product?.multiplier ?? 1),
    lotDecimals: 0,
    quoteCurrency: product?.quoteCurrency ?? currency ?? 'USD',
    pipNano: product?.pipNano ?? NANO / snapshot.scalingFactor,
    calendar: 'fx-spot',
    conflationMs: 0,
    tradeBatchMs: 0,
    indicative: true,
  };
}

function distance(said: MarketDetails['dealingRules']['minStepDistance']): DealingDistance | undefined {
  if (said === undefined || said === null || said.value === null) return undefined;
  return { unit: said.unit === 'PERCENTAGE' ? 'PERCENTAGE' : 'POINTS', value: said.value };
}

/** Details of one market by its epic. @throws IgError */
export function askMarket(session: IgSession, epic: string): Promise<IgAnswer<MarketDetails>> {
  return session.ask({
    what: `market details of ${epic}`,
    method: 'GET',
    path: `/markets/${encodeURIComponent(epic)}`,
    version: 3,
    answer: marketDetails,
    use: 'account',
  });
}

/** Markets whose name or epic holds a term. @throws IgError */
async function searchMarkets(session: IgSession, term: string): Promise<readonly FoundMarket[]> {
  const answer = await session.ask({
    what: `search for ${term}`,
    method: 'GET',
    path: `/markets?searchTerm=${encodeURIComponent(term)}`,
    version: 1,
    answer: marketSearch,
    use: 'account',
  });
  return answer.value.markets ?? [];
}

/**
 * Details of what the trader asked for: an epic as it is, a pair (`EURUSD`, `EUR/USD`) as its standard contract, or as
 * what IG's search has for it where the account does not offer that one.
 * @throws IgError
 */
export async function resolveMarket(session: IgSession, symbol: string): Promise<IgAnswer<MarketDetails>> {
  if (symbol.includes('.')) return askMarket(session, symbol);
  const pair = pairOf(symbol);
  try {
    return await askMarket(session, `CS.D.${pair}.CFD.IP`);
  } catch (error) {
    if (!(error instanceof IgError) || error.kind !== 'not-found') throw error;
    const found = bestOf(pair, await searchMarkets(session, pair));
    if (found !== undefined) return askMarket(session, found.epic);
    const advice = 'Look it up on its platform and put its epic into feeds.ig.symbols';
    throw new IgError('not-found', `${symbol}: IG offers this account no undated contract of it. ${advice}.`);
  }
}

/** `EUR/USD` as `EURUSD`. */
export function pairOf(symbol: string): string {
  return symbol.replace('/', '').toUpperCase();
}

function bestOf(pair: string, markets: readonly FoundMarket[]): FoundMarket | undefined {
  const usable = markets.filter(
    ({ epic, expiry, streamingPricesAvailable }) =>
      streamingPricesAvailable && expiry === '-' && FX_EPIC.exec(epic)?.[1] === pair,
  );
  const rank = ({ epic }: FoundMarket) => {
    const place = CONTRACTS.indexOf(FX_EPIC.exec(epic)?.[2] ?? '');
    return place === -1 ? CONTRACTS.length : place;
  };
  return usable.sort((a, b) => rank(a) - rank(b))[0];
}
