import { RTYPE } from '../../codec/dbn/layout.ts';

/** Record types that change a book. */
export const DEPTH_RTYPES: ReadonlySet<number> = new Set([
  RTYPE.MBO,
  RTYPE.MBP_1,
  RTYPE.MBP_10,
  RTYPE.CMBP_1,
  RTYPE.TCBBO,
  RTYPE.BBO_1S,
  RTYPE.BBO_1M,
  RTYPE.CBBO_1S,
  RTYPE.CBBO_1M,
]);
