import type { JsonRecord } from '../../main/codec/dbn/record-json.ts';
import type { FeatureName } from '../../shared/features.ts';

/** A price level: price in units of 1e-9, size in lots. */
export type Level = readonly [price: number, size: number];

/** Ten (or fewer) levels a side, best first. */
export interface Image {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

interface Print {
  readonly us: number;
  readonly price: number;
  readonly lots: number;
  /** +1 buyer, −1 seller, 0 unknown. */
  readonly sign: number;
  /** Side of the book that it was traded against, for cancel-to-add. */
  readonly against: 'bids' | 'asks' | undefined;
}

/** What one complete event contributed. */
interface Contribution {
  readonly us: number;
  readonly mid: number;
  readonly ofi: number;
  readonly mlofi: number;
  readonly adds: { readonly bids: number; readonly asks: number };
  readonly cancels: { readonly bids: number; readonly asks: number };
}

const SECOND = 1_000_000;
const LEVELS = 10;
/** exp(−45) is far below what is compared. */
const REACH = 45;

/**
 * The features of one instrument worked out the long way: every value is a sum over the list of all events and prints so
 * far, written down from the definitions (Cont, Kukanov, Stoikov 2014 with indicator functions; Xu, Gould, Howison 2018;
 * Barndorff-Nielsen and Shephard 2004), with Math.exp and Math.log, in decimal prices. Nothing is updated incrementally.
 */
export class ReferenceFeatures {
  readonly #levelsShown: number;
  readonly #prints: Print[] = [];
  readonly #events: Contribution[] = [];
  #firstUs = Number.NaN;
  #us = 0;
  #image: Image | undefined;
  #judged: Image | undefined;
  /** Prints since each side last changed; a side changes when an image differs from the one before. */
  #open: Record<'bids' | 'asks', Print[]> = { bids: [], asks: [] };
  #touched = { bids: false, asks: false };

  /** @param levelsShown levels a side that the stream has: 10 or 1 */
  constructor(levelsShown: number) {
    this.#levelsShown = levelsShown;
  }

  print(us: number, price: number, lots: number, sign: number): void {
    this.#stamp(us);
    const bid = this.#image?.bids[0]?.[0] ?? Number.NEGATIVE_INFINITY;
    const ask = this.#image?.asks[0]?.[0] ?? Number.POSITIVE_INFINITY;
    const unknown = price <= bid ? 'bids' : price >= ask ? 'asks' : undefined;
    const against = sign === 1 ? 'asks' : sign === -1 ? 'bids' : unknown;
    const print: Print = { us: this.#us, price, lots, sign, against };
    this.#prints.push(print);
    if (against !== undefined) this.#open[against].push(print);
  }

  /** The book after a record. */
  image(image: Image): void {
    for (const side of ['bids', 'asks'] as const) {
      if (JSON.stringify(image[side]) !== JSON.stringify(this.#image?.[side] ?? [])) this.#touched[side] = true;
    }
    this.#image = image;
  }

  /** A complete event: the book is judged. Gives every feature. */
  judge(us: number): Record<FeatureName, number> {
    this.#stamp(us);
    const image = this.#image ?? { bids: [], asks: [] };
    const before = this.#judged;
    const flow = before === undefined ? { ofi: 0, mlofi: 0 } : orderFlow(before, image);
    const adds = { bids: 0, asks: 0 };
    const cancels = { bids: 0, asks: 0 };
    for (const side of ['bids', 'asks'] as const) {
      if (before === undefined) this.#open[side] = [];
      else if (this.#touched[side]) {
        for (const net of netChanges(side, before[side], image[side], this.#open[side])) {
          adds[side] += Math.max(net, 0);
          cancels[side] += Math.max(-net, 0);
        }
        this.#open[side] = [];
      }
      this.#touched[side] = false;
    }
    this.#judged = image;
    const best = inside(image);
    const mid = best === undefined ? Number.NaN : (best.bid + best.ask) / 2;
    this.#events.push({ us: this.#us, mid, ...flow, adds, cancels });
    return this.#features(image, best, mid);
  }

  #stamp(us: number): void {
    this.#us = Math.max(this.#us, us);
    if (Number.isNaN(this.#firstUs)) this.#firstUs = this.#us;
  }

  #features(image: Image, best: Inside | undefined, mid: number): Record<FeatureName, number> {
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const ofDeep = (value: number) => (this.#levelsShown === 1 ? Number.NaN : value);
    const volume = sum(this.#prints.map(({ lots }) => lots));
    const fast = this.#seenFor(5) ? this.#fading(this.#prints, 5, () => 1 / 5) : Number.NaN;
    const slow = this.#seenFor(300) ? this.#fading(this.#prints, 300, () => 1 / 300) : Number.NaN;
    const cancelToAdd = (side: 'bids' | 'asks') => {
      const added = this.#fading(this.#events, 10, ({ adds }) => adds[side]);
      return added > 0 ? this.#fading(this.#events, 10, ({ cancels }) => cancels[side]) / added : Number.NaN;
    };
    const queue = (levels: number) => (best === undefined ? Number.NaN : queueImbalance(image, levels));
    return {
      mid,
      spread: best === undefined ? Number.NaN : best.ask - best.bid,
      microprice:
        best === undefined
          ? Number.NaN
          : (best.ask * best.bidLots + best.bid * best.askLots) / (best.bidLots + best.askLots),
      qi1: queue(1),
      qi5: ofDeep(queue(5)),
      qi10: ofDeep(queue(10)),
      ofi: sum(this.#events.map(({ ofi }) => ofi)),
      ofi1s: this.#fading(this.#events, 1, ({ ofi }) => ofi),
      ofi5s: this.#fading(this.#events, 5, ({ ofi }) => ofi),
      mlofi: ofDeep(sum(this.#events.map(({ mlofi }) => mlofi))),
      mlofi5s: ofDeep(this.#fading(this.#events, 5, ({ mlofi }) => mlofi)),
      cvd: sum(this.#prints.map(({ sign, lots }) => sign * lots)),
      volume,
      unsidedVolume: sum(this.#prints.filter(({ sign }) => sign === 0).map(({ lots }) => lots)),
      signedVolume5s: this.#fading(this.#prints, 5, ({ sign, lots }) => sign * lots),
      intensityFast: fast,
      intensitySlow: slow,
      intensityRatio: slow > 0 ? fast / slow : Number.NaN,
      ctaBid: cancelToAdd('bids'),
      ctaAsk: cancelToAdd('asks'),
      volatility1m: this.#volatility(),
      vwap: volume > 0 ? sum(this.#prints.map(({ price, lots }) => (price / 1e9) * lots)) / volume : Number.NaN,
    };
  }

  #seenFor(seconds: number): boolean {
    return this.#us - this.#firstUs >= seconds * SECOND;
  }

  /** Σ value · exp(−age / τ) over a list in the order of time. */
  #fading<Item extends { readonly us: number }>(
    items: readonly Item[],
    tauSeconds: number,
    value: (item: Item) => number,
  ): number {
    let total = 0;
    for (let i = items.length - 1; i >= 0; i--) {
      const ages = (this.#us - items[i]!.us) / (tauSeconds * SECOND);
      if (ages > REACH) break;
      total += value(items[i]!) * Math.exp(-ages);
    }
    return total;
  }

  /** √ Σ r² of the last sixty one-second returns; the mid of a full second is the last one before it. */
  #volatility(): number {
    const second = Math.floor(this.#us / SECOND);
    const mids: number[] = [];
    let i = this.#events.length - 1;
    for (let grid = second; mids.length <= 60; grid--) {
      while (i >= 0 && (this.#events[i]!.us >= grid * SECOND || Number.isNaN(this.#events[i]!.mid))) i--;
      if (i < 0) return Number.NaN;
      mids.push(this.#events[i]!.mid);
    }
    let sum = 0;
    for (let k = 0; k < 60; k++) sum += Math.log(mids[k]! / mids[k + 1]!) ** 2;
    return Math.sqrt(sum);
  }
}

interface Inside {
  readonly bid: number;
  readonly ask: number;
  readonly bidLots: number;
  readonly askLots: number;
}

/** The best prices in decimal units; undefined while a side is missing. */
function inside({ bids, asks }: Image): Inside | undefined {
  const [bid, ask] = [bids[0], asks[0]];
  if (bid === undefined || ask === undefined) return undefined;
  return { bid: bid[0] / 1e9, ask: ask[0] / 1e9, bidLots: bid[1], askLots: ask[1] };
}

function queueImbalance({ bids, asks }: Image, levels: number): number {
  const total = (side: readonly Level[]) => side.slice(0, levels).reduce((sum, [, size]) => sum + size, 0);
  return (total(bids) - total(asks)) / (total(bids) + total(asks));
}

function orderFlow(before: Image, after: Image): { ofi: number; mlofi: number } {
  let mlofi = 0;
  let ofi = 0;
  for (let level = 0; level < LEVELS; level++) {
    const [bidBefore, bidLotsBefore] = before.bids[level] ?? [Number.NEGATIVE_INFINITY, 0];
    const [bid, bidLots] = after.bids[level] ?? [Number.NEGATIVE_INFINITY, 0];
    const [askBefore, askLotsBefore] = before.asks[level] ?? [Number.POSITIVE_INFINITY, 0];
    const [ask, askLots] = after.asks[level] ?? [Number.POSITIVE_INFINITY, 0];
    const e =
      (bid >= bidBefore ? bidLots : 0) -
      (bid <= bidBefore ? bidLotsBefore : 0) -
      (ask <= askBefore ? askLots : 0) +
      (ask >= askBefore ? askLotsBefore : 0);
    if (level === 0) ofi = e;
    mlofi += Math.exp(-0.5 * level) * e;
  }
  return { ofi, mlofi };
}

/** Net change of every price of a side that no tenth level hides in either image, prints against it added back. */
function netChanges(
  side: 'bids' | 'asks',
  before: readonly Level[],
  after: readonly Level[],
  prints: readonly Print[],
): number[] {
  const better = (price: number, than: number) => (side === 'bids' ? price >= than : price <= than);
  const worst = [before, after].filter((levels) => levels.length === LEVELS).map((levels) => levels[LEVELS - 1]![0]);
  const visible = new Set([...before, ...after].map(([price]) => price));
  const size = (levels: readonly Level[], price: number) => levels.find((level) => level[0] === price)?.[1] ?? 0;
  return [...visible]
    .filter((price) => worst.every((limit) => better(price, limit)))
    .map((price) => {
      const traded = prints.filter((print) => print.price === price).reduce((sum, { lots }) => sum + lots, 0);
      return size(after, price) - size(before, price) + traded;
    });
}

/** An order as the plain book below keeps it, oldest first. */
interface Order {
  readonly id: string;
  readonly side: string;
  readonly price: number;
  size: number;
}

/** Feeds records, as JSON, of one instrument into reference features. Gives the features where an event is complete. */
export class ReferenceReader {
  readonly features: ReferenceFeatures;
  #orders: Order[] = [];

  constructor(levelsShown: number) {
    this.features = new ReferenceFeatures(levelsShown);
  }

  read(record: JsonRecord): Record<FeatureName, number> | undefined {
    const us = Number(BigInt(String((record['hd'] as JsonRecord)['ts_event'])) / 1_000n);
    const price = nano(record['price']);
    const lots = record['size'] as number;
    if (record['action'] === 'T' && price !== undefined && lots > 0) {
      this.features.print(us, price, lots, record['side'] === 'B' ? 1 : record['side'] === 'A' ? -1 : 0);
    }
    const complete = ((record['flags'] as number) & 128) !== 0;
    if (record['levels'] !== undefined) this.features.image(imageOf(record['levels'] as readonly JsonRecord[]));
    else {
      this.#order(record, price, lots);
      if (complete) this.features.image(this.#book());
    }
    return complete ? this.features.judge(us) : undefined;
  }

  #order(record: JsonRecord, price: number | undefined, lots: number): void {
    const id = String(record['order_id']);
    const at = this.#orders.findIndex((order) => order.id === id);
    const order = this.#orders[at];
    switch (record['action']) {
      case 'R':
        this.#orders = [];
        return;
      case 'A':
        this.#orders.push({ id, side: String(record['side']), price: price!, size: lots });
        return;
      case 'C':
        if (order === undefined) return;
        order.size -= lots;
        if (order.size <= 0) this.#orders.splice(at, 1);
        return;
      case 'M':
        if (at >= 0) this.#orders.splice(at, 1);
        this.#orders.push({ id, side: String(record['side']), price: price!, size: lots });
    }
  }

  #book(): Image {
    const side = (name: string, sign: number): Level[] => {
      const sizes = new Map<number, number>();
      for (const order of this.#orders) {
        if (order.side === name) sizes.set(order.price, (sizes.get(order.price) ?? 0) + order.size);
      }
      return [...sizes].sort(([a], [b]) => sign * (b - a)).slice(0, LEVELS);
    };
    return { bids: side('B', 1), asks: side('A', -1) };
  }
}

function imageOf(levels: readonly JsonRecord[]): Image {
  const side = (name: 'bid' | 'ask'): Level[] =>
    levels.flatMap((level) => {
      const price = nano(level[`${name}_px`]);
      return price === undefined ? [] : [[price, level[`${name}_sz`] as number] as const];
    });
  return { bids: side('bid'), asks: side('ask') };
}

/** Units of 1e-9 of a decimal text with nine decimals. */
function nano(text: unknown): number | undefined {
  return typeof text === 'string' ? Number(text.replace('.', '')) : undefined;
}
