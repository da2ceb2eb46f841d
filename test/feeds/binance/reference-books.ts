import type { FeedFrame } from '../../../main/core/feed-port.ts';

interface Diff {
  readonly U: number;
  readonly u: number;
  readonly b: readonly (readonly [string, string])[];
  readonly a: readonly (readonly [string, string])[];
}

interface Message extends Diff {
  readonly e: string;
  readonly s: string;
  readonly data?: Message;
  readonly lastUpdateId: number;
  readonly bids: Diff['b'];
  readonly asks: Diff['a'];
}

interface State {
  readonly bids: Map<string, string>;
  readonly asks: Map<string, string>;
  lastId: number | undefined;
  waiting: Diff[];
}

/**
 * Books of a frame sequence without holes, the obvious way: JSON.parse and maps of strings. A second opinion on the mapper,
 * with nothing in common with it.
 */
export class ReferenceBooks {
  readonly #states = new Map<string, State>();

  take(frame: FeedFrame): void {
    const json = JSON.parse(new TextDecoder().decode(frame.bytes)) as Message;
    if (frame.kind === 'answer') {
      if (!frame.name.startsWith('depth ')) return;
      const { lastUpdateId, bids, asks } = json;
      const state = this.#state(frame.name.slice('depth '.length));
      if (state.lastId !== undefined) return;
      state.lastId = lastUpdateId;
      this.#apply(state, { U: 0, u: lastUpdateId, b: bids, a: asks });
      for (const diff of state.waiting) this.#diff(state, diff);
      return;
    }
    const data = json.data ?? json;
    if (data.e !== 'depthUpdate') return;
    const state = this.#state(data.s);
    const diff = data;
    if (state.lastId === undefined) state.waiting.push(diff);
    else this.#diff(state, diff);
  }

  lastId(symbol: string): number | undefined {
    return this.#state(symbol).lastId;
  }

  text(symbol: string, levels: number) {
    const { bids, asks } = this.#state(symbol);
    const side = (of: Map<string, string>, sign: number) =>
      [...of].sort(([a], [b]) => sign * (Number(a) - Number(b))).slice(0, levels);
    return { bids: side(bids, -1), asks: side(asks, 1) };
  }

  #diff(state: State, diff: Diff): void {
    if (diff.u <= state.lastId!) return;
    if (diff.U > state.lastId! + 1) throw new Error(`a hole before ${diff.U}`);
    state.lastId = diff.u;
    this.#apply(state, diff);
  }

  #apply(state: State, diff: Diff): void {
    for (const [side, levels] of [
      [state.bids, diff.b],
      [state.asks, diff.a],
    ] as const) {
      for (const [price, size] of levels) {
        if (Number(size) === 0) side.delete(price);
        else side.set(price, size);
      }
    }
  }

  #state(symbol: string): State {
    let state = this.#states.get(symbol);
    if (state === undefined) {
      state = { bids: new Map(), asks: new Map(), lastId: undefined, waiting: [] };
      this.#states.set(symbol, state);
    }
    return state;
  }
}
