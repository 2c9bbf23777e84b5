import { Fft } from '../../base/fft.ts';
import { HOP } from './mel.ts';

/** Lags tried, in samples: F0 from 24000 / 420 = 57 Hz to 24000 / 60 = 400 Hz. */
export const MIN_LAG = 60;
export const MAX_LAG = 420;
/** Samples compared. */
const WINDOW = 1000;

const SIZE = 2048;
const fft = new Fft(SIZE);

/** Difference between a frame and itself some samples earlier. */
export interface PeriodDifference {
  /** [MAX_LAG] cumulative mean normalised difference by lag; the next frame overwrites it. */
  readonly normal: Float64Array;
  /** Mean square of the frame's window. */
  readonly power: number;
}

/**
 * YIN's cumulative mean normalised difference (de Cheveigné and Kawahara 2002, equation 8) of each frame; frame t is centred on
 * sample t * HOP + HOP / 2. Equals `period_difference` of scripts/train/features.py.
 * @param samples mono, 24 kHz.
 */
export function* periodDifferences(samples: Float32Array, frames: number): Generator<PeriodDifference> {
  const segment = new Float64Array(WINDOW + MAX_LAG);
  const difference = new Float64Array(MAX_LAG);
  const normal = new Float64Array(MAX_LAG);
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * HOP + HOP / 2 - WINDOW / 2 - MAX_LAG;
    for (let n = 0; n < segment.length; n++) segment[n] = samples[start + n] ?? 0;
    let power = 0;
    for (let n = MAX_LAG; n < segment.length; n++) power += segment[n] ** 2;
    differences(segment, power, difference);
    let sum = 0;
    for (let lag = 1; lag < MAX_LAG; lag++) {
      sum += difference[lag];
      normal[lag] = (difference[lag] * lag) / Math.max(sum, 1e-9);
    }
    yield { normal, power: power / WINDOW };
  }
}

const re = new Float64Array(SIZE);
const im = new Float64Array(SIZE);

/** d(lag) = sum of (tail[n] - segment[n + MAX_LAG - lag])^2, from two energies and a correlation by FFT. */
function differences(segment: Float64Array, tailPower: number, into: Float64Array): void {
  re.fill(0);
  im.fill(0);
  re.set(segment);
  im.set(segment.subarray(MAX_LAG));
  fft.transform(re, im);
  crossSpectrum();
  // The inverse of a Hermitian spectrum is real: with the parts swapped, the result lies in `im`'s place, `re`.
  fft.transform(im, re);
  let power = tailPower;
  for (let lag = 0; lag < MAX_LAG; lag++) {
    const first = MAX_LAG - lag;
    if (lag > 0) power += segment[first] ** 2 - segment[first + WINDOW] ** 2;
    into[lag] = Math.max(0, tailPower + power - (2 * re[first]) / SIZE);
  }
}

/** From the transform of `segment + i tail`, in place: S(k) conj(T(k)). */
function crossSpectrum(): void {
  for (let k = 0; k <= SIZE / 2; k++) {
    const mirror = (SIZE - k) % SIZE;
    const sRe = (re[k] + re[mirror]) / 2;
    const sIm = (im[k] - im[mirror]) / 2;
    const tRe = (im[k] + im[mirror]) / 2;
    const tIm = (re[mirror] - re[k]) / 2;
    const xRe = sRe * tRe + sIm * tIm;
    const xIm = sIm * tRe - sRe * tIm;
    re[k] = xRe;
    im[k] = xIm;
    re[mirror] = xRe;
    im[mirror] = -xIm;
  }
}
