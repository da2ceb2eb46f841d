import { LiveClock } from '../../main/core/clock/live-clock.ts';
import { Random } from '../../main/core/clock/random.ts';
import { Engine } from '../../main/core/engine.ts';
import {
  type Feed,
  type FeedFrame,
  type FeedOutlet,
  type FeedState,
  FrameError,
  type FrameMapper,
  type Resync,
} from '../../main/core/feed-port.ts';
import { FeatureStage } from '../../main/features/feature-stage.ts';

export interface LiveRig {
  readonly feed: Feed;
  readonly mapper: FrameMapper;
  readonly engine: Engine;
  /** Every state that was told, as `condition: words`. */
  readonly states: string[];
  /** Frames that were taken, for replays. */
  readonly frames: FeedFrame[];
  /** Frames that the mapper refused. */
  readonly refused: string[];
  readonly state: () => FeedState | undefined;
  /** Whether the market of a symbol has a book that is trusted. */
  readonly trusted: (symbol: string) => boolean;
}

/** A feed with its mapper and an engine, as they run live but without a queue between them. */
export function liveRig(
  makeFeed: (surroundings: { clock: LiveClock; random: Random; outlet: FeedOutlet }) => Feed,
  makeMapper: (engine: Engine, resync: Resync) => FrameMapper,
): LiveRig {
  const engine = new Engine({ continuity: 'live' });
  engine.addStage(new FeatureStage());
  const states: string[] = [];
  const frames: FeedFrame[] = [];
  const refused: string[] = [];
  let latest: FeedState | undefined;
  const mapper: FrameMapper = makeMapper(engine, (symbol, why) => feed.resync(symbol, why));
  const feed = makeFeed({
    clock: new LiveClock(),
    random: new Random(3),
    outlet: {
      frame: (frame) => {
        frames.push(frame);
        engine.arrive(frame.localUs);
        try {
          mapper.apply(frame);
        } catch (error) {
          if (!(error instanceof FrameError)) throw error;
          refused.push(error.message);
        }
      },
      state: (state) => {
        latest = state;
        states.push(`${state.condition}: ${state.words}`);
      },
    },
  });
  const trusted = (symbol: string) => {
    const market = engine.markets.find(({ instrument }) => instrument.rawSymbol === symbol);
    return market !== undefined && market.events > 0 && !market.gapped;
  };
  return { feed, mapper, engine, states, frames, refused, state: () => latest, trusted };
}
