import type { Manifest } from '../../shards/manifest.ts';
import type { EmotionPart } from './emotion.ts';

const NEPERS_PER_SEMITONE = Math.LN2 / 12;

/** A style that speaks an emotion, and the level that goes with it. */
export interface EmotionalStyle {
  /** [S], raw. */
  readonly style: Float32Array;
  /** dB added to the level of the speech. */
  readonly level: number;
}

/**
 * Speaks an emotion by what it changes: pitch, pitch range, rate and pauses are measured dimensions of a style, which the networks use as what
 * they are, and the level is a gain. Effects grow with the weight, those of several emotions add up; neutral changes nothing.
 * @param style [S], raw; not changed.
 * @param emotion parts of the mix; none when no emotion is stated.
 */
export function applyEmotion(
  { emotions, emotionEffects = {}, style: space }: Pick<Manifest, 'emotions' | 'emotionEffects' | 'style'>,
  style: Float32Array,
  emotion: readonly EmotionPart[] = [],
): EmotionalStyle {
  const effects = emotion.flatMap(({ index, weight }) => {
    const effect = emotionEffects[emotions[index]];
    return effect ? [{ effect, weight }] : [];
  });
  if (effects.length === 0) return { style, level: 0 };
  const { pitch, pitchRange, rate, pauses } = space.statistics;
  const moved = style.slice();
  let level = 0;
  for (const { effect, weight } of effects) {
    moved[pitch] += weight * effect.pitch * NEPERS_PER_SEMITONE;
    moved[pitchRange] *= effect.pitchRange ** weight;
    moved[rate] -= weight * Math.log(effect.rate);
    moved[pauses] += weight * Math.log(effect.pauses);
    level += weight * effect.energy;
  }
  return { style: moved, level };
}
