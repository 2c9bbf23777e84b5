import type { FrameControls } from './controls.ts';

/** Hz that F0 is kept within: lower values are creak, and higher ones are not represented well by a pulse train at this rate. */
const LOWEST = 30;
const HIGHEST = 1200;

const NEPERS_PER_SEMITONE = Math.LN2 / 12;

/**
 * Moves an F0 contour, all in the log domain: first widens it (or narrows it) about its mean, by the voice's factor and by the controls';
 * then shifts it by semitones, or to a stated mean.
 *
 * The voice's factor is global variance compensation (Toda and Tokuda 2007), since a predictor trained on the mean error speaks
 * flatter than the recordings do; a shift in ln F0 is FastSpeech 2's pitch control (Ren et al. 2021, section 2.3).
 * @param f0 [T] Hz, continuous.
 * @param voicing [T] probability; weighs means, so that interpolated stretches don't shift them.
 * @param voiceRange the voice's factor on the deviation; 1 = unchanged.
 * @returns [T] Hz.
 */
export function shapePitch(
  f0: Float32Array,
  voicing: Float32Array,
  voiceRange: number,
  { semitones, range, hz }: Pick<FrameControls, 'semitones' | 'range' | 'hz'>,
): Float32Array {
  const unchanged =
    voiceRange === 1 && semitones.every((x) => x === 0) && range.every((x) => x === 1) && !hz.some(Boolean);
  if (unchanged) return f0;
  const log = Float64Array.from(f0, Math.log);
  const mean = weightedMean(log, voicing, () => true);
  for (let t = 0; t < log.length; t++) log[t] = mean + voiceRange * range[t] * (log[t] - mean);
  const targets = [...new Set(hz)].filter(Boolean).map((target) => {
    return [target, Math.log(target) - weightedMean(log, voicing, (t) => hz[t] === target)] as const;
  });
  const toMean = new Map(targets);
  return Float32Array.from(log, (value, t) => {
    const moved = Math.exp(value + (toMean.get(hz[t]) ?? 0) + NEPERS_PER_SEMITONE * semitones[t]);
    return Math.min(HIGHEST, Math.max(LOWEST, moved));
  });
}

function weightedMean(
  values: Float64Array,
  weights: Float32Array,
  counts: (index: number) => boolean,
): number {
  let sum = 0;
  let weight = 0;
  for (let t = 0; t < values.length; t++) {
    if (!counts(t)) continue;
    const w = weights[t] + 1e-6;
    sum += w * values[t];
    weight += w;
  }
  return weight > 0 ? sum / weight : 0;
}
