import { z } from 'zod';

/** Answers of IG's REST interface, as far as they are read; whatever else IG adds is let through unread. */

/** Tokens of OAuth: `expires_in` is text in most answers. */
const oauthToken = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: z.coerce.number().positive(),
});

/** POST /session/refresh-token version 1. */
export const refreshedToken = oauthToken;

/** POST /session version 2; its tokens are in the headers. */
export const sessionTwo = z.object({
  currentAccountId: z.string().min(1),
  lightstreamerEndpoint: z.url(),
  currencyIsoCode: z.string().optional(),
  dealingEnabled: z.boolean().optional(),
});

/** POST /session version 3. */
export const sessionThree = z.object({
  accountId: z.string().min(1),
  lightstreamerEndpoint: z.url(),
  oauthToken,
});

/** GET /accounts version 1. */
export const accounts = z.object({
  accounts: z.array(
    z.object({
      accountId: z.string().min(1),
      accountName: z.string(),
      accountType: z.string(),
      status: z.string(),
      preferred: z.boolean(),
      currency: z.string(),
      balance: z
        .object({
          balance: z.number().nullish(),
          deposit: z.number().nullish(),
          profitLoss: z.number().nullish(),
          available: z.number().nullish(),
        })
        .nullish(),
    }),
  ),
});

/** One account that the login may use. */
export type IgAccount = z.infer<typeof accounts>['accounts'][number];

/** GET /operations/application version 1: allowances of the API keys of this login, per minute. */
export const applications = z.array(
  z.object({
    apiKey: z.string().optional(),
    allowanceApplicationOverall: z.number().positive(),
    allowanceAccountOverall: z.number().positive(),
    allowanceAccountTrading: z.number().nonnegative(),
    allowanceAccountHistoricalData: z.number().nonnegative().optional(),
    concurrentSubscriptionsLimit: z.number().positive().nullish(),
  }),
);

/** GET /markets?searchTerm= version 1. */
export const marketSearch = z.object({
  markets: z
    .array(
      z.object({
        epic: z.string().min(1),
        instrumentName: z.string(),
        instrumentType: z.string(),
        expiry: z.string(),
        marketStatus: z.string(),
        streamingPricesAvailable: z.boolean(),
      }),
    )
    .nullable(),
});

export type FoundMarket = NonNullable<z.infer<typeof marketSearch>['markets']>[number];

const distance = z.object({ unit: z.string(), value: z.number().nullable() });

/** GET /markets/{epic} version 3. */
export const marketDetails = z.object({
  instrument: z.object({
    epic: z.string().min(1),
    expiry: z.string(),
    name: z.string(),
    type: z.string(),
    streamingPricesAvailable: z.boolean(),
    currencies: z.array(z.object({ code: z.string(), isDefault: z.boolean() })).nullish(),
    contractSize: z.string().nullish(),
    valueOfOnePip: z.string().nullish(),
    onePipMeans: z.string().nullish(),
    lotSize: z.number().nullish(),
  }),
  dealingRules: z.object({
    minStepDistance: distance.nullish(),
    minDealSize: distance.nullish(),
    minControlledRiskStopDistance: distance.nullish(),
    minNormalStopOrLimitDistance: distance.nullish(),
    maxStopOrLimitDistance: distance.nullish(),
    controlledRiskSpacing: distance.nullish(),
    marketOrderPreference: z.string(),
    trailingStopsPreference: z.string(),
  }),
  snapshot: z.object({
    marketStatus: z.string(),
    decimalPlacesFactor: z.int().min(0).max(9),
    scalingFactor: z.number().positive(),
    bid: z.number().nullish(),
    offer: z.number().nullish(),
  }),
});

export type MarketDetails = z.infer<typeof marketDetails>;
