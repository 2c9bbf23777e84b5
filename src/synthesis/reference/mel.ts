import { Fft } from '../../base/fft.ts';
import { atOnce, type Work } from '../../base/turns.ts';
import { melCorners } from '../mel-bands.ts';

/** Samples per second, samples per frame, FFT and window length, mel bands: those of the model, as in its training (scripts/train/features.py). */
export const RATE = 24_000;
export const HOP = 300;
export const FFT_SIZE = 1024;
export const MELS = 100;
/** Frames per second. */
export const FRAME_RATE = RATE / HOP;

/** Frames worked on at a stretch: some milliseconds. */
const FRAMES_AT_ONCE = 64;

const MEL_MEAN = -4.5;
/** Nepers that are 1 in what {@link logMel} gives. */
export const MEL_SCALE = 2.2;
const MEL_FLOOR = 1e-4;

/** Hann window of {@link FFT_SIZE}, periodic as torch.hann_window. */
export const WINDOW = Float64Array.from(
  { length: FFT_SIZE },
  (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / FFT_SIZE),
);

const BINS = FFT_SIZE / 2 + 1;
const fft = new Fft(FFT_SIZE);

interface Band {
  readonly first: number;
  readonly weights: Float64Array;
  /** Factor that scales the weights back to triangles of height 1. */
  readonly height: number;
}

/** Log-mel as the networks take it: least power of a band. */
const MODEL_FLOOR = 1e-9;
/** Samples of a window before its frame's own in that mel: frame t is the middle of its window. */
const MODEL_BEFORE = (FFT_SIZE - HOP) / 2;

/** Triangles of unit sum, evenly spaced in mel from 0 to Nyquist, with the bins that are not zero only. */
const BANDS: readonly Band[] = filterbank();

/** Whole frames of a signal. */
export function framesOf(samples: Float32Array): number {
  return Math.floor(samples.length / HOP);
}

/**
 * Magnitude spectra, edges mirrored.
 * @param samples longer than half the window.
 * @param before samples of a window before sample t * HOP. When not given half the window, as `torch.stft(center=True)` does.
 * @param use called with each frame's {@link FFT_SIZE} / 2 + 1 magnitudes, which the next call overwrites.
 */
export function* eachSpectrum(
  samples: Float32Array,
  frames: number,
  use: (magnitudes: Float64Array, frame: number) => void,
  before = FFT_SIZE / 2,
): Work<void> {
  const re = new Float64Array(FFT_SIZE);
  const im = new Float64Array(FFT_SIZE);
  const magnitudes = new Float64Array(BINS);
  for (let frame = 0; frame < frames; frame += 2) {
    if (frame % FRAMES_AT_ONCE === 0 && frame > 0) yield;
    // Two real frames are transformed as one complex one and separated by symmetry.
    windowed(samples, frame * HOP - before, re);
    windowed(samples, (frame + 1) * HOP - before, im);
    fft.transform(re, im);
    for (const second of frame + 1 < frames ? [false, true] : [false]) {
      for (let k = 0; k < BINS; k++) {
        const mirror = (FFT_SIZE - k) % FFT_SIZE;
        const sign = second ? -1 : 1;
        const a = re[k] + sign * re[mirror];
        const b = im[k] - sign * im[mirror];
        magnitudes[k] = Math.sqrt(a * a + b * b) / 2;
      }
      use(magnitudes, frame + Number(second));
    }
  }
}

function windowed(samples: Float32Array, start: number, into: Float64Array): void {
  const last = samples.length - 1;
  for (let n = 0; n < FFT_SIZE; n++) {
    let at = Math.abs(start + n);
    if (at > last) at = 2 * last - at;
    // After the mirrored part there is only the unused second half of a pair.
    into[n] = at >= 0 ? samples[at] * WINDOW[n] : 0;
  }
}

/**
 * Natural logarithm of the mel magnitude, as the networks take it (`log_mel` of scripts/train/sori2/spectra.py).
 * @param samples mono, 24 kHz, longer than half the window.
 * @returns [frames, MELS].
 */
export function* modelMelWork(samples: Float32Array): Work<Float32Array> {
  const frames = framesOf(samples);
  const mel = new Float32Array(frames * MELS);
  const use = (magnitudes: Float64Array, frame: number) => {
    BANDS.forEach(({ first, weights, height }, band) => {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * magnitudes[first + k] ** 2;
      mel[frame * MELS + band] = 0.5 * Math.log(Math.max(sum * height, MODEL_FLOOR));
    });
  };
  yield* eachSpectrum(samples, frames, use, MODEL_BEFORE);
  return mel;
}

/**
 * Log-mel of a signal, normalised for measurements (about zero mean and unit variance over speech at -23 LUFS).
 * @param samples mono, 24 kHz, longer than half the window.
 * @returns [frames, MELS].
 */
export function logMel(samples: Float32Array, frames = framesOf(samples)): Float32Array {
  return atOnce(melWork(samples, frames));
}

/** {@link logMel}, part by part. */
export function* melWork(samples: Float32Array, frames = framesOf(samples)): Work<Float32Array> {
  const mel = new Float32Array(frames * MELS);
  yield* eachSpectrum(samples, frames, (magnitudes, frame) => {
    BANDS.forEach(({ first, weights }, band) => {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * magnitudes[first + k];
      mel[frame * MELS + band] = (Math.log(Math.max(sum, MEL_FLOOR)) - MEL_MEAN) / MEL_SCALE;
    });
  });
  return mel;
}

function filterbank(): Band[] {
  const corners = melCorners(MELS, RATE);
  return Array.from({ length: MELS }, (_, band) => {
    const [low, centre, high] = corners.slice(band, band + 3);
    const weights = Array.from({ length: BINS }, (_, bin) => {
      const hz = (bin * RATE) / FFT_SIZE;
      return Math.max(0, Math.min((hz - low) / (centre - low), (high - hz) / (high - centre)));
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const first = weights.findIndex((weight) => weight > 0);
    const last = weights.findLastIndex((weight) => weight > 0);
    if (first < 0) return { first: 0, weights: new Float64Array(0), height: 0 };
    const kept = weights.slice(first, last + 1).map((weight) => weight / Math.max(sum, 1e-3));
    return { first, weights: Float64Array.from(kept), height: Math.max(sum, 1e-3) };
  });
}
