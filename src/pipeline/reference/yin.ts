import { Fft } from './fft.ts';
import { framesOf, HOP, RATE } from './mel.ts';

/** Samples compared, lags tried (24000 / 420 = 57 Hz to 24000 / 60 = 400 Hz), and how unlike two periods may be. */
const WINDOW = 1000;
const MAX_LAG = 420;
const MIN_LAG = 60;
const THRESHOLD = 0.18;
/** Mean square below which nothing is voiced. */
const QUIET = 1e-5;

const SIZE = 2048;
const fft = new Fft(SIZE);

/**
 * Fundamental frequency of each frame by YIN (de Cheveigné and Kawahara 2002: cumulative mean normalised difference, equation 8;
 * first dip below the threshold; parabolic interpolation). Frame t is centred on sample t * HOP + HOP / 2.
 * Equals `yin` of scripts/train/features.py.
 * @param samples mono, 24 kHz, at about the loudness of the training data: what is below -50 dBFS counts as unvoiced.
 * @returns [frames] Hz, 0 where unvoiced.
 */
export function yin(samples: Float32Array, frames = framesOf(samples)): Float32Array {
  const f0 = new Float32Array(frames);
  const segment = new Float64Array(WINDOW + MAX_LAG);
  const difference = new Float64Array(MAX_LAG);
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * HOP + HOP / 2 - WINDOW / 2 - MAX_LAG;
    for (let n = 0; n < segment.length; n++) segment[n] = samples[start + n] ?? 0;
    let power = 0;
    for (let n = MAX_LAG; n < segment.length; n++) power += segment[n] ** 2;
    if (power / WINDOW <= QUIET) continue;
    differences(segment, power, difference);
    const lag = period(difference);
    if (lag > 0) f0[frame] = RATE / lag;
  }
  return f0;
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

/** Lag of the first dip below the threshold, in samples; 0 when there is none. */
function period(difference: Float64Array): number {
  const normal = new Float64Array(MAX_LAG);
  let sum = 0;
  for (let lag = 1; lag < MAX_LAG; lag++) {
    sum += difference[lag];
    normal[lag] = (difference[lag] * lag) / Math.max(sum, 1e-9);
  }
  let lag = MIN_LAG;
  while (lag < MAX_LAG && normal[lag] >= THRESHOLD) lag++;
  if (lag === MAX_LAG) return 0;
  while (lag + 1 < MAX_LAG && normal[lag + 1] < normal[lag]) lag++;
  if (lag === MIN_LAG || lag === MAX_LAG - 1) return lag;
  const [before, at, after] = [normal[lag - 1], normal[lag], normal[lag + 1]];
  const curve = before - 2 * at + after;
  return Math.abs(curve) > 1e-9 ? lag + (0.5 * (before - after)) / curve : lag;
}
