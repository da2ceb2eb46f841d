import type { VendorFinding } from '../../../shared/contract/setup.ts';
import type { Settings } from '../../../shared/settings.ts';
import { type KeyName, VENDOR_INFO, VENDORS, type Vendor } from '../../../shared/vendors.ts';
import { LiveClock } from '../../core/clock/live-clock.ts';
import { Random } from '../../core/clock/random.ts';
import { afterMs } from '../../core/clock/wall-timer.ts';
import type { Feed, FeedFrame, FeedState } from '../../core/feed-port.ts';
import { IG_SITES, IgRest } from '../../feeds/ig/ig-rest.ts';
import { IgSession } from '../../feeds/ig/ig-session.ts';
import { checkInsightSentry } from '../../feeds/insightsentry/connection-check.ts';
import type { FeedKeys } from '../setup/feed-keys.ts';
import { type VenuePlan, venuePlan } from './venues.ts';

/** How long a vendor may take to show that it works. */
const LIMIT_MS = 8_000;
/** How long IG may take to name the account, once its prices have come. */
const ACCOUNT_LIMIT_MS = 3_000;

/** Asks a vendor whether it can be worked with as the settings say. Never fails: what goes wrong is the finding. */
export type CheckVendor = (vendor: Vendor, settings: Settings, keys: FeedKeys) => Promise<VendorFinding>;

/** Asks every vendor, all at once. */
export function checkAllVendors(settings: Settings, keys: FeedKeys): Promise<readonly VendorFinding[]> {
  return Promise.all(VENDORS.map((vendor) => checkVendor(vendor, settings, keys)));
}

/** Tries a vendor with the feed that would run: it connects, logs in, subscribes, and ends with what it has seen. */
export const checkVendor: CheckVendor = async (vendor, settings, keys) => {
  const missing = missingKeys(vendor, settings, keys);
  if (missing.length > 0) {
    return { vendor, state: 'not configured', words: `set ${missing.join(', ')}` };
  }
  const seen = await tryVendor(vendor, settings, keys);
  return {
    vendor,
    state: seen.ok ? 'ok' : 'failing',
    words: seen.ok ? seen.words : whyWords(vendor, seen.words),
  };
};

/** Keys that a vendor cannot do without. */
function missingKeys(vendor: Vendor, settings: Settings, keys: FeedKeys): readonly KeyName[] {
  // Of Kraken, the book by order alone asks for a key.
  if (vendor === 'kraken' && !settings.feeds.kraken.level3) return [];
  return VENDOR_INFO[vendor].keys.filter((name) => keys(name) === undefined);
}

/** What the system's words for a failed connection mean. */
const CODES: readonly (readonly [code: string, words: string])[] = [
  ['ENOTFOUND', 'DNS does not know the name'],
  ['EAI_AGAIN', 'DNS does not answer'],
  ['ECONNREFUSED', 'nothing listens at the address'],
  ['ECONNRESET', 'the other side broke the connection'],
  ['ETIMEDOUT', 'the address does not answer'],
];

/** Why a vendor fails, with the settings to look at where its own words name none. A try has no next attempt. */
function whyWords(vendor: Vendor, words: string): string {
  const meaning = CODES.find(([code]) => words.includes(code));
  const plain = words.replace(/;? ?(next attempt|trying again)( in [\d.]+ m?s)?\.?$/, '');
  const explained = meaning === undefined ? plain : plain.replace(meaning[0], `${meaning[0]}: ${meaning[1]}`);
  return words.includes(`feeds.${vendor}`) ? explained : `${explained} · see feeds.${vendor}`;
}

interface Seen {
  readonly ok: boolean;
  readonly words: string;
}

async function tryVendor(vendor: Vendor, settings: Settings, keys: FeedKeys): Promise<Seen> {
  if (vendor === 'insightsentry') return tryInsightSentry(settings, keys);
  const seen = await tryFeed(venuePlan(vendor, settings, keys));
  // Only after a login that was right: IG counts those that are wrong.
  const account = vendor === 'ig' && seen.ok ? await igAccount(settings, keys) : '';
  return account !== '' ? { ok: true, words: `${account} · ${seen.words}` } : seen;
}

/** The account that IG would be used with, in words; empty where it is not told, since the feed then says why. */
async function igAccount({ feeds }: Settings, keys: FeedKeys): Promise<string> {
  const { environment, url, account } = feeds.ig;
  const clock = new LiveClock();
  const rest = new IgRest({
    baseUrl: url === '' ? IG_SITES[environment] : url,
    apiKey: keys('IG_API_KEY') ?? '',
    clock,
    timeoutMs: ACCOUNT_LIMIT_MS,
    signal: AbortSignal.timeout(ACCOUNT_LIMIT_MS),
  });
  const login = { identifier: keys('IG_IDENTIFIER') ?? '', password: keys('IG_PASSWORD') ?? '' };
  const session = new IgSession({ rest, clock, ...login, ...(account === '' ? {} : { accountId: account }) });
  try {
    await session.login();
    const own = (await session.accounts()).find(({ accountId }) => accountId === session.accountId);
    return own === undefined
      ? ''
      : `account ${own.accountName} (${own.accountType}, ${own.currency}) on ${environment}`;
  } catch {
    return '';
  } finally {
    await session.logout();
  }
}

/** Of calendar and news the key alone is tried: streams are counted by the day. */
function tryInsightSentry({ feeds }: Settings, keys: FeedKeys): Promise<Seen> {
  const { gateway, url, requestsAMinute } = feeds.insightsentry;
  const clock = new LiveClock();
  const random = new Random(clock.nowUs());
  const key = keys('INSIGHTSENTRY_API_KEY') ?? '';
  return checkInsightSentry({ gateway, url, key, requestsAMinute, clock, random }, LIMIT_MS);
}

/** Runs a feed until it is plain how it is, at most for the time limit. */
async function tryFeed(plan: VenuePlan, limitMs = LIMIT_MS): Promise<Seen> {
  const clock = new LiveClock();
  const startUs = clock.nowUs();
  const verdict = Promise.withResolvers<Seen>();
  let firstUs = 0;
  let opened = false;
  let first: FeedState | undefined;
  let last: FeedState | undefined;
  const after = (us: number) => `${Math.round((us - startUs) / 1000)} ms`;
  const frame = ({ kind, localUs }: FeedFrame): void => {
    if (kind === 'lost') return;
    opened = true;
    if (firstUs === 0 && kind !== 'opened') firstUs = localUs;
  };
  const state = (now: FeedState): void => {
    first ??= now;
    last = now;
    switch (now.condition) {
      case 'live':
        verdict.resolve({ ok: true, words: `${now.words} · first message after ${after(firstUs || clock.nowUs())}` });
        return;
      case 'bad-credentials':
      case 'refused':
      case 'quota':
        verdict.resolve({ ok: false, words: now.words });
        return;
      case 'closed':
      case 'backfilling':
        if (opened) verdict.resolve({ ok: true, words: `connected; ${now.words}` });
    }
    // What it says next without ever having been connected is why it is not.
    if (!opened && now.words !== first.words) verdict.resolve({ ok: false, words: now.words });
  };
  const cancel = afterMs(limitMs, () => {
    const words = last === undefined ? 'it said nothing' : last.words;
    verdict.resolve({ ok: opened, words: `${words} · after ${limitMs / 1000} s` });
  });
  let feed: Feed | undefined;
  try {
    feed = plan.makeFeed({ clock, random: new Random(startUs), outlet: { frame, state } });
    feed.start();
    return await verdict.promise;
  } catch (error) {
    return { ok: false, words: (error as Error).message };
  } finally {
    cancel();
    await feed?.stop();
  }
}
