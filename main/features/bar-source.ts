import { type VolumeType, type VwapKind, vwapKindOf } from '../../shared/bars.ts';

/** A place where bars of one thing can be had. */
export interface BarCandidate {
  /** Where they come from: `databento`, `ig`, `simulated` … */
  readonly source: string;
  readonly volumeType: VolumeType;
  /** Bars that it has of those asked for. */
  readonly bars: number;
}

/** What was chosen; it stays with the bars and with whatever is computed from them. */
export interface ChosenSource<Candidate extends BarCandidate> {
  readonly candidate: Candidate;
  readonly source: string;
  readonly volumeType: VolumeType;
  readonly vwapKind: VwapKind;
}

/**
 * Where bars are taken from: of the sources with real volume the one that has most of them, when it has at least half of
 * the bars asked for; else of those with tick volume the one that has most. Where there is no other, whatever has any.
 * The first of equals wins. Undefined when nothing has a bar.
 */
export function chooseBarSource<Candidate extends BarCandidate>(
  candidates: readonly Candidate[],
  asked: number,
): ChosenSource<Candidate> | undefined {
  const real = most(candidates, 'real');
  const tick = most(candidates, 'tick');
  const candidate = real !== undefined && real.bars * 2 >= asked ? real : (tick ?? real);
  if (candidate === undefined) return undefined;
  const { source, volumeType } = candidate;
  return { candidate, source, volumeType, vwapKind: vwapKindOf(volumeType) };
}

function most<Candidate extends BarCandidate>(
  candidates: readonly Candidate[],
  volumeType: VolumeType,
): Candidate | undefined {
  let best: Candidate | undefined;
  for (const candidate of candidates) {
    if (candidate.volumeType !== volumeType || candidate.bars === 0) continue;
    if (best === undefined || candidate.bars > best.bars) best = candidate;
  }
  return best;
}
