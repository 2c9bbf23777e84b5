import { SoriError } from '../../base/errors.ts';

/** One emotion's part in a mix: its place in the manifest's `emotions`, and its weight. */
export interface EmotionPart {
  readonly index: number;
  /** In (0, 1]; the weights of a mix sum to 1. */
  readonly weight: number;
}

/** Place of the neutral emotion: what a mix is filled up with, and EmoMix's base emotion. */
export const NEUTRAL = 0;

/** Sums above 1 by no more than this are rounding: 0.1 + 0.2 + 0.7. */
const ROUNDING = 1e-6;

/**
 * Converts weights by emotion to a mix whose weights sum to 1. The rest is neutral, so the weight of a single emotion is its intensity
 * (EmoMix, Tang et al. 2023).
 * @param emotions the manifest's, neutral first.
 * @param weights by emotion, each in [0, 1], sum at most 1. An emotion of weight 0 is ignored.
 * @returns parts of positive weight in the manifest's order; never empty.
 * @throws {SoriError} `unknown_emotion`, `invalid_value` (param `emotion`).
 */
export function mixEmotions(
  emotions: readonly string[],
  weights: Readonly<Record<string, number>>,
): readonly EmotionPart[] {
  const mix = new Float64Array(emotions.length);
  let sum = 0;
  for (const [name, weight] of Object.entries(weights)) {
    const index = emotions.indexOf(name);
    if (index < 0) {
      throw new SoriError(
        'unknown_emotion',
        `Unknown emotion '${name}'. There are: ${emotions.join(', ')}.`,
        {
          param: 'emotion',
        },
      );
    }
    if (!(weight >= 0 && weight <= 1))
      throw invalid(`The weight of emotion '${name}' must be from 0 to 1, not ${weight}.`);
    mix[index] = weight;
    sum += weight;
  }
  if (sum > 1 + ROUNDING)
    throw invalid(`The weights of the emotions sum to ${Number(sum.toFixed(6))}; they may sum to at most 1.`);
  mix[NEUTRAL] += Math.max(0, 1 - sum);
  return Array.from(mix, (weight, index) => ({ index, weight })).filter(({ weight }) => weight > ROUNDING);
}

/** One-hot rows [parts, emotions], as the graphs take them. A graph that gets all zeros takes no emotion as stated. */
export function oneHot(emotions: readonly string[], parts: readonly EmotionPart[]): Float32Array {
  const rows = new Float32Array(parts.length * emotions.length);
  for (const [row, { index }] of parts.entries()) rows[row * emotions.length + index] = 1;
  return rows;
}

function invalid(message: string): SoriError {
  return new SoriError('invalid_value', message, { param: 'emotion' });
}
