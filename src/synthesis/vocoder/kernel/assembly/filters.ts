import { N, realForward, realInverse } from './fft';
import { cosPi, exp, sinPi } from './math';

// Log magnitudes outside are cut: e^-14 lies below the 16-bit floor, e^8 above any speech.
const FLOOR: f64 = -14.0;
const CEILING: f64 = 8.0;

const BINS: i32 = N / 2 + 1;
const lower = memory.data(513 * 4);
const share = memory.data(513 * 8);
const scratch = memory.data(1026 * 8);
const magnitudes = memory.data(513 * 8);
let bands: i32 = 0;

function mel(hz: f64): f64 {
  return 2595.0 * Math.log10(1.0 + hz / 700.0);
}

/** Says where on the mel-spaced points each bin lies. */
export function setupFilters(rate: f64, points: i32): void {
  bands = points;
  for (let k = 0; k < BINS; k++) {
    const position = (mel((<f64>k * rate) / N) / mel(rate / 2.0)) * <f64>(points - 1);
    const left = min(<i32>position, points - 2);
    store<i32>(lower + (k << 2), left);
    store<f64>(share + (k << 3), position - <f64>left);
  }
}

function logMagnitude(values: usize, k: i32): f64 {
  const at = values + (load<i32>(lower + (k << 2)) << 2);
  const left = <f64>load<f32>(at);
  const value = left + (<f64>load<f32>(at, 4) - left) * load<f64>(share + (k << 3));
  return min(max(value, FLOOR), CEILING);
}

/** Points per filter. */
export function filterBands(): i32 {
  return bands;
}

/** Magnitudes [N/2 + 1] of a zero-phase filter given at its mel-spaced points. */
export function zeroPhase(values: usize): usize {
  for (let k = 0; k < BINS; k++) store<f64>(magnitudes + (k << 3), exp(logMagnitude(values, k)));
  return magnitudes;
}

/**
 * Response [N/2 + 1], interleaved complex, of the minimum-phase filter given at its mel-spaced points, by folding the real
 * cepstrum (Oppenheim and Schafer, Discrete-Time Signal Processing, section 13.5): a pulse through a zero-phase filter would ring
 * before it sounds.
 */
export function minimumPhase(values: usize): usize {
  for (let k = 0; k < BINS; k++) {
    store<f64>(scratch + (k << 4), logMagnitude(values, k));
    store<f64>(scratch + (k << 4), 0, 8);
  }
  realInverse(scratch);
  for (let i = 1; i < N / 2; i++) store<f64>(scratch + (i << 3), 2.0 * load<f64>(scratch + (i << 3)));
  for (let i = N / 2 + 1; i < N; i++) store<f64>(scratch + (i << 3), 0);
  realForward(scratch);
  for (let k = 0; k < BINS; k++) {
    const at = scratch + (k << 4);
    const magnitude = exp(load<f64>(at));
    const phase = load<f64>(at, 8) * (1.0 / Math.PI);
    store<f64>(at, magnitude * cosPi(phase));
    store<f64>(at, magnitude * sinPi(phase), 8);
  }
  return scratch;
}
