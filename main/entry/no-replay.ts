import type { ReplayState } from '../../shared/contract/topics.ts';

/** State of the replay bar where nothing is replayed. */
export const NO_REPLAY: ReplayState = {
  id: 'replay',
  active: false,
  file: '',
  playing: false,
  speed: 1,
  startUs: 0,
  endUs: 0,
  nowUs: 0,
  finished: false,
};
