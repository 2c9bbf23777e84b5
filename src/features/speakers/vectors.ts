import { resampleWork } from '../../audio/resample.ts';
import { SoriError } from '../../base/errors.ts';
import { inTurns } from '../../base/turns.ts';
import type { ModelInfo } from '../../engine/engine.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import {
  type ErrorRates,
  errorRatesOf,
  meanStyle,
  SAME_VOICE,
  voiceLikeness,
} from '../../synthesis/reference/same-voice.ts';
import { decodeStyleId, encodeStyleId } from '../../synthesis/reference/style-id.ts';
import { modelNamed } from '../speech/index.ts';
import { RATE, readRecording } from '../transcription/index.ts';
import { type AnalysisContext, placeAnalysis, type SentRecording } from '../voices/index.ts';
import type { SpeakerDependencies } from './dependencies.ts';

/** Least likeness of one speaker, for embeddings without a threshold in their manifest. */
const USUAL_THRESHOLD = 0.5;

/** The vector of a recording's speaker. */
export interface SpeakerVector {
  readonly vector: Float32Array;
  readonly seconds: number;
}

/** Compares voices: the style encoder, or a model that the operator has added. */
export interface SpeakerModel {
  /** Id and version; vectors of another can't be compared. */
  readonly name: string;
  /** Likeness from which on two recordings count as of one speaker. */
  readonly threshold: number;
  /** Errors at the threshold, where they were measured. */
  readonly errorRates: (seconds: number) => ErrorRates | undefined;
  /** @throws {SoriError} `invalid_reference`, `unusable_reference`. */
  readonly vector: (recording: SentRecording) => Promise<SpeakerVector>;
  readonly likeness: (a: Float32Array, b: Float32Array) => number;
  readonly mean: (vectors: readonly Float32Array[]) => Float32Array;
  readonly encode: (vector: Float32Array) => string;
  readonly decode: (text: string) => Float32Array;
}

/**
 * Selects the model that compares voices.
 * @param name a model that speaks, for its style encoder, or a speaker embedding; default: the first model's style encoder.
 * @throws {SoriError} `unknown_model`.
 */
export async function speakerModelOf(
  deps: SpeakerDependencies,
  name: string | undefined,
  context: AnalysisContext,
): Promise<SpeakerModel> {
  const { hosted } = deps;
  if (name !== undefined) {
    await hosted?.refresh();
    const manifest = hosted?.list('speaker-embedding').find(({ id }) => id === name);
    if (manifest) return embeddingModel(deps, manifest, context.signal);
  }
  const model = await modelNamed(deps, name, context.signal);
  if (model.styleSize === 0) {
    throw new SoriError('conflicting_parameters', `'${model.id}' makes no styles of recordings.`, {
      param: 'model',
    });
  }
  return styleModel(deps, model, context);
}

function styleModel(deps: SpeakerDependencies, model: ModelInfo, context: AnalysisContext): SpeakerModel {
  const { styleSpace, statistics } = model;
  return {
    name: `${model.id}@${model.version}`,
    threshold: model.voiceThreshold ?? SAME_VOICE,
    errorRates: model.voiceThreshold === undefined ? errorRatesOf : () => undefined,
    async vector(recording) {
      const { style, seconds } = await placeAnalysis(deps, model, [recording], context).analyze(recording);
      return { vector: style, seconds };
    },
    likeness: (a, b) => voiceLikeness(a, b, styleSpace, statistics),
    mean: meanStyle,
    encode: (style) => encodeStyleId(style, styleSpace),
    decode: (text) => decodeStyleId(text, styleSpace),
  };
}

function embeddingModel(
  { hosted }: SpeakerDependencies,
  { id, version, sampleRate = RATE, settings }: ModelManifest,
  signal: AbortSignal,
): SpeakerModel {
  const { threshold } = settings;
  return {
    name: `${id}@${version}`,
    threshold: typeof threshold === 'number' ? threshold : USUAL_THRESHOLD,
    errorRates: () => undefined,
    async vector({ bytes, param }) {
      const recording = await readRecording(bytes, param);
      const samples = await inTurns(resampleWork(recording, RATE, sampleRate), signal);
      const seconds = recording.length / RATE;
      try {
        for await (const { vector } of hosted!.run(
          id,
          'speaker-embedding',
          { samples: samples.slice() },
          signal,
        )) {
          return { vector, seconds };
        }
      } catch (error) {
        if (!(error instanceof SoriError) || error.code !== 'unusable_reference') throw error;
        throw new SoriError(error.code, error.message, { param, cause: error });
      }
      throw new SoriError('model_unavailable', `Model '${id}' gave no vector.`, { param: 'model' });
    },
    likeness: (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0),
    mean(vectors) {
      const sum = meanStyle(vectors);
      const length = Math.hypot(...sum) || 1;
      return sum.map((value) => value / length);
    },
    encode: (vector) => btoa(String.fromCharCode(...new Uint8Array(vector.slice().buffer))),
    decode: (text) => new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer),
  };
}
