import { percentile } from './levels.ts';
import { FRAME_RATE, MELS } from './mel.ts';
import type { StyleStatistics } from './types.ts';

/** Hz at which `pitch` is 0. */
const REFERENCE_HZ = 160;
/** Units of normalised energy below the 95th percentile down to which a frame is speech. */
const SPEECH_BELOW = 2;
/** Mel bands for the spectral tilt, which all recordings have. */
const TILT_BANDS = [3, 65] as const;
const SLOPE_LIMIT = 0.6;
const SLOPE_FRAMES = 20;
const SLOPE_SECONDS = 0.8;
/** Unvoiced frames after which a new phrase begins: 0.5 s. */
const PHRASE_GAP = Math.round(0.5 * FRAME_RATE);

/**
 * Measures the named dimensions of a style, as scripts/train/features.py does. The slope
 * alone is averaged over phrases: clips hold one, a reference may hold many, and pitch falls within each anew.
 * @param mel [T, 100] normalised log-mel.
 * @param f0 [T] Hz, 0 where unvoiced.
 * @param energy [T] normalised log energy.
 */
export function measureStatistics(
  mel: Float32Array,
  f0: Float32Array,
  energy: Float32Array,
): StyleStatistics {
  const voiced = [...f0.keys()].filter((t) => f0[t] > 0);
  const log = voiced.map((t) => Math.log(f0[t] / REFERENCE_HZ));
  const speech = speechFrames(energy);
  return {
    pitch: mean(log),
    pitchRange: deviation(log),
    slope: phraseSlope(voiced, log),
    energyRange: deviation(speech.map((t) => energy[t])),
    tilt: tilt(mel, speech),
  };
}

function speechFrames(energy: Float32Array): number[] {
  const least = percentile(energy, 95) - SPEECH_BELOW;
  return [...energy.keys()].filter((t) => energy[t] > least);
}

/** Mean over the phrases of their least-squares slopes, each within the limit, weighted by their voiced frames. */
function phraseSlope(voiced: readonly number[], log: readonly number[]): number {
  let [sum, weight] = [0, 0];
  for (let start = 0; start < voiced.length; ) {
    let end = start + 1;
    while (end < voiced.length && voiced[end] - voiced[end - 1] <= PHRASE_GAP) end++;
    const seconds = (voiced[end - 1] - voiced[start]) / FRAME_RATE;
    if (end - start >= SLOPE_FRAMES && seconds >= SLOPE_SECONDS) {
      const times = voiced.slice(start, end).map((t) => t / FRAME_RATE);
      sum += (end - start) * clamp(leastSquares(times, log.slice(start, end)));
      weight += end - start;
    }
    start = end;
  }
  return weight ? sum / weight : 0;
}

/** Slope of the mean spectrum over these bands, with positions from -1 to 1. */
function tilt(mel: Float32Array, frames: readonly number[]): number {
  if (frames.length === 0) return 0;
  const [first, end] = TILT_BANDS;
  const bands = Array.from({ length: end - first }, (_, k) =>
    mean(frames.map((t) => mel[t * MELS + first + k])),
  );
  return leastSquares(
    bands.map((_, k) => -1 + (2 * k) / (bands.length - 1)),
    bands,
  );
}

function leastSquares(x: readonly number[], y: readonly number[]): number {
  const centre = mean(x);
  const squares = x.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return x.reduce((sum, value, i) => sum + (value - centre) * y[i], 0) / squares;
}

function clamp(slope: number): number {
  return Math.max(-SLOPE_LIMIT, Math.min(SLOPE_LIMIT, slope));
}

/** 0 of nothing. */
function mean(values: readonly number[]): number {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
}

/** Of the population. */
function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}
