/**
 * Elementary functions for hashed paths. `Math.exp`, `log` and `pow` are implementation-defined and differ between
 * engine versions; these are made of + − × ÷ and bit operations only, which IEEE 754 fixes, so their results are the
 * same bits everywhere. Accuracy is about one unit in the last place.
 *
 * Method: Cody & Waite argument reduction (Software Manual for the Elementary Functions, 1980) with ln 2 split in two
 * parts, then the Taylor series on the small remainder.
 */

/** ln 2 in two parts; the high one has its low 32 bits clear, so that k × high is exact for every exponent k. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const TWO_54 = 18014398509481984;

/** Scratch for looking at the bits of a double; holds nothing between calls. */
const bits = new DataView(new ArrayBuffer(8));

/** 2 to an integer power from −1074 to 1023, exact; outside 0 and Infinity. */
export function pow2(exponent: number): number {
  if (exponent > 1023) return Number.POSITIVE_INFINITY;
  if (exponent < -1022) return exponent < -1074 ? 0 : pow2(exponent + 54) / TWO_54;
  bits.setInt32(0, (exponent + 1023) << 20);
  bits.setInt32(4, 0);
  return bits.getFloat64(0);
}

/** e to the power x. Above 709.78 Infinity, below −745.13 zero. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019412) return 0;
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const rest = high - r - low;
  const tail =
    1 / 2 +
    r *
      (1 / 6 +
        r *
          (1 / 24 +
            r *
              (1 / 120 +
                r *
                  (1 / 720 +
                    r *
                      (1 / 5040 +
                        r *
                          (1 / 40320 +
                            r *
                              (1 / 362880 +
                                r *
                                  (1 / 3628800 +
                                    r *
                                      (1 / 39916800 +
                                        r * (1 / 479001600 + r * (1 / 6227020800 + r / 87178291200)))))))))));
  const value = 1 + (r + (rest + rest * r + r * r * tail));
  if (k > 1023) return value * 2 * pow2(k - 1);
  return k < -1022 ? (value * pow2(k + 54)) / TWO_54 : value * pow2(k);
}

/** Natural logarithm: −Infinity at zero, NaN below. */
export function log(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return x;
  let exponent = 0;
  let scaled = x;
  if (x < 2.2250738585072014e-308) {
    scaled = x * TWO_54;
    exponent = -54;
  }
  bits.setFloat64(0, scaled);
  const head = bits.getInt32(0);
  exponent += (head >>> 20) - 1022;
  bits.setInt32(0, (head & 0xfffff) | (1022 << 20));
  let mantissa = bits.getFloat64(0);
  if (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent--;
  }
  // ln(1 + f) = 2 artanh(s) with s = f / (2 + f); 2 s = f − s f keeps the exact f as the leading term.
  const f = mantissa - 1;
  const s = f / (2 + f);
  const z = s * s;
  const series =
    2 *
    z *
    (1 / 3 +
      z *
        (1 / 5 +
          z *
            (1 / 7 +
              z *
                (1 / 9 +
                  z * (1 / 11 + z * (1 / 13 + z * (1 / 15 + z * (1 / 17 + z * (1 / 19 + z * (1 / 21 + z / 23))))))))));
  return exponent * LN2_HIGH - (s * (f - series) - exponent * LN2_LOW - f);
}

/**
 * Standard normal distribution function, absolute error below 1.5e-7: the five-term error function of Abramowitz &
 * Stegun, Handbook of Mathematical Functions, 7.1.26.
 */
export function normalCdf(z: number): number {
  const x = Math.abs(z) * Math.SQRT1_2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - polynomial * exp(-x * x);
  return z < 0 ? (1 - erf) / 2 : (1 + erf) / 2;
}

/** The value as it goes into a hash: every NaN is the one canonical NaN, −0 is 0. */
export function canonical(x: number): number {
  return Number.isNaN(x) ? Number.NaN : x + 0;
}
