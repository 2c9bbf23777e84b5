import { freeArrays } from '../../base/free.ts';

/** Highest order of linear prediction. Higher orders gain less than 1 % on speech at 24 kHz. */
const LPC_ORDER = 8;
/** Bits of a quantized coefficient, sign included. */
export const LPC_PRECISION = 12;

/** A linear predictor in the integers that FLAC transmits: prediction = (sum of coefficients x past samples) >> shift. */
export interface Predictor {
  /** The nearest past sample's first. */
  readonly coefficients: readonly number[];
  readonly shift: number;
}

/** FLAC's fixed predictors: each order's residual is the difference of the order below (RFC 9639, section 9.2.5). */
export const FIXED_PREDICTORS: readonly Predictor[] = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]].map(
  (coefficients) => ({ coefficients, shift: 0 }),
);

/** Order of the fixed predictor with the smallest sum of residual magnitudes. All orders are tried in one pass. */
export function bestFixedOrder(samples: Int16Array): number {
  const sums = [0, 0, 0, 0, 0];
  const last = [0, 0, 0, 0];
  for (let i = 0; i < samples.length; i++) {
    let difference = samples[i];
    // Starts where every order has enough past samples, so the sums are comparable.
    if (i >= 4) sums[0] += Math.abs(difference);
    for (let order = 1; order <= 4; order++) {
      const next = difference - last[order - 1];
      last[order - 1] = difference;
      difference = next;
      if (i >= 4) sums[order] += Math.abs(difference);
    }
  }
  return samples.length <= 4 ? 0 : sums.indexOf(Math.min(...sums));
}

/** Residual after prediction. The first samples, which have too few past samples, are unchanged. */
export function residualOf(samples: Int16Array, { coefficients, shift }: Predictor): Int32Array {
  const order = coefficients.length;
  const residual = new Int32Array(samples);
  for (let i = order; i < samples.length; i++) {
    let sum = 0;
    for (let j = 0; j < order; j++) sum += coefficients[j] * samples[i - 1 - j];
    residual[i] = samples[i] - (sum >> shift);
  }
  return residual;
}

/**
 * The linear predictor for a block: autocorrelation under a Welch window (a polynomial, so the same in every engine),
 * Levinson-Durbin recursion, coefficients rounded with their error carried over to the next.
 * @returns `undefined` for a block too short or too regular for one.
 */
export function linearPredictor(samples: Int16Array): Predictor | undefined {
  if (samples.length <= 4 * LPC_ORDER) return undefined;
  const correlation = autocorrelation(samples);
  if (correlation[0] === 0) return undefined;
  return quantize(levinsonDurbin(correlation));
}

function autocorrelation(samples: Int16Array): Float64Array {
  const middle = (samples.length - 1) / 2;
  // A loop, because `Float64Array.from` makes an object for each sample.
  const windowed = new Float64Array(samples.length);
  for (let i = 0; i < samples.length; i++)
    windowed[i] = samples[i] * (1 - ((i - middle) / (middle + 1)) ** 2);
  const correlation = new Float64Array(LPC_ORDER + 1);
  for (let lag = 0; lag <= LPC_ORDER; lag++) {
    let sum = 0;
    for (let i = lag; i < windowed.length; i++) sum += windowed[i] * windowed[i - lag];
    correlation[lag] = sum;
  }
  freeArrays(windowed);
  return correlation;
}

/** Solves the normal equations. Stops early when the remaining error is so small that rounding errors would dominate. */
function levinsonDurbin(correlation: Float64Array): number[] {
  let coefficients: number[] = [];
  let error = correlation[0];
  for (let order = 1; order <= LPC_ORDER && error > 1e-9 * correlation[0]; order++) {
    let reflection = correlation[order];
    for (let j = 1; j < order; j++) reflection -= coefficients[j - 1] * correlation[order - j];
    reflection /= error;
    const last = coefficients;
    coefficients = last.map((value, j) => value - reflection * last[order - 2 - j]);
    coefficients.push(reflection);
    error *= 1 - reflection * reflection;
  }
  return coefficients;
}

function quantize(coefficients: readonly number[]): Predictor | undefined {
  const largest = Math.max(...coefficients.map(Math.abs));
  const limit = 2 ** (LPC_PRECISION - 1) - 1;
  let shift = 15;
  while (shift >= 0 && largest * 2 ** shift > limit) shift--;
  if (shift < 0) return undefined;
  let carried = 0;
  const rounded = coefficients.map((value) => {
    const exact = value * 2 ** shift + carried;
    const integer = Math.max(-limit - 1, Math.min(limit, Math.round(exact)));
    carried = exact - integer;
    return integer;
  });
  return { coefficients: rounded, shift };
}
