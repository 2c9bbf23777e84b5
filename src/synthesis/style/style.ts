import { SoriError } from '../../base/errors.ts';
import type { Manifest } from '../../shards/manifest.ts';
import { createRandom, deriveSeed } from '../random.ts';
import type { StageRunner } from '../stages.ts';
import { blendStyles, continueStyle } from './blend.ts';
import { createDenoiser } from './denoiser.ts';
import { applyEmotion } from './emotion-effects.ts';
import { resolveStyleOptions, type StyleOptions, samplesEmotions } from './options.ts';
import { sample } from './sampler.ts';
import type { VoiceStyle } from './voice.ts';

/** Number of the style sampler's noise among what an utterance's seed gives; the refiner and the vocoder draw from others. */
const STYLE_NOISE = 0x57;

/** Request for the style of one utterance. */
export interface StyleRequest {
  /** The reference: a voice, a mix of voices ({@link resolveVoice}) or a style measured from a recording. */
  readonly voice: Pick<VoiceStyle, 'style'>;
  /** Ids in the manifest's phoneme table [P], `^` to `$`. */
  readonly phonemeIds: BigInt64Array;
  /**
   * {@link UtteranceStyle.sampled} of the previous utterance, in long input. Leave it out at the first one, and where voice or emotion
   * change, because the old style would be audible in the new one.
   */
  readonly previous?: Float32Array;
  readonly options: StyleOptions;
  /** The utterance's own seed ({@link deriveSeed} of the request's seed and the utterance's index). */
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** The style of one utterance. */
export interface UtteranceStyle {
  /** [S] raw style vector for all stages. */
  readonly style: Float32Array;
  /** dB that the emotion adds to the level; 0 in a model whose sampler speaks the emotions. */
  readonly level: number;
  /** [S] what was sampled, smoothed by continuity but not blended, without effects of emotions: `previous` of the next utterance. None when nothing was sampled. */
  readonly sampled?: Float32Array;
}

/** Decides how utterances sound. */
export interface StyleSampler {
  /**
   * Draws an utterance's style: samples by diffusion under text, reference and emotion, carries over from the utterance before, blends with
   * the reference. At 0 steps it is the reference itself. Emotions that the sampler does not speak then change the style
   * ({@link applyEmotion}). The same request gives the same vector on every backend, to 1e-4.
   * @throws {SoriError} `invalid_value`, `unknown_emotion`, `conflicting_parameters`; what the stage runner throws; the signal's reason.
   */
  style(request: StyleRequest): Promise<UtteranceStyle>;
}

/** Makes the style sampler of a model. It keeps nothing between calls. */
export function createStyleSampler(manifest: Manifest, stages: StageRunner): StyleSampler {
  const { emotions, style: space, styleSize } = manifest;
  return {
    async style({ voice, phonemeIds, previous, options, seed, signal }) {
      const resolved = resolveStyleOptions(manifest, options);
      const { alpha, beta, steps, sampler, continuity } = resolved;
      mustBeStyle(voice.style, styleSize);
      if (previous) mustBeStyle(previous, styleSize);
      const { emotion } = resolved;
      if (!space.sampler || steps === 0) return applyEmotion(manifest, voice.style, emotion);

      const denoise = createDenoiser(stages, {
        phonemeIds,
        reference: voice.style.map((value, i) => (value - space.mean[i]) / space.scale[i]),
        emotions,
        emotion: samplesEmotions(manifest) ? emotion : undefined,
        embeddingScale: resolved.embeddingScale,
        signal,
      });
      const random = createRandom(deriveSeed(seed, STYLE_NOISE));
      const drawn = await sample(denoise, styleSize, { ...space.sampler, steps, sampler, random });
      for (let i = 0; i < drawn.length; i++) drawn[i] = space.mean[i] + space.scale[i] * drawn[i];
      const sampled = continueStyle(drawn, previous, continuity);
      return { ...applyEmotion(manifest, blendStyles(sampled, voice.style, alpha, beta), emotion), sampled };
    },
  };
}

function mustBeStyle(style: Float32Array, size: number): void {
  if (style.length === size && style.every(Number.isFinite)) return;
  const message = `A style is a vector of ${size} finite numbers; this one has ${style.length}.`;
  throw new SoriError('invalid_style', message, { param: 'style' });
}
