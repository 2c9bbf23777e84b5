import { integratedLoudness } from '../../audio/loudness.ts';
import { atOnce, type Work } from '../../base/turns.ts';
import { checkClipping, checkLength, checkLevel, checkLikeness, checkSpeech } from './checks.ts';
import { cleanPitch } from './clean-pitch.ts';
import { clippedShare } from './clipping.ts';
import { framePower, logEnergy } from './energy.ts';
import { measureLevels, percentile } from './levels.ts';
import { FRAME_RATE, framesOf, HOP, MELS, melWork, modelMelWork, RATE } from './mel.ts';
import { measureLikeness } from './speech-likeness.ts';
import { measureStatistics } from './statistics.ts';
import { pitchWork } from './track-pitch.ts';
import type { ReferenceAnalysis, ReferenceRecording, StyleStatistics } from './types.ts';

/** Loudness of the training data, LUFS, and its highest peak. */
const LOUDNESS = -23;
const PEAK = 10 ** (-1 / 20);

/**
 * Checks a reference recording and prepares it for the style encoder: silence at the ends trimmed, loudness as in training, log-mel, and
 * the dimensions of the style that are measured.
 * @throws {SoriError} `unusable_reference` when it is too long, too short, silent, clipped, noisy or not speech; the message has the
 *   measured and the required value.
 */
export function analyseReference(recording: ReferenceRecording): ReferenceAnalysis {
  return atOnce(analysisWork(recording));
}

/** {@link analyseReference}, part by part: a minute of recording takes a second and more. */
export function* analysisWork(recording: ReferenceRecording): Work<ReferenceAnalysis> {
  const { samples, clipped = clippedShare(recording.samples) } = recording;
  const seconds = samples.length / RATE;
  checkLength(seconds);
  const power = framePower(samples);
  checkLevel(10 * Math.log10(Math.max(power.length ? percentile(power, 99) : 0, 1e-12)));
  checkClipping(clipped);
  const levels = measureLevels(power);
  const speechSeconds = levels.spoken / FRAME_RATE;
  checkSpeech(speechSeconds);

  const { start, end, snr } = levels;
  const trimmed = atTrainingLoudness(samples.slice(start * HOP, end * HOP));
  const mel = yield* melWork(trimmed);
  const f0 = cleanPitch(yield* pitchWork(trimmed));
  yield;
  const energy = logEnergy(trimmed);
  yield;
  const likeness = measureLikeness(mel, f0, power.subarray(start, end), levels.sounding.subarray(start, end));
  checkLikeness(likeness, snr);
  const seen = yield* modelMelWork(trimmed);
  return {
    mel: { type: 'float32', data: seen, dims: [1, framesOf(trimmed), MELS] },
    statistics: measureStatistics(mel, f0, energy),
    quality: { seconds, speechSeconds, clipped, snr, voiced: likeness.voiced },
  };
}

/**
 * Writes measured statistics over the dimensions of an encoder's style that they define.
 * @param style [S], raw; not changed.
 * @param places the manifest's `style.statistics`.
 */
export function withStatistics(
  style: Float32Array,
  statistics: StyleStatistics,
  places: Readonly<Partial<Record<keyof StyleStatistics, number>>>,
): Float32Array {
  const result = style.slice();
  for (const name of ['pitch', 'pitchRange', 'slope', 'energyRange', 'tilt'] as const) {
    const place = places[name];
    if (place !== undefined) result[place] = statistics[name];
  }
  return result;
}

/** Brings a recording to the loudness of the training data, -23 LUFS, or as near as its peaks allow. */
export function atTrainingLoudness(samples: Float32Array): Float32Array {
  let peak = 0;
  for (const value of samples) peak = Math.max(peak, Math.abs(value));
  const gain = Math.min(10 ** ((LOUDNESS - integratedLoudness(samples, RATE)) / 20), PEAK / peak);
  return samples.map((value) => value * gain);
}
