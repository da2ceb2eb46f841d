import { FEATURES, type FeatureName } from '../../../shared/features.ts';

/** Columns of the features table in the order of the vector: `unsidedVolume` is `unsided_volume`. */
export const FEATURE_COLUMNS: readonly string[] = FEATURES.map(({ name }) => featureColumn(name));

/** Column of a feature. */
export function featureColumn(name: FeatureName): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
