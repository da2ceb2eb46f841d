/** What a bar's volume counts: lots that traded, or changes of the quote where no trades are seen. */
export type VolumeType = 'real' | 'tick';

/** What a bar's average price is weighed by: `true_vwap` by traded volume, `twap` by the time that quotes stood. */
export type VwapKind = 'true_vwap' | 'twap';

/** The average that bars of a volume type have. */
export function vwapKindOf(volumeType: VolumeType): VwapKind {
  return volumeType === 'real' ? 'true_vwap' : 'twap';
}
